"""Word documents (.docx): paragraphs and tables in their order.

A row of a table becomes a line: a sentence where the table has a header, else its cells between bars.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from index.legacy import decode_legacy
from index.read.build import Stated, build_article
from index.read.decode import MAX_TEXT, from_legacy_font, read_bytes
from index.read.tables import looks_like_header, row_sentences
from index.types import Article
from models.errors import InputError

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Row

MAX_DOCX = 200_000_000
"""Bytes of a .docx file, at most; pictures count."""

_OLD_WORD = b"\xd0\xcf\x11\xe0"


def read_docx(path: Path) -> Iterator[Article]:
    """Read a Word document; raises InputError if it is encrypted, damaged or empty."""
    from docx import Document as open_document
    from docx.opc.exceptions import OpcError

    data = read_bytes(path, limit=MAX_DOCX)
    if data.startswith(_OLD_WORD):
        raise InputError(
            "tệp Word bị khóa bằng mật khẩu, hoặc là loại .doc cũ",
            path=path,
            repair="lưu lại thành .docx, không có mật khẩu",
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            if package.getinfo("word/document.xml").file_size > 10 * MAX_TEXT:
                raise InputError("tệp Word quá cỡ của một bài báo", path=path)
        document = open_document(BytesIO(data))
        written: set[str] = set()
        paragraphs = list(_paragraphs(document, written))
    except (
        zipfile.BadZipFile,
        OpcError,
        KeyError,
        ValueError,
        SyntaxError,
        OSError,
        NotImplementedError,
    ) as error:
        raise InputError("tệp Word bị hỏng", path=path, repair="mở bằng Word và lưu lại") from error
    if not any(paragraph.strip() for paragraph in paragraphs):
        raise InputError("tệp Word không có chữ nào", path=path)
    text = from_legacy_font("\n\n".join(paragraphs), path)
    stated = Stated(title=decode_legacy(title := _title(document)) or title)
    yield build_article(text, stated, path=path, rows=frozenset(written))


def _paragraphs(document: Document, written: set[str]) -> Iterator[str]:
    """The paragraphs of a document; those that are rows of tables with a header are put into `written`."""
    from docx.text.paragraph import Paragraph

    for part in document.iter_inner_content():
        if isinstance(part, Paragraph):
            text = part.text.strip()
            if text:
                style = (part.style.name or "") if part.style is not None else ""
                yield f"- {text}" if style.startswith("List") and text[0] not in "-–•+" else text
            continue
        grid = [_cells(row) for row in part.rows]
        names = _header_rows(part, grid)
        sentences = row_sentences(grid[:names], grid[names:]) if names else []
        written.update(sentences)
        yield from sentences or [" | ".join(filter(None, row)) for row in grid if any(row)]


def _cells(row: _Row) -> list[str | None]:
    """The cells of a row; a cell that goes on over further columns is None there."""
    cells: list[str | None] = []
    previous = None
    for cell in row.cells:
        cells.append(None if cell._tc is previous else " ".join(cell.text.split()))
        previous = cell._tc
    return cells


def _header_rows(table: Table, grid: list[list[str | None]]) -> int:
    """How many of the first rows name the columns: those that repeat on each page, or one that stands out."""
    stated = 0
    for row in table.rows:
        if not row._tr.xpath("./w:trPr/w:tblHeader"):
            break
        stated += 1
    if stated:
        return stated if stated < len(grid) else 0
    return int(looks_like_header(grid, bold=[_is_bold(row) for row in table.rows]))


def _is_bold(row: _Row) -> bool:
    runs = [run for cell in row.cells for part in cell.paragraphs for run in part.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _title(document: Document) -> str:
    """The first paragraph, if its style says that it is the title."""
    for paragraph in document.paragraphs:
        text = " ".join(paragraph.text.split())
        if text:
            style = (paragraph.style.name or "") if paragraph.style is not None else ""
            return text if style in ("Title", "Heading 1") and len(text) <= 300 else ""
    return ""
