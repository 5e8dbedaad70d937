"""Files of many articles: .jsonl and .csv, also packed with xz or gzip. A broken row spoils no other.

The article's text is the value of the text field; where a row has an abstract that the text does not begin
with, the abstract and a newline come before it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from index.normalize import composed
from index.read.build import build_article
from index.read.decode import decode
from index.read.text import FIELD_NAMES, field_key, field_text, stated_of
from index.types import Article
from models.errors import InputError, reason_of

MAX_LINE = 10_000_000
"""Bytes of one row, at most."""

_SPACE = re.compile(r"\s+")


def read_jsonl(path: Path) -> Iterator[Article | InputError]:
    """Read one article a line; what is wrong with a line comes out as an InputError in its place."""
    empty = True
    for number, line in _lines(path):
        where = f" dòng {number}"
        if isinstance(line, InputError):
            empty = False
            yield line
            continue
        if not line.strip():
            continue
        empty = False
        try:
            row = json.loads(line if line[:1] == b"{" else decode(line, path=path))
        except (ValueError, RecursionError) as error:
            yield InputError(f"dòng {number} không đúng JSON{_column(error)}; bỏ dòng này", path=path)
            continue
        except InputError as error:
            yield InputError(f"dòng {number}: {error.message}; bỏ dòng này", path=path)
            continue
        if not isinstance(row, dict):
            yield InputError(f"dòng {number} không phải một đối tượng JSON; bỏ dòng này", path=path)
            continue
        yield _article({field_key(key): value for key, value in row.items()}, path, where)
    if empty:
        raise InputError("tệp rỗng", path=path)


def read_csv(path: Path) -> Iterator[Article | InputError]:
    """Read a table with a header; the separator (comma, semicolon, tab) is read off the header."""
    with _opened(path) as packed:
        stream = _decoded(packed, path)
        header_line = stream.readline(MAX_LINE)
        if not header_line.strip():
            raise InputError("tệp rỗng", path=path)
        separator = max(",;\t", key=header_line.count)
        names = [field_key(name) for name in next(csv.reader([header_line], delimiter=separator))]
        if not any(name in FIELD_NAMES["text"] or name in FIELD_NAMES["abstract"] for name in names):
            raise InputError(
                f"không có cột nào chứa nội dung bài (các cột: {', '.join(names)[:200]})",
                path=path,
                repair="đặt tên cột ấy là text; các cột title, date, source, url, id cũng được đọc",
            )
        csv.field_size_limit(MAX_LINE)
        rows = csv.reader(stream, delimiter=separator, strict=True)
        while True:
            number = rows.line_num + 2
            try:
                values = next(rows, None)
            except csv.Error:
                yield InputError(f"dòng {number} không đúng CSV; bỏ dòng này", path=path)
                continue
            except UnicodeDecodeError as error:
                raise InputError(f"UTF-8 hỏng sau dòng {number}; bỏ phần còn lại", path=path) from error
            if values is None:
                return
            if not values:
                continue
            if len(values) != len(names):
                yield InputError(
                    f"dòng {number} có {len(values)} cột, đáng lẽ {len(names)}; bỏ dòng này", path=path
                )
                continue
            if not _is_whole("".join(values)):
                yield InputError(f"dòng {number} có UTF-8 hỏng; bỏ dòng này", path=path)
                continue
            yield _article(dict(zip(names, values, strict=True)), path, f" dòng {number}")


def _article(row: dict[str, object], path: Path, where: str) -> Article | InputError:
    text = field_text(row, "text")
    abstract = field_text(row, "abstract")
    if abstract and _opening(abstract)[:60] not in _opening(text):
        text = f"{abstract}\n{text}" if text.strip() else abstract
    if not text.strip():
        return InputError(f"{where.strip()} không có nội dung; bỏ dòng này", path=path)
    if not _is_whole(text):
        return InputError(f"{where.strip()} có nửa ký tự (surrogate lẻ); bỏ dòng này", path=path)
    try:
        return build_article(text, stated_of(row, path=path, where=where), path=path, name_date=False)
    except InputError as error:
        return InputError(f"{where.strip()}: {error.message}; bỏ dòng này", path=path)


def _opening(text: str) -> str:
    return _SPACE.sub(" ", composed(text[:400]))


def _is_whole(text: str) -> bool:
    """Is a text free of surrogates, which stand for what could not be decoded?"""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _lines(path: Path) -> Iterator[tuple[int, bytes | InputError]]:
    """Numbered lines without their ends; a line that is too long is passed over and reported."""
    number = 0
    with _opened(path) as stream:
        while line := stream.readline(MAX_LINE):
            number += 1
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if len(line) < MAX_LINE or line.endswith(b"\n"):
                yield number, line
                continue
            size = len(line)
            while not line.endswith(b"\n") and (line := stream.readline(MAX_LINE)):
                size += len(line)
            yield (
                number,
                InputError(
                    f"dòng {number} dài {size / 1e6:.0f} MB, quá cỡ của một bài báo; bỏ dòng này",
                    path=path,
                ),
            )


class _opened:
    """Opens a file, unpacked if its name says so; turns the errors of opening and reading into InputError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> BinaryIO:
        try:
            if self.path.suffix == ".xz":
                self.stream = cast(BinaryIO, lzma.open(self.path, "rb"))
            elif self.path.suffix == ".gz":
                self.stream = cast(BinaryIO, gzip.open(self.path, "rb"))
            else:
                self.stream = self.path.open("rb")
        except OSError as error:
            raise InputError(f"không mở được tệp: {reason_of(error)}", path=self.path) from error
        return self.stream

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.stream.close()
        if isinstance(error, lzma.LZMAError | zlib.error | EOFError | OSError):
            raise InputError("tệp nén bị đứt hoặc hỏng, bỏ phần còn lại", path=self.path) from error


def _decoded(stream: BinaryIO, path: Path) -> io.TextIOWrapper:
    """The text of a table: UTF-8, or what its byte order mark says."""
    start = stream.read(4096)
    stream.seek(0)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return io.TextIOWrapper(stream, "utf-16", errors="surrogatepass", newline="")
    if b"\x00" in start:
        raise InputError("đây là tệp nhị phân, không phải bảng", path=path)
    return io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")


def _column(error: Exception) -> str:
    return f" (ký tự {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
