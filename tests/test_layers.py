"""The layers: imports go one way only, ui → qa → index → models, and importing costs and does nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("models", "index", "qa", "ui")  # lowest first
# models/errors.py knows nothing but words, and recipes of models/training/ make their data with upper layers.
EXEMPT = ("models/training/",)


def modules() -> list[Path]:
    return sorted(
        path
        for layer in LAYERS
        for path in (ROOT / layer).rglob("*.py")
        if not path.relative_to(ROOT).as_posix().startswith(EXEMPT)
    )


def imported_layers(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found & set(LAYERS)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    own = LAYERS.index(path.relative_to(ROOT).parts[0])
    upward = {name for name in imported_layers(path.read_text("utf-8")) if LAYERS.index(name) > own}
    assert not upward, f"{path.relative_to(ROOT)} imports the higher layer(s) {sorted(upward)}"


def test_the_test_itself_sees_an_upward_import() -> None:
    assert imported_layers("def f():\n    from qa.answer import answer\n") == {"qa"}
    assert imported_layers("import ui.cli as cli, json") == {"ui"}


def test_no_package_of_tests_hijacks_a_name() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_top_level_is_the_agreed_one() -> None:
    for name in ("qa", "index", "ui", "models", "tests", "benchmarks", "docs", "Makefile", "README.md"):
        assert (ROOT / name).exists(), name
