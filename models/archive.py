"""One file for a machine that never sees a network: models, libraries and settings with their checksums.

The archive is a plain tar. Its first member, `hoibao-archive.json`, lists every file with size and SHA-256;
unpacking checks each of them before anything gets its place. Knows no article: it moves folders of files.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import tarfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from models.download import Progress, no_progress, sha256_of
from models.errors import ModelDamaged, ModelError, ModelNotFound, ModelTooLarge

LIST = "hoibao-archive.json"
VERSION = 1
PLACES = ("models", "libraries", "settings.toml")


@dataclass(frozen=True, slots=True)
class Packed:
    """What an archive holds: its entries ("models/qwen3-0.6b", "settings.toml"), and all bytes of them."""

    entries: tuple[str, ...]
    size: int


def pack(archive: Path, home: Path, entries: Iterable[str], *, progress: Progress = no_progress) -> Packed:
    """Write the named folders and files below `home` into `archive`, which must not exist yet.

    Raises ModelNotFound where an entry is missing, ModelError where the archive exists, ModelTooLarge where
    the disk is full. A half-written archive is removed.
    """
    entries = tuple(entries)
    if archive.exists():
        raise ModelError("tệp đã có", path=archive, repair="Chọn tên khác hoặc xóa tệp cũ")
    paths = [path for entry in entries for path in _files(home, entry)]
    size = sum(path.stat().st_size for path in paths)
    _check_disk(archive.parent, size)
    files = [
        {"path": path.relative_to(home).as_posix(), "size": path.stat().st_size, "sha256": sha256_of(path)}
        for path in paths
    ]
    table = json.dumps({"version": VERSION, "entries": entries, "files": files}, ensure_ascii=False).encode()
    part = archive.with_name(archive.name + ".part")
    try:
        with _disk_errors(archive), tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as tar:
            info = tarfile.TarInfo(LIST)
            info.size = len(table)
            tar.addfile(info, io.BytesIO(table))
            for number, path in enumerate(paths, 1):
                tar.add(path, arcname=path.relative_to(home).as_posix(), recursive=False, filter=_anonymous)
                progress(path.name, number, len(paths))
        part.replace(archive)
    finally:
        part.unlink(missing_ok=True)
    return Packed(entries, size)


def unpack(
    archive: Path, home: Path, *, replace: bool = False, progress: Progress = no_progress
) -> tuple[str, ...]:
    """Unpack an archive into `home` and return its entries.

    What is there already stays, and is an error, unless `replace`. Raises ModelNotFound, ModelDamaged
    (no archive of ours, a checksum, a path that leads outside), ModelError (already there), ModelTooLarge.
    """
    if not archive.is_file():
        raise ModelNotFound("không có tệp này", path=archive)
    staging = home / f".import-{uuid.uuid4().hex[:8]}"
    try:
        with _disk_errors(archive), tarfile.open(archive, "r:") as tar:
            entries, expected = _listed(tar, archive)
            taken = [entry for entry in entries if (home / entry).exists()]
            if taken and not replace:
                raise ModelError(
                    f"đã có trên máy: {', '.join(taken)}", path=archive, repair="Thêm --replace để ghi đè"
                )
            _check_disk(home, sum(size for size, _ in expected.values()))
            staging.mkdir(parents=True)
            for number, (name, (size, digest)) in enumerate(expected.items(), 1):
                _extract(tar, name, size, digest, staging, archive)
                progress(name, number, len(expected))
        for entry in entries:
            _place(staging / entry, home / entry)
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(archive, f"tệp bị cắt cụt hoặc không phải tệp xuất của hoibao ({error})") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return entries


def _files(home: Path, entry: str) -> Iterator[Path]:
    place = home / entry
    if not place.exists():
        raise ModelNotFound("không có để xuất", path=place, repair="hoibao models list")
    if place.is_file():
        yield place
        return
    for path in sorted(place.rglob("*")):
        # Lock files belong to the processes of this machine.
        if path.is_file() and not path.is_symlink() and path.suffix not in (".lock", ".part"):
            yield path


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info


def _listed(tar: tarfile.TarFile, archive: Path) -> tuple[tuple[str, ...], dict[str, tuple[int, str]]]:
    first = tar.next()
    stream = tar.extractfile(first) if first is not None and first.name == LIST else None
    if stream is None:
        raise _damaged(archive, "không phải tệp xuất của hoibao")
    try:
        table = json.loads(stream.read())
        if table["version"] != VERSION:
            raise _damaged(archive, f"tệp xuất của phiên bản khác ({table['version']}): cập nhật hoibao")
        entries = tuple(str(entry) for entry in table["entries"])
        files = {str(one["path"]): (int(one["size"]), str(one["sha256"])) for one in table["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(archive, f"danh sách tệp không đọc được ({error})") from error
    for name in (*entries, *files):
        parts = PurePosixPath(name).parts
        if not parts or parts[0] not in PLACES or ".." in parts or "\\" in name or ":" in name:
            raise _damaged(archive, f"đường dẫn không được phép: {name!r}")
        if name in files and not any(name == entry or name.startswith(entry + "/") for entry in entries):
            raise _damaged(archive, f"tệp không thuộc mục nào: {name!r}")
    return entries, files


def _extract(tar: tarfile.TarFile, name: str, size: int, digest: str, staging: Path, archive: Path) -> None:
    try:
        member = tar.getmember(name)
    except KeyError:
        raise _damaged(archive, f"thiếu {name}") from None
    stream = tar.extractfile(member) if member.isreg() and member.size == size else None
    if stream is None:
        raise _damaged(archive, f"{name} không đúng như danh sách")
    target = staging / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as copy:
        shutil.copyfileobj(stream, copy, 2**22)
    if sha256_of(target) != digest:
        raise _damaged(archive, f"{name} có SHA-256 sai")


def _place(new: Path, place: Path) -> None:
    """Put `new` at `place`; what was there goes only once the new is in place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    old = place.with_name(f".{place.name}.old")
    if place.exists():
        place.rename(old)
    new.rename(place)
    if old.is_dir():
        shutil.rmtree(old)
    else:
        old.unlink(missing_ok=True)


def _check_disk(place: Path, size: int) -> None:
    place = place.absolute()
    free = shutil.disk_usage(next(path for path in (place, *place.parents) if path.exists())).free
    if size + 2**20 > free:
        raise ModelTooLarge(
            f"cần {size / 2**30:.2f} GB chỗ trống, ổ đĩa còn {free / 2**30:.2f} GB".replace(".", ","),
            path=place,
        )


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ModelTooLarge("ổ đĩa đã đầy", path=path, repair="Giải phóng ổ đĩa rồi chạy lại") from error
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ModelError(f"không đọc hoặc ghi được ({reason})", path=path) from error


def _damaged(archive: Path, reason: str) -> ModelDamaged:
    return ModelDamaged(reason, path=archive, repair="Xuất lại bằng: hoibao models export")
