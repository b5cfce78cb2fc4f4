"""How the public sees the name of a party: enough to compare it with the paper in hand, too little to learn it."""

from __future__ import annotations

SHORT = 6  # a name of fewer characters would be told by its first and last two


def masked(name: str, *, is_person: bool) -> str:
    """哈尔滨示例公司 -> 哈尔**公司, a short name 北谷**行; of a natural person only the first character: 李*."""
    name = name.strip()
    if is_person or len(name) < 3:
        return f"{name[:1]}*"
    kept = 2 if len(name) >= SHORT else 1
    return f"{name[:kept]}**{name[-kept:]}"
