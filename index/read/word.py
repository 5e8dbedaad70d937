"""Word documents (.docx): paragraphs and tables in their order; a row of a table becomes a line."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from index.legacy import decode_legacy
from index.read.build import Stated, build_article
from index.read.decode import MAX_TEXT, from_legacy_font, read_bytes
from index.types import Article
from models.errors import InputError

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

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
            "the document is encrypted or of the old .doc kind",
            path=path,
            repair="save it as .docx without password",
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            if package.getinfo("word/document.xml").file_size > 10 * MAX_TEXT:
                raise InputError("the document is larger than an article can be", path=path)
        document = open_document(BytesIO(data))
        paragraphs = list(_paragraphs(document))
    except (
        zipfile.BadZipFile,
        OpcError,
        KeyError,
        ValueError,
        SyntaxError,
        OSError,
        NotImplementedError,
    ) as error:
        raise InputError(f"the document is damaged ({error})", path=path) from error
    if not any(paragraph.strip() for paragraph in paragraphs):
        raise InputError("there is no text in the document", path=path)
    text = from_legacy_font("\n\n".join(paragraphs), path)
    yield build_article(text, Stated(title=decode_legacy(title := _title(document)) or title), path=path)


def _paragraphs(document: Document) -> Iterator[str]:
    from docx.text.paragraph import Paragraph

    for part in document.iter_inner_content():
        if isinstance(part, Paragraph):
            text = part.text.strip()
            if text:
                style = (part.style.name or "") if part.style is not None else ""
                yield f"- {text}" if style.startswith("List") and text[0] not in "-–•+" else text
        else:
            yield from _rows(part)


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        previous = None
        for cell in row.cells:
            text = " ".join(cell.text.split())
            if text and cell._tc is not previous:  # a merged cell is listed once per column
                cells.append(text)
            previous = cell._tc
        if cells:
            yield " | ".join(cells)


def _title(document: Document) -> str:
    """The first paragraph, if its style says that it is the title."""
    for paragraph in document.paragraphs:
        text = " ".join(paragraph.text.split())
        if text:
            style = (paragraph.style.name or "") if paragraph.style is not None else ""
            return text if style in ("Title", "Heading 1") and len(text) <= 300 else ""
    return ""
