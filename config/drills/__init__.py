"""Long exercises of what must hold, each in a database of its own that is gone afterwards."""

from collections.abc import Callable

from django.core.management.base import OutputWrapper

from config.drills import importing

DRILLS: dict[str, Callable[[OutputWrapper], None]] = {
    "import": importing.run,
}
