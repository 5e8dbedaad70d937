"""The models on this machine: a folder each, below `HOME/models`, with a `model.json` that says what it is.

models/
  qwen3-0.6b/  model.json  Qwen3-0.6B-Q8_0.gguf
  .incoming/   what is being pulled or copied; a model gets its place by one rename
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.catalog import CATALOG, find_entry
from models.download import Progress, no_progress, pull_files, remote_files, sha256_of
from models.errors import ModelDamaged, ModelError, ModelNotFound, ModelTooLarge
from models.llama_file import read_header

logger = logging.getLogger(__name__)

MANIFEST = "model.json"
INCOMING = ".incoming"
# Runs in a process of its own: on some damaged files llama.cpp ends the process.
_TRIAL = "import sys; from models.llm import LlamaChat; LlamaChat(path=sys.argv[1], context=256).close()"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model on the machine: `files` are (path below the folder, size in bytes, SHA-256)."""

    name: str
    kind: str
    source: str
    licence: str
    added: str
    files: tuple[FileRecord, ...]
    folder: Path = dataclasses.field(default=Path(), compare=False)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(record.size for record in self.files)

    @property
    def path(self) -> Path:
        """What to load: the GGUF file, or the folder of an embedder."""
        return self.folder / self.files[0].path if self.kind == "chat" else self.folder


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a stored model."""

    path: str
    size: int
    sha256: str


class ModelStore:
    """The folder of models; it is created by the first model."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def models(self) -> list[StoredModel]:
        """Return the models, by name. A folder whose manifest cannot be read is left out with a warning."""
        found = []
        for manifest in sorted(self.root.glob(f"*/{MANIFEST}")):
            try:
                found.append(_read_manifest(manifest))
            except ModelDamaged as error:
                logger.warning("%s", error)
        return found

    def get(self, name: str) -> StoredModel:
        """Return the model of this name (case set aside). Raises ModelNotFound with the nearest names."""
        for model in self.models():
            if model.name.casefold() == name.casefold():
                return model
        known = [model.name for model in self.models()]
        if any(entry.name.casefold() == name.casefold() for entry in CATALOG):
            raise ModelNotFound(f"chưa có mô hình {name} trên máy", repair=f"hoibao models pull {name}")
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Có phải bạn muốn {near[0]}?" if near else ""
        raise ModelNotFound(f"không có mô hình {name!r} trên máy.{hint}", repair="hoibao models list")

    def find(self, name_or_file: str | Path) -> Path:
        """Return what to load for a name in the store or a path on disk. Raises ModelNotFound."""
        path = Path(name_or_file).expanduser()
        if path.is_file():
            return path
        text = str(name_or_file)
        if text.endswith(".gguf") and not any(record.name == text for record in self.models()):
            raise ModelNotFound("không có tệp mô hình này", path=path, repair="hoibao models list")
        return self.get(text).path

    def add(
        self, file: str | Path, *, name: str | None = None, progress: Progress = no_progress
    ) -> StoredModel:
        """Copy a GGUF file (or an embedder's folder) into the store, after a look inside.

        Raises ModelNotFound, ModelDamaged, ModelTooLarge (disk), ModelError where the name is taken.
        """
        source = Path(file).expanduser()
        if source.is_dir():
            if not (source / "modules.json").is_file():
                raise ModelDamaged("thư mục này không phải mô hình nhúng (thiếu modules.json)", path=source)
            inside = [path for path in sorted(source.rglob("*")) if path.is_file() and path.name != MANIFEST]
            kind = "embedder"
        else:
            read_header(source)
            inside, kind = [source], "chat"
        name = name or re.sub(r"[^\w.-]+", "-", source.name.removesuffix(".gguf"))
        folder = self._free_place(name)
        self._check_disk(sum(path.stat().st_size for path in inside))
        incoming = self.root / INCOMING / name
        shutil.rmtree(incoming, ignore_errors=True)
        base = source if source.is_dir() else source.parent
        try:
            records = []
            for path in inside:
                target = incoming / path.relative_to(base)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                relative = path.relative_to(base).as_posix()
                records.append(FileRecord(relative, target.stat().st_size, sha256_of(target, progress)))
            return self._finish(
                StoredModel(name, kind, str(source), "", _now(), tuple(records)), incoming, folder
            )
        except OSError as error:
            shutil.rmtree(incoming, ignore_errors=True)
            raise ModelTooLarge(f"không chép được vào kho ({error.strerror})", path=folder) from error

    def pull(
        self,
        name: str,
        *,
        endpoint: str | None = None,
        memory: int | None = None,
        progress: Progress = no_progress,
    ) -> StoredModel:
        """Pull a model of the catalogue (or "owner/repository/file.gguf") from the hub, or the rest of it.

        `memory` is the machine's RAM in bytes: a model that needs more is refused. Raises DownloadError,
        ModelDamaged (checksum), ModelTooLarge (memory, disk), ModelNotFound, ModelError (name taken).
        """
        entry = find_entry(name)
        if memory is not None and entry.memory > memory:
            raise ModelTooLarge(
                f"{entry.name} cần {entry.memory / 2**30:.1f} GB bộ nhớ, máy có {memory / 2**30:.1f} GB",
                repair="hoibao models list (cột «máy này» cho biết mô hình nào vừa)",
            )
        folder = self._free_place(entry.name)
        incoming = self.root / INCOMING / entry.name
        files = remote_files(entry, endpoint=endpoint)
        pull_files(entry, files, incoming, endpoint=endpoint, progress=progress)
        if entry.kind == "chat":
            read_header(incoming / files[0].path)
        records = tuple(
            FileRecord(one.path, one.size, one.sha256 or sha256_of(incoming / one.path)) for one in files
        )
        stored = StoredModel(entry.name, entry.kind, entry.repository, entry.licence, _now(), records)
        return self._finish(stored, incoming, folder)

    def remove(self, name: str) -> StoredModel:
        """Delete a model from the store and return what it was. Raises ModelNotFound."""
        model = self.get(name)
        shutil.rmtree(model.folder)
        return model

    def check(self, name: str, *, progress: Progress = no_progress) -> StoredModel:
        """Prove a model: every file with its checksum, and a trial load in a process of its own.

        Raises ModelDamaged that names the file, ModelNotFound.
        """
        model = self.get(name)
        repair = f"hoibao models remove {model.name}, rồi pull hoặc add lại"
        for record in model.files:
            path = model.folder / record.path
            if not path.is_file():
                raise ModelDamaged("thiếu tệp", path=path, repair=repair)
            if sha256_of(path, progress) != record.sha256:
                raise ModelDamaged("SHA-256 sai: tệp đã bị đổi hoặc hỏng", path=path, repair=repair)
        if model.kind == "chat":
            trial_load(model.path)
        return model

    def _free_place(self, name: str) -> Path:
        folder = self.root / name
        if folder.exists():
            raise ModelError(f"đã có mô hình tên {name}", path=folder, repair=f"hoibao models remove {name}")
        return folder

    def _check_disk(self, size: int) -> None:
        place = next(path for path in (self.root, *self.root.parents) if path.exists())
        free = shutil.disk_usage(place).free
        if size + 2**20 > free:
            raise ModelTooLarge(
                f"cần {size / 2**30:.2f} GB chỗ trống, ổ đĩa còn {free / 2**30:.2f} GB".replace(".", ","),
                path=self.root,
                repair="Giải phóng ổ đĩa, hoặc đặt HOIBAO_HOME sang ổ khác",
            )

    def _finish(self, model: StoredModel, incoming: Path, folder: Path) -> StoredModel:
        table = dataclasses.asdict(model)
        del table["folder"]
        text = json.dumps(table, ensure_ascii=False, indent=2)
        (incoming / MANIFEST).write_text(text + "\n", encoding="utf-8")
        incoming.rename(folder)
        return dataclasses.replace(model, folder=folder)


def trial_load(path: Path) -> None:
    """Load a GGUF file in another process. Raises ModelDamaged where that fails or the process dies."""
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((root, os.environ.get("PYTHONPATH", "")))}
    done = subprocess.run(
        [sys.executable, "-c", _TRIAL, str(path)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"mã {done.returncode}"]
        raise ModelDamaged(
            f"llama.cpp không nạp được ({last[0][:200]})", path=path, repair="hoibao models list"
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read_manifest(path: Path) -> StoredModel:
    try:
        table = json.loads(path.read_text("utf-8"))
        files = tuple(FileRecord(**record) for record in table.pop("files"))
        if not files:
            raise ValueError("no files")
        return StoredModel(**table, files=files, folder=path.parent)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelDamaged(f"{MANIFEST} không đọc được ({error})", path=path) from error
