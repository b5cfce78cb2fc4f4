"""The Chinese catalogue: whole, compiled, faithful to its English, and one term for one word."""

from __future__ import annotations

import ast
import gettext as python_gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

BASE: Path = settings.BASE_DIR
CATALOGUE = BASE / "locale/zh_Hans/LC_MESSAGES/django.po"
NOT_OURS = {".venv", ".local", "node_modules", "tests", "docs", "migrations", "static"}
CALLS = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")
TAG = re.compile(r"</?\w+[^>]*>")
STRING = r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_TEMPLATE = re.compile(rf" n?gettext\(u?{STRING}(?:, u?{STRING}, count)?\) | _\({STRING}\) ")


class Message(NamedTuple):
    context: str
    msgid: str
    plural: str
    chinese: str

    @property
    def key(self) -> str:
        return f"{self.context}\x04{self.msgid}" if self.context else self.msgid


def read_po(text: str) -> Iterator[Message]:
    """The messages of a .po file, in order; each block is comments, keywords and their quoted lines."""
    for block in re.split(r"\n\s*\n", text.strip()):
        words: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            name, _blank, rest = line.partition(" ") if line[0] != '"' else (keyword, "", line)
            keyword = name
            words[name] = words.get(name, "") + ast.literal_eval(rest)
        if "msgid" in words:
            chinese = words.get("msgstr", words.get("msgstr[0]", ""))
            yield Message(words.get("msgctxt", ""), words["msgid"], words.get("msgid_plural", ""), chinese)


@cache
def messages() -> list[Message]:
    """All of the catalogue but its header."""
    return [message for message in read_po(CATALOGUE.read_text("utf-8")) if message.msgid]


def translated() -> list[Message]:
    return [message for message in messages() if message.chinese]


def house_files(pattern: str) -> list[Path]:
    return [path for path in sorted(BASE.rglob(pattern)) if not NOT_OURS & set(path.relative_to(BASE).parts)]


