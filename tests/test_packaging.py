"""What is installed: the wheel holds everything, every import is declared, every command is documented."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ui.cli import app
from ui.ingest import copy_samples, sample_files

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
READMES = ("README.md", "README.vi.md")
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


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_documented(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert len(commands()) >= 9
    missing = [name for name in commands() if f"hoibao {name}" not in text]
    assert not missing


@pytest.mark.parametrize("readme", READMES)
def test_what_the_documents_link_to_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("readme", READMES)
def test_the_python_example_runs_and_prints_what_is_printed(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    copy_samples(tmp_path / "articles")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, readme, "exec"), {})
    assert capsys.readouterr().out.endswith(printed)


@pytest.mark.parametrize("readme", READMES)
def test_the_answers_that_are_printed_are_those_of_the_program(readme: str, tmp_path: Path) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    runner, library = CliRunner(), str(tmp_path / "tv")
    assert runner.invoke(app, ["samples", "--library", library, "--quiet"]).exit_code == 0
    asked = re.findall(
        r"^    (?:make ask q=|hoibao ask --library samples )(.*)\n((?:    # .*\n)+)", text, re.MULTILINE
    )
    assert len(asked) >= 2
    for command, answers in asked:
        result = runner.invoke(app, ["ask", "--library", library, *shlex.split(command), "--json"])
        assert result.exit_code == 0
        found = json.loads(result.stdout)
        lines = [answer["text"] for answer in (found if isinstance(found, list) else [found])]
        assert lines == [line.removeprefix("    # ") for line in answers.splitlines()]


def test_examples_speak_of_the_sample_articles() -> None:
    samples = " ".join(path.read_text(encoding="utf-8") for path in sample_files())
    for name in ("README.md", "README.vi.md", "Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for place in re.findall(r"[Pp]hường ((?:[A-ZĐ]\w+ ?){2})", text):
            assert place.strip() in samples, f"{name}: {place}"


def test_nothing_that_installs_names_a_host() -> None:
    for name in ("pyproject.toml", "Makefile", ".ci/run"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name


def test_ci_runs_what_the_readme_says() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8").split("##")[0]
