"""Pulls the files of a model from the hub: progress, resume, checksum. The only module that uses the network.

A file arrives beside its place as NAME.part; what is there is kept when the connection breaks or the program
ends, and the next pull goes on from it. It gets its name only once its SHA-256 is right.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.catalog import CatalogEntry
from models.errors import DownloadError, ModelDamaged, ModelTooLarge

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes of it that are here, and its size in bytes."""

SPARE: Final = 64 * 2**20
EMBEDDER_FILES: Final = (".json", ".txt", ".model")
REPAIR: Final = "Chạy lại lệnh để tải tiếp phần còn lại"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the hub; `sha256` is "" for small files, which the hub does not list one for."""

    path: str
    size: int
    sha256: str


def no_progress(name: str, done: int, total: int) -> None:
    """Report nothing."""


def remote_files(entry: CatalogEntry, *, endpoint: str | None = None) -> list[RemoteFile]:
    """Ask the hub which files make up the model, with sizes and checksums. Raises DownloadError.

    A pinned checksum that the hub contradicts is refused before anything is pulled.
    """
    with _hub_errors(entry):
        from huggingface_hub import HfApi
        from huggingface_hub.hf_api import RepoFile

        tree = HfApi(endpoint=endpoint).list_repo_tree(entry.repository, recursive=True)
        files = [
            RemoteFile(item.path, item.size, item.lfs.sha256 if item.lfs else "")
            for item in tree
            if isinstance(item, RepoFile)
        ]
    if entry.file:
        files = [one for one in files if one.path == entry.file]
        if files and entry.sha256 and files[0].sha256 != entry.sha256:
            raise ModelDamaged(
                f"{entry.repository}/{entry.file} trên mạng không còn là tệp đã được kiểm tra (SHA-256 khác)",
                repair="Cập nhật hoibao, hoặc chọn mô hình khác: hoibao models list",
            )
    else:
        files = _embedder_files(files)
    if not files:
        raise DownloadError(f"kho {entry.repository} không có tệp cần tải", repair="hoibao models list")
    return files


def _embedder_files(files: list[RemoteFile]) -> list[RemoteFile]:
    """Choose what SentenceTransformer reads: configuration, tokenizer, one file of weights."""
    plain = [one for one in files if not one.path.startswith(("onnx", "openvino", "."))]
    weights = [one for one in plain if one.path == "model.safetensors"] or [
        one for one in plain if one.path == "pytorch_model.bin"
    ]
    if not weights:
        return []
    return [one for one in plain if one.path.endswith(EMBEDDER_FILES)] + weights


def pull_files(
    entry: CatalogEntry,
    files: list[RemoteFile],
    folder: Path,
    *,
    endpoint: str | None = None,
    progress: Progress = no_progress,
) -> None:
    """Pull `files` into `folder`; what is already there is not pulled again.

    Raises ModelTooLarge when the disk will not do, DownloadError when the connection fails, ModelDamaged when
    a checksum is wrong (the wrong file is removed).
    """
    missing = sum(one.size - _present(folder, one) for one in files)
    free = shutil.disk_usage(_existing(folder)).free
    if missing + SPARE > free:
        raise ModelTooLarge(
            f"cần {(missing + SPARE) / 2**30:.2f} GB chỗ trống, ổ đĩa còn {free / 2**30:.2f} GB".replace(
                ".", ","
            ),
            path=folder,
            repair="Giải phóng ổ đĩa, hoặc đặt HOIBAO_HOME sang ổ khác, rồi chạy lại lệnh",
        )
    for one in files:
        place = folder / one.path
        if not place.is_file() or place.stat().st_size != one.size:
            _pull(entry, one, place, endpoint=endpoint, progress=progress)


def _present(folder: Path, file: RemoteFile) -> int:
    for place in (folder / file.path, _part(folder / file.path)):
        if place.is_file():
            return min(place.stat().st_size, file.size)
    return 0


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _part(place: Path) -> Path:
    return place.with_name(place.name + ".part")


def _pull(
    entry: CatalogEntry, file: RemoteFile, place: Path, *, endpoint: str | None, progress: Progress
) -> None:
    part = _part(place)
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _hub_errors(entry), part.open("ab") as stream:
            from huggingface_hub import hf_hub_url
            from huggingface_hub.file_download import http_get

            here = stream.tell()
            if here > file.size:
                stream.truncate(0)
                here = 0
            url = hf_hub_url(entry.repository, file.path, endpoint=endpoint)
            bar = _reporter(file, here, progress)
            http_get(url, stream, resume_size=here, expected_size=file.size, tqdm_class=bar)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ModelTooLarge(
                "ổ đĩa đã đầy khi đang tải",
                path=part,
                repair="Giải phóng ổ đĩa rồi chạy lại lệnh: phần đã tải được giữ lại",
            ) from error
        raise DownloadError(f"không ghi được tệp ({error})", path=part, repair=REPAIR) from error
    if file.sha256 and (found := sha256_of(part)) != file.sha256:
        part.unlink()
        raise ModelDamaged(
            f"tệp tải về có SHA-256 sai: {found[:12]}…, đúng ra là {file.sha256[:12]}…",
            path=place,
            repair="Chạy lại lệnh để tải lại; nếu vẫn sai, đường truyền hoặc nguồn tải có vấn đề",
        )
    part.replace(place)


def sha256_of(path: Path, progress: Progress = no_progress) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as stream:
        while block := stream.read(2**22):
            digest.update(block)
            done += len(block)
            progress(path.name, done, total)
    return digest.hexdigest()


def _reporter(file: RemoteFile, here: int, progress: Progress) -> type[Any]:
    """Return a class that the hub's client takes for its progress bar and that calls `progress`."""

    class Reporter:
        def __init__(self, **options: object) -> None:
            self.done = here

        def __enter__(self) -> Reporter:
            return self

        def __exit__(self, *error: object) -> None:
            return None

        def update(self, count: int) -> None:
            self.done += count
            progress(file.path, self.done, file.size)

    return Reporter


class _hub_errors:
    """Turns what the hub's client raises into a DownloadError that says what to do."""

    def __init__(self, entry: CatalogEntry) -> None:
        self.entry = entry

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or not isinstance(error, Exception):
            return
        from huggingface_hub import errors

        repository = self.entry.repository
        if isinstance(error, errors.GatedRepoError):
            raise DownloadError(
                f"{repository} đòi chấp nhận điều khoản trước khi tải",
                repair=f"Chấp nhận tại {self.entry.licence_url}, tải tệp bằng trình duyệt, "
                "rồi: hoibao models add TỆP",
            ) from error
        if isinstance(error, errors.RepositoryNotFoundError | errors.EntryNotFoundError):
            raise DownloadError(f"không có {repository} trên mạng", repair="hoibao models list") from error
        if isinstance(error, errors.OfflineModeIsEnabled):
            raise DownloadError(
                "biến HF_HUB_OFFLINE đang cấm tải", repair="bỏ biến HF_HUB_OFFLINE rồi chạy lại lệnh"
            ) from error
        # The client's own errors are OSErrors without a number; a full disk has one and is not its fault.
        if isinstance(error, OSError) and error.errno is not None and not _is_network(error):
            return
        if isinstance(error, ModelDamaged | DownloadError):
            return
        raise DownloadError(f"tải {repository} không được ({error})", repair=REPAIR) from error


def _is_network(error: OSError) -> bool:
    return isinstance(error, ConnectionError | TimeoutError)