def asked_in_python(source: str) -> Iterator[ast.expr]:
    """The first argument of every call that asks for a translation, by whatever name it was imported."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in CALLS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            kind = names.get(called, called if isinstance(node.func, ast.Attribute) and called in CALLS else "")
            if kind:
                yield node.args[1 if kind.startswith(("p", "np")) else 0]


def asked_in_template(source: str) -> Iterator[str]:
    """What translate, blocktranslate and _() in a template ask for; Django says it in its own notation."""
    for found in IN_TEMPLATE.finditer(templatize(source)):
        yield ast.literal_eval(next(filter(None, found.groups())))


@cache
def asked() -> dict[str, str]:
    """Every English string a user may read, and one file that asks for it."""
    found: dict[str, str] = {}
    for path in house_files("*.py"):
        for argument in asked_in_python(path.read_text("utf-8")):
            assert isinstance(argument, ast.Constant), f"{path}:{argument.lineno}: not a literal"
            found[argument.value] = path.name
    for path in house_files("*.html"):
        found |= dict.fromkeys(asked_in_template(path.read_text("utf-8")), path.name)
    return found


# Whole


def test_every_string_has_its_chinese():
    assert [message.msgid for message in messages() if not message.chinese.strip()] == []


def test_nothing_is_fuzzy_or_left_behind():
    text = CATALOGUE.read_text("utf-8")
    assert not re.search(r"^#,.*\bfuzzy\b", text, re.M)
    assert "#~" not in text


def test_every_string_that_is_asked_for_is_in_the_catalogue():
    known = {message.msgid for message in messages()}
    assert {word: where for word, where in asked().items() if word not in known} == {}


def test_the_catalogue_holds_nothing_that_nobody_asks_for():
    assert [message.msgid for message in messages() if message.msgid not in asked()] == []


def test_the_search_for_strings_sees_them():
    python = "from django.utils.translation import ngettext as n, gettext_lazy as _\n_('a' 'b')\nn('c', 'cs', 1)"
    template = (
        "{% load i18n %}{% translate 'd' %}{% blocktranslate count n=x %}{{ n }} e{% plural %}{{ n }} es"
        "{% endblocktranslate %}{{ x|default:_('f') }}{% blocktranslate with y=x %}g {{ y }}{% endblocktranslate %}"
    )
    assert [node.value for node in asked_in_python(python)] == ["ab", "c"]
    assert list(asked_in_template(template)) == ["d", "%(n)s e", "f", "g %(y)s"]


# Compiled


def test_the_compiled_catalogue_is_this_one():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = dict(python_gettext.GNUTranslations(file)._catalog)
    compiled.pop("")
    assert compiled == {(message.key, 0) if message.plural else message.key: message.chinese for message in messages()}


def test_the_house_s_words_overrule_the_framework_s():
    with translation.override("zh-hans"):
        assert [translation.gettext(word) for word in ("Note", "Add", "Reason", "FoodTrace")] == [
            "备注", "添加", "原因", "食安溯源",
        ]  # fmt: skip


# Faithful


@pytest.mark.parametrize("pattern", [PLACEHOLDER, TAG], ids=["placeholders", "tags"])
def test_what_a_program_reads_is_the_same_in_both(pattern):
    differing = [
        message.msgid
        for message in translated()
        if sorted(pattern.findall(message.plural or message.msgid)) != sorted(pattern.findall(message.chinese))
    ]
    assert differing == []


@pytest.mark.parametrize(("english", "chinese"), [(".", "。"), (":", "："), ("?", "？")])
def test_a_sentence_ends_as_a_sentence(english, chinese):
    ends = [message for message in translated() if message.msgid.endswith(english) and " " in message.msgid]
    assert [message.msgid for message in ends if not message.chinese.endswith((chinese, "%s", ")s", "。"))] == []


def test_chinese_has_chinese_punctuation():
    between = re.compile(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]")
    assert [message.chinese for message in translated() if between.search(PLACEHOLDER.sub("", message.chinese))] == []


# One term for one word


def test_no_english_has_two_chinese_forms():
    forms: dict[tuple[str, str], set[str]] = {}
    for message in translated():
        forms.setdefault((message.context, message.msgid.lower()), set()).add(message.chinese)
    assert {key: found for key, found in forms.items() if len(found) > 1} == {}
    keys = [message.key for message in translated()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("lot numbers?", "批号"), ("barcodes?", "条码"), ("self-made codes?", "自编码"), ("item numbers?", "货号"),
        ("made on|production date", "生产日期"), ("best.before", "保质期"), ("shelf life", "保质期"),
        ("purchase ledgers?", "进货台账"), ("sales ledgers?", "销货台账"), ("suppliers?", "供应商"),
        ("customers?", "客户"), ("partners?", "往来单位|对方"), ("drafts?", "草稿"), ("vouchers?", "凭证"),
        ("revers(e|es|ed|al|ing)", "红冲"), ("difference papers?", "差异单"), ("acknowledge(d|ment)?", "认可"),
        ("jurisdiction", "辖区"), ("station", "监管所"), ("authorit(y|ies)", "监管机构"), ("officers?", "监管人员"),
        ("licen[cs]es?", "证照|许可证|执照"), ("claims?", "认领"), ("enterprises?", "主体|单位"),
        ("traced?", "追溯"), ("on hold|held", "封存"), ("makers?", "生产者"), ("sellers?", "销售方"),
        ("buyers?", "购买方"), ("specification", "规格"), ("regions?", "地区"),
    ],
)  # fmt: skip
def test_a_word_of_the_trade_has_its_term(english, chinese):
    word, term = re.compile(rf"\b({english})\b", re.I), re.compile(chinese)
    spoken = [message for message in translated() if word.search(PLACEHOLDER.sub("", message.msgid))]
    assert spoken
    assert {message.msgid: message.chinese for message in spoken if not term.search(message.chinese)} == {}
