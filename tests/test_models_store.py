"""The store of models, against a real server on the loopback that speaks the hub's protocol."""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import gguf_builder
import pytest
from hub_server import Hub, running_hub

from models import catalog, download
from models.download import sha256_of
from models.errors import DownloadError, ModelDamaged, ModelError, ModelNotFound, ModelTooLarge
from models.llm import LlamaChat
from models.store import ModelStore

REPOSITORY = "hoibao/tiny-GGUF"
BLOCK = 1000


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_builder.build(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture
def hub(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    # The client writes in blocks of 10 MB; the files here are smaller.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", BLOCK)
    with running_hub() as server:
        digest = server.add(REPOSITORY, "tiny.gguf", tiny.read_bytes())
        entry = dataclasses.replace(
            catalog.CATALOG[0],
            name="tiny", repository=REPOSITORY, file="tiny.gguf", size=tiny.stat().st_size, sha256=digest,
        )  # fmt: skip
        monkeypatch.setattr(catalog, "CATALOG", (entry, *catalog.CATALOG))
        yield server


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "home" / "models")


def test_pull_and_run(hub: Hub, store: ModelStore, tiny: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    model = store.pull("TINY", endpoint=hub.endpoint, progress=lambda *step: seen.append(step))
    assert model.path.read_bytes() == tiny.read_bytes()
    assert seen[-1] == ("tiny.gguf", tiny.stat().st_size, tiny.stat().st_size)
    assert store.models() == [model] and model.licence == "Apache-2.0"
    assert store.find("tiny") == model.path
    with LlamaChat(path=store.find("tiny")) as chat:
        assert chat.invoke("Chào", max_tokens=4).content
    with pytest.raises(ModelError, match="đã có"):
        store.pull("tiny", endpoint=hub.endpoint)


def test_any_file_of_the_hub(hub: Hub, store: ModelStore) -> None:
    model = store.pull(f"{REPOSITORY}/tiny.gguf", endpoint=hub.endpoint)
    assert model.files[0].sha256 == sha256_of(model.path)


def test_cut_connections_resume_within_a_pull(hub: Hub, store: ModelStore, tiny: Path) -> None:
    hub.cut_after = [100_000, 50_000, 1]
    model = store.pull("tiny", endpoint=hub.endpoint)
    assert model.path.read_bytes() == tiny.read_bytes()
    assert hub.served < tiny.stat().st_size + 3 * BLOCK  # only unfinished blocks came twice


def test_pull_after_a_broken_pull_goes_on(hub: Hub, store: ModelStore, tiny: Path) -> None:
    hub.cut_after = [200_000, *[0] * 20]
    with pytest.raises(DownloadError, match="Chạy lại"):
        store.pull("tiny", endpoint=hub.endpoint)
    assert store.models() == []
    hub.cut_after = []
    seen: list[int] = []
    model = store.pull("tiny", endpoint=hub.endpoint, progress=lambda name, done, total: seen.append(done))
    assert model.path.read_bytes() == tiny.read_bytes()
    assert hub.served < tiny.stat().st_size + 2 * BLOCK and seen[0] >= 200_000


def test_server_without_ranges(hub: Hub, store: ModelStore, tiny: Path) -> None:
    hub.cut_after, hub.ignore_range = [200_000], True
    assert store.pull("tiny", endpoint=hub.endpoint).path.read_bytes() == tiny.read_bytes()


def test_wrong_bytes_are_refused_and_removed(hub: Hub, store: ModelStore) -> None:
    hub.corrupt = True
    with pytest.raises(ModelDamaged, match="SHA-256"):
        store.pull("tiny", endpoint=hub.endpoint)
    assert store.models() == [] and not list(store.root.rglob("*.gguf*"))
    hub.corrupt = False
    assert store.pull("tiny", endpoint=hub.endpoint)


def test_changed_publication_is_refused_before_pulling(hub: Hub, store: ModelStore) -> None:
    hub.claimed["tiny.gguf"] = "0" * 64
    with pytest.raises(ModelDamaged, match="không còn là tệp"):
        store.pull("tiny", endpoint=hub.endpoint)
    assert hub.served == 0


def test_disk_too_small_is_said_before(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda place: usage)
    with pytest.raises(ModelTooLarge, match="chỗ trống"):
        store.pull("tiny", endpoint=hub.endpoint)
    assert hub.served == 0


def test_disk_full_while_pulling_keeps_what_came(hub: Hub, store: ModelStore, tiny: Path) -> None:
    """A limit on the size of files stands for the full disk: the write fails for real, in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    try:
        with pytest.raises(ModelTooLarge, match="đầy"):
            store.pull("tiny", endpoint=hub.endpoint)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    kept = next(store.root.rglob("*.part")).stat().st_size
    assert 0 < kept <= 300_000
    assert store.pull("tiny", endpoint=hub.endpoint).path.read_bytes() == tiny.read_bytes()
    # What was asked for, not what was sent: the server may still be counting the answer that broke off.
    assert hub.requests[-1][2].startswith(f"bytes={kept}-")


def test_too_little_memory(hub: Hub, store: ModelStore) -> None:
    with pytest.raises(ModelTooLarge, match="bộ nhớ"):
        store.pull("tiny", endpoint=hub.endpoint, memory=2**20)
    assert hub.requests == []


def test_gated_missing_and_unreachable(hub: Hub, store: ModelStore) -> None:
    with pytest.raises(DownloadError, match="không có nobody"):
        store.pull("nobody/nothing/x.gguf", endpoint=hub.endpoint)
    with pytest.raises(DownloadError):
        store.pull(f"{REPOSITORY}/other.gguf", endpoint=hub.endpoint)
    hub.gated = True
    with pytest.raises(DownloadError, match="điều khoản"):
        store.pull("tiny", endpoint=hub.endpoint)
    with pytest.raises(DownloadError):
        store.pull("tiny", endpoint="http://127.0.0.1:9")


def test_offline_variable_is_obeyed(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match="HF_HUB_OFFLINE"):
        store.pull("tiny", endpoint=hub.endpoint)
    assert hub.requests == []


def test_embedder_folder_is_pulled_whole(hub: Hub, store: ModelStore) -> None:
    files = {"modules.json": b"[]", "1_Pooling/config.json": b"{}", "model.safetensors": bytes(5000)}
    others = {"onnx/model.onnx": bytes(9000), "pytorch_model.bin": bytes(9000), "README.md": b"#"}
    for path, content in (files | others).items():
        hub.add("hoibao/words", path, content)
    model = store.pull("hoibao/words", endpoint=hub.endpoint)
    assert {record.path for record in model.files} == set(files)
    assert model.path == store.root / "words" and (model.path / "1_Pooling" / "config.json").is_file()
    assert store.check("words") == model


def test_add_check_remove(store: ModelStore, tiny: Path) -> None:
    model = store.add(tiny, name="của-tôi")
    assert store.check("của-tôi") == model
    assert store.find("của-tôi") == model.path and tiny.is_file()
    with pytest.raises(ModelError, match="đã có"):
        store.add(tiny, name="của-tôi")
    store.remove("của-tôi")
    assert store.models() == [] and not model.path.exists()


def test_check_finds_every_damage(store: ModelStore, tiny: Path) -> None:
    model = store.add(tiny)
    whole = model.path.read_bytes()
    model.path.write_bytes(whole[:-100] + bytes(100))
    with pytest.raises(ModelDamaged, match="SHA-256") as caught:
        store.check("tiny")
    assert "tiny.gguf" in str(caught.value) and "remove tiny" in str(caught.value)
    model.path.unlink()
    with pytest.raises(ModelDamaged, match="thiếu"):
        store.check("tiny")


def test_add_refuses_foreign_files(store: ModelStore, tmp_path: Path) -> None:
    photo = tmp_path / "photo.gguf"
    photo.write_bytes(b"\xff\xd8" + bytes(5000))
    with pytest.raises(ModelDamaged):
        store.add(photo)
    with pytest.raises(ModelDamaged):
        store.add(tmp_path)
    with pytest.raises(ModelNotFound):
        store.add(tmp_path / "none.gguf")
    assert store.models() == []


@pytest.mark.parametrize("name", [b"llama.block_count", b"tokenizer.ggml.model", b"blk.1.ffn_up.weight"])
def test_trial_load_in_its_own_process(store: ModelStore, tiny: Path, tmp_path: Path, name: bytes) -> None:
    """Content that passes the header check but that llama.cpp rejects (or dies of)."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(tiny.read_bytes().replace(name, name[::-1]))
    store.add(broken)
    with pytest.raises(ModelDamaged, match=r"llama\.cpp"):
        store.check("broken")


def test_unknown_names_come_with_advice(store: ModelStore, tiny: Path) -> None:
    store.add(tiny, name="my-model")
    with pytest.raises(ModelNotFound, match="my-model"):
        store.find("my-modle")
    with pytest.raises(ModelNotFound, match=r"pull qwen3-0\.6b"):
        store.find("qwen3-0.6b")
    with pytest.raises(ModelNotFound):
        store.find("nowhere/file.gguf")


def test_unreadable_manifest_hides_only_itself(store: ModelStore, tiny: Path) -> None:
    store.add(tiny, name="good")
    bad = store.root / "bad"
    bad.mkdir()
    for text in ("{", "[]", json.dumps({"name": "bad", "files": []})):
        (bad / "model.json").write_text(text)
        assert [model.name for model in store.models()] == ["good"]


def test_interrupted_add_leaves_no_model(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("models.store.shutil.copyfile", full)
    with pytest.raises(ModelTooLarge):
        store.add(tiny)
    assert store.models() == []
