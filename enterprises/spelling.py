"""How Chinese names are sorted and typed: full pinyin, and the initials that people search by."""

from functools import lru_cache

FULL_MAX = 400
INITIALS_MAX = 120
FOREIGN = "\0"  # marks what is no Chinese: it has no initial, it stays whole


@lru_cache(maxsize=4096)
def pinyin(text: str) -> tuple[str, str]:
    """Return (full pinyin, initials) of a name, lower case: 南岗区 -> ("nan gang qu", "ngq")."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # 0.4 s and much memory: only where a name is written

    parts = lazy_pinyin(text, errors=lambda foreign: FOREIGN + foreign)
    full = " ".join(part.removeprefix(FOREIGN) for part in parts).lower()
    initials = "".join(part[1:] if part.startswith(FOREIGN) else part[0] for part in parts).lower()
    return full[:FULL_MAX], "".join(initials.split())[:INITIALS_MAX]
