"""Files of papers on their way into the books, and the programs that may ask the JSON API."""

from exchange.models.clients import ApiClient, ApiScope
from exchange.models.imports import (
    ImportedDocument,
    ImportFile,
    ImportMapping,
    ImportProblem,
    ImportRun,
    Kind,
    OwnBusinessQuerySet,
)

__all__ = [
    "ApiClient", "ApiScope", "ImportFile", "ImportMapping", "ImportProblem", "ImportRun", "ImportedDocument", "Kind",
    "OwnBusinessQuerySet",
]  # fmt: skip
