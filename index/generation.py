"""The folder of a library: which generation readers open, who may write, what every file must look like.

    library/
      articles.sqlite    articles, passages, vectors: the source of truth
      lock               held by the one writer; the operating system frees it when its process dies
      CURRENT            "gen-000042": the generation that readers open; replaced by rename
      gen-000042/
        manifest.json    schema, embedder, versions, counts, size and checksum of each file
        lexical/         tantivy
        dense.faiss      FAISS, with dense.delta.npz beside it
        columns.npz      article, date and source of every passage, for filters

A generation is never changed once CURRENT names it. A new one is built beside it, sharing the unchanged
files by hard link, and becomes the current one by a single rename: a crash at any instant leaves the old one.
This module does not know what the files mean.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from models.errors import LibraryDamaged, LibraryError, LibraryLocked, LibraryMismatch, reason_of

SCHEMA_VERSION = 1
QUICK_CHECK_LIMIT = 1 << 20  # bytes: files up to this size are checksummed whenever a library is opened
_GENERATION = re.compile(r"gen-(\d{6,})")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built with, and what its files must look like."""

    schema: int
    embedder: str
    fingerprint: str
    dimension: int
    normalizer: int
    chunker: int
    generation: int = 0
    articles: int = 0
    passages: int = 0
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # name → size in bytes, CRC-32

    def require(self, wanted: Manifest, *, path: Path) -> None:
        """Raise `LibraryMismatch` if this library was not built the way `wanted` says."""
        repair = f"hoibao reindex --library {path}   (trong Python: Library.rebuild())"
        for name, what in (
            ("schema", "chỉ mục"),
            ("normalizer", "bộ chuẩn hóa chữ"),
            ("chunker", "bộ chia đoạn"),
        ):
            mine, theirs = getattr(self, name), getattr(wanted, name)
            if mine != theirs:
                raise LibraryMismatch(
                    f"thư viện được lập với {what} phiên bản {mine}, chương trình này dùng bản {theirs}",
                    path=path,
                    repair=repair,
                )
        if wanted.fingerprint and self.fingerprint and self.fingerprint != wanted.fingerprint:
            raise LibraryMismatch(
                f"thư viện được lập với mô hình nhúng {self.embedder!r} ({self.fingerprint[:12]}), "
                f"không phải {wanted.embedder!r} ({wanted.fingerprint[:12]})",
                path=path,
                repair=repair,
            )


def name_of(number: int) -> str:
    """Return the folder name of a generation: 42 → "gen-000042"."""
    return f"gen-{number:06d}"


def current(root: Path) -> int | None:
    """Return the number of the generation that readers open, None where there is no library.

    Raises `LibraryDamaged` if CURRENT names nothing usable.
    """
    try:
        text = (root / "CURRENT").read_text(encoding="ascii", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    match = _GENERATION.fullmatch(text)
    if match is None:
        raise LibraryDamaged(
            f"tệp CURRENT không ghi tên một thế hệ chỉ mục: {text[:40]!r}", path=root, repair=REPAIR
        )
    return int(match.group(1))


REPAIR = "hoibao reindex   (trong Python: Library.rebuild(); các bài vẫn nằm trong articles.sqlite)"


def publish(root: Path, number: int) -> None:
    """Make `number` the generation that readers open, in one atomic step."""
    temporary = root / "CURRENT.new"
    with temporary.open("w", encoding="ascii") as file:
        file.write(name_of(number) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(root / "CURRENT")
    sync_folder(root)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def seal(folder: Path, manifest: Manifest, *, shared: Mapping[str, tuple[int, int]]) -> Manifest:
    """Flush every file of a new generation, write its manifest with their checksums and return it.

    `shared` are the entries of the previous manifest: files that are hard links to it are not read again.
    """
    files: dict[str, tuple[int, int]] = {}
    previous = folder.parent / name_of(manifest.generation - 1)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name == "manifest.json" or path.name.endswith(".lock"):
            continue
        before = previous / name
        if name in shared and before.exists() and path.samefile(before):
            files[name] = shared[name]
            continue
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        files[name] = (path.stat().st_size, checksum(path))
    sealed = replace(manifest, files=files)
    with (folder / "manifest.json").open("w", encoding="utf-8") as out:
        json.dump(asdict(sealed), out, indent=1, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    sync_folder(folder)
    return sealed


def read_manifest(root: Path, number: int) -> Manifest:
    """Return the manifest of a generation. Raises `LibraryDamaged`, `LibraryMismatch` (newer schema)."""
    path = root / name_of(number) / "manifest.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        values["files"] = {name: (int(size), int(crc)) for name, (size, crc) in values["files"].items()}
        return Manifest(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryDamaged("không đọc được bản kê của chỉ mục", path=path, repair=REPAIR) from error


def check(root: Path, manifest: Manifest, *, thorough: bool) -> None:
    """Compare the files of a generation with its manifest; raise `LibraryDamaged` at the first that differs.

    Sizes of all files and checksums of the small ones always; all checksums if `thorough`.
    """
    folder = root / name_of(manifest.generation)
    for name, (size, crc) in manifest.files.items():
        path = folder / name
        try:
            found = path.stat().st_size
        except OSError as error:
            raise LibraryDamaged("thiếu tệp này", path=path, repair=REPAIR) from error
        if found != size:
            raise LibraryDamaged(f"tệp dài {found} byte, đáng lẽ {size}", path=path, repair=REPAIR)
        if (thorough or size <= QUICK_CHECK_LIMIT) and checksum(path) != crc:
            raise LibraryDamaged("tệp hỏng (sai mã kiểm tra)", path=path, repair=REPAIR)


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def link_tree(source: Path, target: Path, *, copy: frozenset[str] = frozenset()) -> None:
    """Repeat the folder `source` as `target` with hard links; files named in `copy` are really copied."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_dir():
            link_tree(path, target / path.name, copy=copy)
        elif not path.name.endswith(".lock"):
            link(path, target / path.name, copy=path.name in copy)


def link(source: Path, target: Path, *, copy: bool = False) -> None:
    """Hard-link a file; copy it where `copy` says so or the file system has no links."""
    if not copy:
        try:
            os.link(source, target)
            return
        except OSError:
            pass
    shutil.copyfile(source, target)


def forget_others(root: Path, keep: int) -> None:
    """Remove all generations but `keep`; on Windows, what a reader holds open stays until next time."""
    for path in root.glob("gen-*"):
        match = _GENERATION.fullmatch(path.name)
        if match and int(match.group(1)) != keep:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def writer_lock(root: Path) -> Iterator[None]:
    """Hold the lock of the one writer. Raises `LibraryLocked` at once if another process or thread has it."""
    lock = FileLock(str(root / "lock"), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LibraryLocked(
            "một chương trình khác đang thêm hoặc xóa bài trong thư viện này",
            path=root,
            repair="đợi chương trình ấy xong rồi thử lại",
        ) from error
    except OSError as error:
        raise LibraryError(
            f"không ghi được vào thư viện ({reason_of(error)})",
            path=root,
            repair="xem quyền ghi của thư mục, hoặc chép thư viện sang chỗ ghi được",
        ) from error
    try:
        yield
    finally:
        lock.release()
