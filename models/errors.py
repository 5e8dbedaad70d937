"""Every error that hoibao raises on purpose, in one tree.

    HoibaoError
    ├── InputError            an article file cannot be read
    ├── LibraryError          a library folder cannot be used
    │   ├── LibraryNotFound
    │   ├── LibraryLocked     another process is writing
    │   ├── LibraryMismatch   built with another embedder, normaliser or schema
    │   └── LibraryDamaged    a checksum or a file of the library is wrong
    ├── SettingsError         a setting has no meaning
    └── ModelError            a model cannot be loaded or run
        ├── ModelNotFound
        ├── ModelDamaged      truncated, foreign or checksum mismatch
        ├── ModelTooLarge     memory or disk will not do
        ├── ModelTimeout      the deadline passed
        └── DownloadError     a pull failed

The message of each says what happened, to which file, and the one command that repairs it.
This module knows nothing but words: it may be imported from every layer.
"""

from __future__ import annotations

import errno
from pathlib import Path

_REASONS = {
    errno.EACCES: "không có quyền truy cập",
    errno.EPERM: "không có quyền truy cập",
    errno.EROFS: "ổ đĩa chỉ cho đọc",
    errno.ENOSPC: "ổ đĩa đã đầy",
    errno.ENOENT: "không có tệp hay thư mục này",
    errno.ENOTDIR: "không phải thư mục",
    errno.EISDIR: "đây là thư mục",
    errno.EIO: "ổ đĩa báo lỗi đọc ghi",
    errno.EMFILE: "chương trình mở quá nhiều tệp cùng lúc",
    errno.ELOOP: "liên kết đi vòng tròn",
    errno.ENAMETOOLONG: "tên tệp quá dài",
}


def reason_of(error: OSError) -> str:
    """Say in Vietnamese why the system refused; in its own words where the reason is a rare one."""
    return _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__


class HoibaoError(Exception):
    """Base of all errors meant for a person.

    `message` says what happened, `path` to which file, `repair` what to do about it.
    """

    def __init__(self, message: str, *, path: str | Path | None = None, repair: str | None = None) -> None:
        self.message = message
        self.path = None if path is None else str(path)
        self.repair = repair
        parts = [message if self.path is None else f"{self.path}: {message}"]
        if repair:
            parts.append(f"→ {repair}")
        super().__init__("\n".join(parts))


class InputError(HoibaoError):
    """An article file cannot be read; the rest of the work goes on."""


class LibraryError(HoibaoError):
    """A library folder cannot be used."""


class LibraryNotFound(LibraryError):
    """There is no library at this place."""


class LibraryLocked(LibraryError):
    """Another process is writing to the library."""


class LibraryMismatch(LibraryError):
    """The library was built with another embedder, normaliser or schema."""


class LibraryDamaged(LibraryError):
    """A file of the library is missing or its checksum is wrong."""


class SettingsError(HoibaoError):
    """A setting has no meaning."""


class ModelError(HoibaoError):
    """A model cannot be loaded or run."""


class ModelNotFound(ModelError):
    """No model with this name is on the machine."""


class ModelDamaged(ModelError):
    """A model file is truncated, foreign, or its checksum is wrong."""


class ModelTooLarge(ModelError):
    """Memory or disk will not do for this model."""


class ModelTimeout(ModelError):
    """The model did not answer before the deadline."""


class DownloadError(ModelError):
    """A model could not be pulled."""
