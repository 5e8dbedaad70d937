"""`hoibao models …` as people run it: texts, exit statuses, one archive for a machine without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import gguf_builder
import pytest
from hub_server import running_hub
from typer.testing import CliRunner

from index import Library
from index.generation import writer_lock
from models.archive import pack, unpack
from models.errors import ModelDamaged, ModelError
from qa.settings import Settings
from ui.cli_models import models_app

RUN = "from ui.cli_models import models_app; models_app()"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_builder.build(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOIBAO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(models_app, [*arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_add_use_list_check_remove(home: Path, tiny: Path) -> None:
    assert "Đã thêm mine" in run("add", str(tiny), "--name", "mine", "-q")
    run("use", "mine")
    assert Settings.load().model == "mine"
    assert "▶ mine" in run("list")
    rows = json.loads(run("list", "--json"))
    assert rows[0]["name"] == "mine" and rows[0]["used"] and any(not row["present"] for row in rows)
    assert "nguyên vẹn" in run("check", "-q")
    run("remove", "mine")
    assert Settings.load().model == ""
    assert "Chưa có mô hình nào" in run("list")


def test_use_none_goes_back_to_extracting(home: Path, tiny: Path) -> None:
    run("add", str(tiny), "-q")
    run("use", "tiny")
    run("use", "none")
    assert Settings.load().model == ""


def test_errors_name_the_repair(home: Path, tmp_path: Path, tiny: Path) -> None:
    photo = tmp_path / "photo.gguf"
    photo.write_bytes(b"\xff\xd8" + bytes(3000))
    assert "GGUF" in run("add", str(photo), code=1)
    assert "hoibao models pull qwen3-0.6b" in run("use", "qwen3-0.6b", code=1)
    run("add", str(tiny), "-q")
    model = next((home / "models").rglob("tiny.gguf"))
    model.write_bytes(model.read_bytes()[:-50] + bytes(50))
    assert "SHA-256" in run("check", "-q", code=1)


def test_licence_comes_first_and_no_means_no(home: Path) -> None:
    result = CliRunner().invoke(models_app, ["pull", "gemma3-4b", "--force"], input="n\n")
    assert result.exit_code == 1
    assert "ai.google.dev/gemma/terms" in result.output and not home.exists()


def test_pull_in_a_process_of_its_own(home: Path, tiny: Path) -> None:
    """The real command with the hub's own variables: licence, progress, the model in its place."""
    with running_hub() as hub:
        hub.add("hoibao/tiny-GGUF", "tiny.gguf", tiny.read_bytes())
        environment = {
            **os.environ,
            "HF_ENDPOINT": hub.endpoint, "HF_HUB_OFFLINE": "0", "NO_COLOR": "1",
            "PYTHONPATH": str(Path.cwd()),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", RUN, "pull", "hoibao/tiny-GGUF/tiny.gguf", "--yes"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Giấy phép" in done.stderr and "SHA-256 đúng" in done.stdout
        assert {request[0] for request in hub.requests} <= {"GET", "HEAD"}
    assert "tiny" in run("list")


def library(home: Path, name: str) -> Path:
    folder = home / "libraries" / name
    (folder / "gen-1").mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (folder / "gen-1" / "dense.faiss").write_bytes(os.urandom(60_000))
    (folder / "write.lock").write_text("")
    return folder


def test_export_and_import_one_archive(
    home: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", str(tiny), "--name", "mine", "-q")
    run("use", "mine")
    text = tmp_path / "tin.txt"
    text.write_text("Phường Mai Lâm có 1.204 đảng viên.\n", encoding="utf-8")
    with Library.open(home / "libraries" / "tin", create=True) as made:
        made.add([text])
    archive = tmp_path / "usb.tar"
    assert "3 mục" in run("export", str(archive), "-q")
    monkeypatch.setenv("HOIBAO_HOME", str(tmp_path / "other"))
    output = run("import", str(archive), "-q")
    assert "libraries/tin" in output and "models/mine" in output
    assert Settings.load().model == "mine"
    copy = tmp_path / "other" / "libraries" / "tin"
    with Library.open(copy) as opened:
        opened.verify()
        assert opened.search("Mai Lâm có bao nhiêu đảng viên?")
    assert "nguyên vẹn" in run("check", "-q")
    assert "--replace" in run("import", str(archive), "-q", code=1)
    (copy / "CURRENT").write_bytes(b"old")
    run("import", str(archive), "-q", "--replace")
    with Library.open(copy) as opened:
        assert len(opened) == 1
    assert not list((tmp_path / "other").glob(".import*"))


def test_a_library_that_is_written_to_is_not_exported(home: Path, tmp_path: Path) -> None:
    with Library.open(home / "libraries" / "tin", create=True):
        pass
    with writer_lock(home / "libraries" / "tin"):
        run("export", str(tmp_path / "x.tar"), "-q", code=1)
    assert "1 mục" in run("export", str(tmp_path / "x.tar"), "-q")


def test_export_of_nothing_and_onto_something(home: Path, tmp_path: Path, tiny: Path) -> None:
    run("export", str(tmp_path / "x.tar"), "-q", code=1)
    run("add", str(tiny), "-q")
    (tmp_path / "there.tar").write_text("mine")
    run("export", str(tmp_path / "there.tar"), "-q", code=1)
    assert (tmp_path / "there.tar").read_text() == "mine"
    run("export", str(tmp_path / "x.tar"), "-q", "--library", "none", code=1)


@pytest.mark.parametrize("damage", ["cut", "flip", "foreign", "empty"])
def test_damaged_archive_changes_nothing(home: Path, tmp_path: Path, damage: str) -> None:
    library(home, "tin")
    archive = tmp_path / "usb.tar"
    pack(archive, home, ["libraries/tin"])
    whole = archive.read_bytes()
    at = len(whole) // 2
    content = {
        "cut": whole[:at],
        "flip": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
        "foreign": b"PK" + bytes(4000),
        "empty": b"",
    }[damage]
    archive.write_bytes(content)
    target = tmp_path / "other"
    with pytest.raises(ModelDamaged):
        unpack(archive, target)
    assert not list(target.rglob("*"))


@pytest.mark.parametrize("name", ["../evil", "libraries/../../evil", "/etc/evil", "evil"])
def test_archive_cannot_write_elsewhere(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    library(home, "tin")
    archive = tmp_path / "usb.tar"
    pack(archive, home, ["libraries/tin"])
    forged = tmp_path / "forged.tar"
    with tarfile.open(archive) as old, tarfile.open(forged, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            assert content is not None
            data = content.read()
            if member.name == "hoibao-archive.json":
                data = data.replace(b"libraries/tin/manifest.json", name.encode())
                member.size = len(data)
            elif member.name.endswith("manifest.json"):
                member.name = name
            from io import BytesIO

            new.addfile(member, BytesIO(data))
    with pytest.raises((ModelDamaged, ModelError)):
        unpack(forged, tmp_path / "target")
    assert not (tmp_path / "evil").exists() and not list((tmp_path / "target").rglob("*"))
