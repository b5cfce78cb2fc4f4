"""Long exercises of what must hold, each in a database of its own that is gone afterwards."""

from collections.abc import Callable
from typing import Any

from config.drills import cross, kill

DRILLS: dict[str, Callable[..., Any]] = {
    "cross": cross.run,
    "kill": kill.run,
}
