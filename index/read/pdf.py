"""PDF: the text layer, page by page, without page numbers and running headers."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from index.normalize import composed
from index.read.build import Stated, build_article
from index.read.decode import from_legacy_font, read_bytes
from index.types import Article
from models.errors import InputError

logger = logging.getLogger(__name__)

MAX_PDF = 200_000_000
"""Bytes of a PDF file, at most; pictures count."""

_PAGE_NUMBER = re.compile(r"(?:trang|page)?\s*[-–—]?\s*\d{1,4}(?:\s*/\s*\d{1,4})?\s*[-–—]?\Z", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


def read_pdf(path: Path) -> Iterator[Article]:
    """Read a PDF file; raises InputError if it is encrypted, damaged, or scanned without a text layer."""
    from io import BytesIO

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    data = read_bytes(path, limit=MAX_PDF)
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("tệp PDF bị khóa bằng mật khẩu", path=path, repair="lưu lại không có mật khẩu")
        pages = [page.extract_text() for page in reader.pages]
        title = (reader.metadata.title if reader.metadata is not None else None) or ""
    except InputError:
        raise
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
        ImportError,
        NotImplementedError,
    ) as error:
        raise InputError("tệp PDF hỏng hoặc thuộc loại lạ", path=path) from error
    bare = [number for number, page in enumerate(pages, 1) if not page.strip()]
    if len(bare) == len(pages):
        raise InputError(
            "tệp PDF chỉ có ảnh chụp trang (bản scan), không có chữ",
            path=path,
            repair="nhận dạng chữ (OCR) trước, rồi thêm lại",
        )
    if bare:
        logger.warning("%s: trang %s không có chữ (ảnh chụp?)", path, ", ".join(map(str, bare)))
    text = from_legacy_font(join_pages(pages), path)
    title = " ".join(title.split())
    opening = " ".join(composed(text[:3000]).lower().split())
    known = len(title) > 8 and composed(title).lower() in opening
    yield build_article(text, Stated(title=title if known else ""), path=path)


def join_pages(pages: list[str]) -> str:
    """One text out of pages; a paragraph that runs over two pages stays one."""
    lines = [[line.rstrip() for line in page.splitlines() if line.strip()] for page in pages]
    lines = [page for page in lines if page]
    edges = Counter(key for page in lines for key in {_key(page[0]), _key(page[-1])})
    often = max(3, len(lines) // 2)
    text = ""
    for page in lines:
        while page and _is_furniture(page[0], edges, often):
            page = page[1:]
        while page and _is_furniture(page[-1], edges, often):
            page = page[:-1]
        if not page:
            continue
        if text:
            runs_on = text[-1] not in '.!?…:;”"' and page[0].lstrip()[:1].islower()
            text += "\n" if runs_on else "\n\n"
        text += "\n".join(page)
    return text


def _key(line: str) -> str:
    return _DIGITS.sub("0", line.strip().lower())


def _is_furniture(line: str, edges: Counter[str], often: int) -> bool:
    return _PAGE_NUMBER.match(line.strip()) is not None or (len(line) < 120 and edges[_key(line)] >= often)
