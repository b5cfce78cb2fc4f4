"""Long exercises of what must hold whatever happens, by name."""

from collections.abc import Callable
from typing import Any

from config.drills import cross, importing, kill

DRILLS: dict[str, Callable[..., Any]] = {
    "cross": cross.run,
    "import": importing.run,
    "kill": kill.run,
}
