"""Article files in, articles out: one reader per format, and a walk over folders.

What cannot be read comes out as an InputError that names the file (and the line), in its place among the
articles, so that a caller may go on and still report it. Nothing is dropped without a word.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from index.read.pdf import read_pdf
from index.read.rows import read_csv, read_jsonl
from index.read.text import read_markdown, read_text
from index.read.web import read_html
from index.read.word import read_docx
from index.types import Article
from models.errors import InputError, reason_of

logger = logging.getLogger(__name__)

Reader = Callable[[Path], Iterator[Article | InputError]]

READERS: Mapping[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".jsonl.xz": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".csv.gz": read_csv,
}
"""The reader of each suffix, in lower case."""

_NO_ARTICLES = frozenset({"LICENSE", "LICENCE", "COPYING", "NOTICE", "MAKEFILE", "THUMBS.DB", "DESKTOP.INI"})


def read_path(path: Path) -> Iterator[Article | InputError]:
    """Read an article file, or all of those in a folder and the folders in it, in the order of their names.

    Hidden files and files of unknown kinds inside of folders are passed over with a log message; a file
    that is given itself and cannot be read, for whatever reason, comes out as an InputError.
    """
    path = Path(path)
    if path.is_dir():
        yield from _read_folder(path, frozenset())
        return
    if not path.exists():
        yield _missing(path)
    elif (reader := reader_of(path)) is None:
        yield InputError(
            f"không đọc được loại tệp {path.suffix or 'không có đuôi'}",
            path=path,
            repair=f"đổi sang một trong các loại: {' '.join(sorted(READERS))}",
        )
    else:
        yield from _guarded(reader, path)


def reader_of(path: Path) -> Reader | None:
    """The reader of a file, by its name; None where there is none."""
    name = path.name.lower()
    packed = ".".join(["", *name.split(".")[-2:]])
    return READERS.get(packed) or READERS.get(path.suffix.lower())


def article_files(path: Path) -> Iterator[Path | InputError]:
    """The files that `read_path` would read, for progress bars and for finding out what has changed."""
    path = Path(path)
    if path.is_dir():
        yield from _files(path, frozenset())
    elif path.exists():
        yield path
    else:
        yield _missing(path)


def _read_folder(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Article | InputError]:
    for entry in _files(folder, above):
        if isinstance(entry, InputError):
            yield entry
        elif (reader := reader_of(entry)) is not None:
            yield from _guarded(reader, entry)


def _files(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path | InputError]:
    """Files below a folder that have a reader; links are followed, but not in circles."""
    try:
        status = folder.stat()
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(f"không mở được thư mục: {reason_of(error)}", path=folder)
        return
    here = (status.st_dev, status.st_ino)
    if here in above:
        yield InputError("liên kết quay lại chính thư mục chứa nó; không đi theo", path=folder)
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            logger.info("%s: hidden, passed over", entry)
        elif entry.is_dir():
            yield from _files(entry, above | {here})
        elif not entry.exists():
            yield _missing(entry)
        elif not entry.is_file():
            logger.warning("%s: không phải tệp thường, bỏ qua", entry)
        elif entry.name.upper() in _NO_ARTICLES:
            logger.info("%s: no article, passed over", entry)
        elif reader_of(entry) is None:
            logger.warning("%s: không đọc được loại tệp này, bỏ qua", entry)
        else:
            yield entry


def _missing(path: Path) -> InputError:
    if path.is_symlink():
        try:
            target = path.readlink()
        except OSError:
            target = Path("?")
        return InputError(f"liên kết hỏng hoặc đi vòng tròn (trỏ đến {target})", path=path)
    return InputError("không có tệp hay thư mục này", path=path, repair="xem lại đường dẫn")


def _guarded(reader: Reader, path: Path) -> Iterator[Article | InputError]:
    """Turn what a reader raises into a result: one bad file must not end the work."""
    try:
        yield from reader(path)
    except InputError as error:
        yield error
    except Exception as error:  # what the parsers of foreign formats raise on damaged files has no end
        logger.debug("%s", path, exc_info=True)
        yield InputError(f"không đọc được tệp này, có lẽ tệp hỏng ({type(error).__name__})", path=path)
