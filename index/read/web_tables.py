"""Tables of web pages: those with a header are written row by row before the page's article is looked for.

Tables that only lay out a page (others inside of them, long text in their cells) are left as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.read.tables import looks_like_header, row_sentences

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_LONG_CELL = 400
"""Code points of a cell, at most: longer ones hold paragraphs, and the table is for layout."""

_MOST_SPANNED = 100


def write_rows(tree: HtmlElement) -> frozenset[str]:
    """Replace each table that has a header by paragraphs, one for each row; return their lines."""
    written: set[str] = set()
    for table in list(tree.iter("table")):
        if next(table.iterdescendants("table", "img", "figure"), None) is not None:
            continue
        rows = [row for row in table.iter("tr") if len(row)]
        grid = _grid(rows)
        names = _header_rows(rows, grid)
        if not names or any(len(cell or "") > _LONG_CELL for row in grid for cell in row):
            continue
        if sentences := row_sentences(grid[:names], grid[names:]):
            _replace(table, sentences)
            written.update(sentences)
    return frozenset(written)


def _header_rows(rows: list[HtmlElement], grid: list[list[str | None]]) -> int:
    """How many of the first rows name the columns: those of <thead> or of nothing but <th>."""
    stated = 0
    for row in rows:
        parent = row.getparent()
        if not (
            all(cell.tag == "th" for cell in _cells(row)) or (parent is not None and parent.tag == "thead")
        ):
            break
        stated += 1
    if stated:
        wide = any(sum(bool(cell) for cell in row) > 1 for row in grid[:stated])
        return stated if wide and stated < len(grid) else 0
    if not rows or any(cell.tag == "th" for cell in rows[0]):  # the names stand in the first column
        return 0
    return int(looks_like_header(grid, bold=[_is_bold(row) for row in rows]))


def _cells(row: HtmlElement) -> list[HtmlElement]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _is_bold(row: HtmlElement) -> bool:
    filled = [cell for cell in _cells(row) if _text(cell)]
    return bool(filled) and all(
        " ".join(_text(bold) for bold in cell.iter("b", "strong")) == _text(cell) for cell in filled
    )


def _grid(rows: list[HtmlElement]) -> list[list[str | None]]:
    """The cells by row and column: one that spans rows stands in each, one that spans columns goes on."""
    grid: list[list[str | None]] = []
    below: dict[int, tuple[int, str | None]] = {}  # column → rows still spanned, and by what
    for row in rows:
        line: list[str | None] = []
        cells = iter(_cells(row))
        spanned: dict[int, tuple[int, str | None]] = {}
        while True:
            if len(line) in below:
                left, text = below.pop(len(line))
                if left > 1:
                    spanned[len(line)] = (left - 1, text)
                line.append(text)
                continue
            if (cell := next(cells, None)) is None:
                break
            pieces: list[str | None] = [_text(cell), *[None] * (_span(cell, "colspan") - 1)]
            for piece in pieces:
                if (high := _span(cell, "rowspan")) > 1:
                    spanned[len(line)] = (high - 1, piece)
                below.pop(len(line), None)
                line.append(piece)
        below = spanned
        grid.append(line)
    return grid


def _span(cell: HtmlElement, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value), 1), _MOST_SPANNED) if value.isascii() and value.isdigit() else 1


def _text(element: HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _replace(table: HtmlElement, sentences: list[str]) -> None:
    from lxml.etree import SubElement  # type: ignore[import-untyped, unused-ignore]

    tail = table.tail
    captions = [_text(caption) for caption in table.iter("caption")]
    table.clear()
    table.tag, table.tail = "div", tail
    for line in (*filter(None, captions), *sentences):
        SubElement(table, "p").text = line
