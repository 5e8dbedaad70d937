"""Tables as sentences: a row of a table with a header is read as "Khu: A - ẩm thực; Số gian: 28."

A row alone does not say what its cells are, and a search for a single sentence finds nothing in it. So the
rows of tables with a header become sentences of the article's text when it is read; tables without one stay
as they are. A grid is a list of rows of cells; a cell is its text, or None where the cell before it goes on.
This module knows no format but Markdown's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Cell = str | None
Row = Sequence[Cell]

_DELIMITER = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?\Z")
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_FENCE = re.compile(r"\s*(```|~~~)")
_ENDED = (".", "!", "?", "…", ".”", '."')
_NUMBERED = re.compile(r"(?:stt|tt|số tt|số thứ tự|#)\.?\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d.,/:–-]*")
_LONG_NAME = 80
"""Code points of a column's name, at most."""


@dataclass(frozen=True, slots=True)
class WrittenRows:
    """A text whose tables were written out, and the lines that are rows of tables."""

    text: str
    rows: frozenset[str]


def row_sentences(header: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    """Return a sentence for each row that says something; `header`: one or more rows of names of columns.

    A cell whose column has no name stands without one, and so does a cell that spans its whole row. The
    name of a column in which no row says anything comes first, in a line of its own: nothing is lost.
    """
    names = _names(header)
    said: set[int] = set()
    sentences = []
    for row in rows:
        if [*row] in [[*line] for line in header]:  # a header repeated on the next page
            continue
        filled = [at for at, cell in enumerate(row) if cell]
        if not filled:
            continue
        if filled == [0] and len(row) > 1 and all(cell is None for cell in row[1:]):
            sentences.append(str(row[0]))
            continue
        parts = []
        for at in filled:
            end = at + 1
            while end < len(row) and row[end] is None:
                end += 1
            name = ", ".join(dict.fromkeys(name for name in names[at:end] if name))
            said.update(range(at, end))
            parts.append(f"{name}: {row[at]}" if name else str(row[at]))
        line = "; ".join(parts)
        sentences.append(line if line.endswith(_ENDED) else f"{line}.")
    unsaid = dict.fromkeys(name for at, name in enumerate(names) if name and at not in said)
    return [*(["; ".join(unsaid)] if unsaid and sentences else []), *sentences]


def _names(header: Sequence[Row]) -> list[str]:
    """The name of each column; of a header of several rows, what stands above each other."""
    names: list[list[str]] = [[] for _ in range(max((len(row) for row in header), default=0))]
    for row in header:
        above = ""
        for at, cell in enumerate(row):
            above = above if cell is None else cell.rstrip(" :").strip("*_ ").rstrip(" :")
            if above and above not in names[at]:
                names[at].append(above)
    return [" ".join(parts) for parts in names]


def looks_like_header(grid: Sequence[Row], *, bold: Sequence[bool] = ()) -> bool:
    """Is the first row of a grid one of names, although its format does not say so?

    `bold`: which rows are bold; the first stands out where not all are. Without this, numbers must tell:
    under a name without any digit, two cells or more are numbers of one kind. A list of pairs ("Chủ trì |
    Ông An", "Thời gian | 8 giờ", "Khách mời | 20") has no header.
    """
    if len(grid) < 2 or len(grid[0]) < 2:
        return False
    first = grid[0]
    names = [cell for cell in first if cell]
    if len(names) != len(first) or len(set(names)) != len(names):
        return False
    if any(len(name) > _LONG_NAME or name.endswith(_ENDED) for name in names):
        return False
    stands_out = bool(bold) and bold[0] and not all(bold)
    if stands_out or _NUMBERED.match(names[0]):
        return True
    if any(_has_digit(name) for name in names):
        return False
    below = [row for row in grid[1:] if len(row) == len(first) and any(row)]
    return len(below) > 1 and any(_of_one_kind([row[at] or "" for row in below]) for at in range(len(first)))


def _of_one_kind(cells: Sequence[str]) -> bool:
    """Do all cells hold numbers, with the same words around them ("28 gian", "14 gian")?"""
    return all(map(_has_digit, cells)) and len({_NUMBER.sub("", cell).strip().lower() for cell in cells}) == 1


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def write_markdown_rows(text: str, start: int = 0) -> WrittenRows:
    """Write the tables of `text[start:]` row by row; those without names of columns or with pictures stay.

    Doing it twice changes nothing. What lies outside of tables, and in fenced code, stays as it is.
    """
    pieces, written = [text[:start]], set()
    lines = text[start:].splitlines(keepends=True)
    at, fence = 0, ""
    while at < len(lines):
        if (mark := _FENCE.match(lines[at])) is not None and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
        grid = [] if fence else list(_markdown_grid(lines, at))
        sentences = row_sentences(grid[:1], grid[1:]) if any(grid[:1]) and any(grid[0]) else []
        if not sentences or any("![" in (cell or "") for row in grid for cell in row):
            pieces.append(lines[at])
            at += 1
            continue
        newline = "\r\n" if lines[at].endswith("\r\n") else "\n"
        before = "".join(pieces[-2:])
        gap = "" if not before.strip() or before.endswith(newline * 2) else newline
        at += len(grid) + 1
        behind = newline * 2 if at < len(lines) and lines[at].strip() else newline
        pieces.append(gap + (newline * 2).join(sentences) + behind)
        written.update(sentences)
    return WrittenRows("".join(pieces), frozenset(written))


def _markdown_grid(lines: Sequence[str], at: int) -> Iterator[list[str]]:
    """The rows of the table whose header is line `at`, without the rule below it; nothing if it is none."""
    if at + 1 >= len(lines) or "|" not in lines[at] or not _DELIMITER.match(lines[at + 1].rstrip("\r\n")):
        return
    header = _markdown_cells(lines[at])
    if len(header) < 2 or len(header) != len(_markdown_cells(lines[at + 1])):
        return
    yield header
    for line in lines[at + 2 :]:
        if "|" not in line or not line.strip():
            return
        yield _markdown_cells(line)


def _markdown_cells(line: str) -> list[str]:
    line = line.strip()
    cells = _PIPE.split(line)
    if line.startswith("|"):
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1].strip() and line.endswith("|") and not line.endswith("\\|"):
        cells = cells[:-1]
    return [" ".join(_BREAK.sub(" ", cell).replace("\\|", "|").split()) for cell in cells]
