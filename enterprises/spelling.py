"""How Chinese names are sorted and typed: full pinyin, and the initials that people search by."""

from functools import lru_cache

FULL_MAX = 400
INITIALS_MAX = 120


@lru_cache(maxsize=4096)
def pinyin(text: str) -> tuple[str, str]:
    """Return (full pinyin, initials) of a name, lower case: 南岗区 -> ("nan gang qu", "ngq")."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  # 0.4 s and much memory: only where a name is written

    full = " ".join(lazy_pinyin(text)).lower()
    initials = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()
    return full[:FULL_MAX], "".join(initials.split())[:INITIALS_MAX]
