"""What the project promises, `docs/requirements.csv`, and which tests say that they would see a promise broken."""

from __future__ import annotations

import ast
import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path("docs", "requirements.csv")
TESTS = Path("tests")
MARK = "requirement"


@dataclass(frozen=True)
class Requirement:
    """One row of the table, and the tests that carry its id."""

    row: Mapping[str, str]
    tests: Sequence[str]

    @property
    def id(self) -> str:
        return self.row["id"]


@dataclass(frozen=True)
class Coverage:
    """The whole table, and the marks that name no row of it, each with the tests that carry it."""

    requirements: Sequence[Requirement]
    unknown: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def covered(self) -> int:
        """How many requirements have at least one test."""
        return sum(bool(requirement.tests) for requirement in self.requirements)


def coverage(root: Path) -> Coverage:
    """Read the table and the marks of the checkout at `root`; no test is run or imported."""
    with (root / TABLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    marks = marked_tests(root)
    known = {row["id"] for row in rows}
    requirements = [Requirement(row, marks.get(row["id"], [])) for row in rows]
    return Coverage(requirements, {name: tests for name, tests in marks.items() if name not in known})


def marked_tests(root: Path) -> dict[str, list[str]]:
    """The tests below `root` by the ids they are marked with: `tests/x.py::test_y`, a class, or a whole file."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((root / TESTS).rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for name, test in _marks(tree, path.relative_to(root).as_posix()):
            if test not in found[name]:
                found[name].append(test)
    return dict(found)


def _marks(node: ast.AST, test: str) -> Iterator[tuple[str, str]]:
    """Every id below `node`, with the innermost test it stands on; a row of parameters counts as its test."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _marks(child, f"{test}::{child.name}")
            continue
        if isinstance(child, ast.Call) and _is_mark(child.func):
            yield from ((_id(argument), test) for argument in child.args)
        yield from _marks(child, test)


def _is_mark(function: ast.expr) -> bool:
    """Whether this is `pytest.mark.requirement`, or `mark.requirement`."""
    return isinstance(function, ast.Attribute) and ast.unparse(function).endswith(f"mark.{MARK}")


def _id(argument: ast.expr) -> str:
    """The id as written; what is no text is no id, and shows as the code it is."""
    is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return str(ast.literal_eval(argument)) if is_text else ast.unparse(argument)
