"""What is installed: the wheel holds everything, every import is declared, every command is documented."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import typer

from ui.cli import app

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("index", "models", "qa", "ui")
LEFT_OUT = {"__pycache__", ".DS_Store"}


def sources() -> list[Path]:
    """The sources, without what Python and tools leave behind."""
    return sorted(
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts) and path.suffix != ".pyc"
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel built from a copy of the tree."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, copy / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(copy / "dist"), str(copy)], check=True, capture_output=True)
    (built,) = (copy / "dist").glob("hoibao-*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_the_wheel_holds_every_file_of_the_packages(wheel: list[str]) -> None:
    missing = [
        str(path.relative_to(ROOT)) for path in sources() if path.relative_to(ROOT).as_posix() not in wheel
    ]
    assert not missing, "add a line to [tool.setuptools] in pyproject.toml"


def test_the_wheel_holds_weights_samples_tables_and_the_chat(wheel: list[str]) -> None:
    for start in (
        "models/weights/",
        "index/samples/",
        "index/data/",
        "qa/data/",
        "ui/static/",
        "ui/.streamlit/",
    ):
        assert any(name.startswith(start) for name in wheel), start
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_the_wheel_holds_nothing_else(wheel: list[str]) -> None:
    strangers = [name for name in wheel if not name.startswith(tuple(f"{name}/" for name in PACKAGES))]
    assert all(re.match(r"hoibao-[^/]+\.dist-info/", name) for name in strangers), strangers
    assert not [name for name in wheel if name.endswith((".pyc", ".gguf"))]


def test_every_folder_with_python_is_a_listed_package() -> None:
    folders = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for path in sources()
        if path.suffix == ".py"
    }
    assert folders == set(PROJECT["tool"]["setuptools"]["packages"])


def declared() -> set[str]:
    lines = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        lines += extra
    return {re.split(r"[\[<>=!~ ;]", line, maxsplit=1)[0].lower().replace("_", "-") for line in lines}


# What an import of a package's own dependency is allowed to come from: it is part of the other's interface.
BROUGHT_ALONG = {"langchain-core": "langchain", "starlette": "fastapi", "pydantic": "langchain"}


def test_every_import_is_declared() -> None:
    providers = metadata.packages_distributions()
    unknown: dict[str, str] = {}
    for path in sources():
        if path.suffix != ".py" or "training" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom) and node.module and not node.level
                else []
            )
            for name in names:
                top = name.split(".")[0]
                if top in PACKAGES or top in sys.stdlib_module_names:
                    continue
                found = {item.lower().replace("_", "-") for item in providers.get(top, [top])}
                found |= {BROUGHT_ALONG[item] for item in found if item in BROUGHT_ALONG}
                if not found & declared():
                    unknown[top] = str(path.relative_to(ROOT))
    assert not unknown, f"imported, but not in pyproject.toml: {unknown}"


def commands() -> list[str]:
    """Every command as it is typed: "add", "models pull", …"""
    found: list[str] = []

    def walk(group: object, prefix: str) -> None:
        for name, command in getattr(group, "commands", {}).items():
            if getattr(command, "commands", None):
                walk(command, f"{prefix}{name} ")
            else:
                found.append(f"{prefix}{name}")

    walk(typer.main.get_command(app), "")
    return found


@pytest.mark.parametrize("readme", ["README.md", "README.vi.md"])
def test_every_command_is_documented(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert len(commands()) >= 9
    missing = [name for name in commands() if f"hoibao {name}" not in text]
    assert not missing


@pytest.mark.parametrize("readme", ["README.md", "README.vi.md"])
def test_what_the_documents_link_to_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / target).exists(), target


def test_the_python_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text(
        "date 2025-10-02\nPhường Tây Nam có 900 đảng viên. Phường Tân Hiệp có 1.200 đảng viên.",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert "900" in names["first"].text  # type: ignore[attr-defined]
    assert "1.200" in names["second"].text  # type: ignore[attr-defined]


def test_nothing_that_installs_names_a_host() -> None:
    for name in ("pyproject.toml", "Makefile", ".ci/run"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name


def test_ci_runs_what_the_readme_says() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8").split("##")[0]
