"""What a drill has found: figures for whoever reads on, and every fault in a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.management.base import CommandError, OutputWrapper


@dataclass(frozen=True)
class Findings:
    """One run of a drill: its name, what was counted and measured, and what should not have been."""

    drill: str
    figures: Mapping[str, object]
    faults: Sequence[str]

    def tell(self, stdout: OutputWrapper) -> None:
        """Print all of it as one line of JSON. Raises CommandError where there is a fault."""
        stdout.write(json.dumps({"drill": self.drill, **self.figures, "faults": list(self.faults)}, ensure_ascii=False))
        if self.faults:
            raise CommandError(f"The drill {self.drill} found {len(self.faults)} faults; the first: {self.faults[0]}")
