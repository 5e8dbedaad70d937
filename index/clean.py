"""Which parts of a text are the article: blocks, captions, bylines, footers; its title and date.

Nothing is cut out of the text. This module only says where things are, so that every quote stays verbatim.
The rule of thumb is: a line leaves the body only on positive evidence; an unknown line stays. Captions
are kept as spans of their own, since "Đồng chí … , Bí thư Đảng ủy phường … phát biểu" may say who holds an
office in no other place.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from index.lines import (
    bare_byline,
    could_be_title,
    dated_source,
    is_capitals,
    is_caption,
    is_furniture,
    labelled_byline,
    labelled_source,
    lead_date,
    made_date,
    opens_footer,
    stated_date,
)
from index.normalize import composed, composed_with_offsets
from index.paragraphs import paragraphs
from index.types import Span

_DATE_PREFIX = re.compile(r"\s*date (\d{4})-(\d{2})-(\d{2})(?=\s)")
_PICTURE = re.compile(
    r"\|?\s*!\[(?P<alt>[^\]\n]*)\](?:\((?:[^()\n]|\([^()\n]*\))*\)?)?\s*\|?\Z",
)
_NAME_BEHIND = re.compile(r"(?<=[a-zà-ỹ0-9][.!?…])[\"”]?(?P<blank>\s+)(?P<name>\(?[^.!?…\n]{4,40})\Z")
_RULE = re.compile(r"[-–—_*=~#|•.…\s]+\Z")
_ONE_CELL = re.compile(r"\|\s*([^|\n]*[^|\s])\s*\|\Z")
_HEADING = re.compile(r"#{1,6}\s+")
_TERMINATED = (".", "!", "?", "…", ":", ";", '."', ".”", '!"', "!”", '?"', "?”", "…”", ".)", "./")
_RUBRIC = 20
"""Code points of a line above the title, at most: the name of a section of the newspaper ("Chính trị")."""
_LONG_LINE = 400
"""Code points from which on a line is a paragraph, whatever it looks like."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a text is made of. Spans count code points of the text that was given.

    `title` is "" and `date` is None where the text states none; `date_inferred` is true where the date was
    read out of the lead. `left_out` are spans of neither body nor captions, for review.
    """

    body: tuple[Span, ...]
    captions: tuple[Span, ...]
    title: str
    date: date | None
    date_inferred: bool
    byline: str
    source: str
    left_out: tuple[Span, ...]


def clean(
    text: str,
    *,
    start: int = 0,
    known_title: str = "",
    markdown: bool = False,
    rows: frozenset[str] = frozenset(),
) -> Cleaned:
    """Find the parts of the article in `text[start:]`.

    `known_title`: a title stated elsewhere; a first line that only repeats it is left out of the body.
    `markdown`: lines that begin with `#` are headings, the first one the title. `rows`: lines that are
    known to be rows of tables, and so belong to the body whatever they look like.
    """
    known_title = composed(known_title)
    if unicodedata.is_normalized("NFC", text):
        return _Cleaner(text, known_title=known_title, markdown=markdown, rows=rows).run(start)
    converted = composed_with_offsets(text[start:])  # what lines say is matched letter by letter

    def original(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        pairs = (converted.original_span(span.start, span.end) for span in spans)
        return tuple(Span(start + low, start + high) for low, high in pairs)

    rows = frozenset(composed(row) for row in rows)
    found = _Cleaner(converted.text, known_title=known_title, markdown=markdown, rows=rows).run(0)
    return replace(
        found,
        body=original(found.body),
        captions=original(found.captions),
        left_out=original(found.left_out),
    )


class _Cleaner:
    def __init__(self, text: str, *, known_title: str, markdown: bool, rows: frozenset[str]) -> None:
        self.text = text
        self.rows = rows
        self.known_title = " ".join(known_title.split()).rstrip(".").lower()
        self.markdown = markdown
        self.body: list[Span] = []
        self.captions: list[Span] = []
        self.left_out: list[Span] = []
        self.title = ""
        self.date: date | None = None
        self.inferred = False
        self.byline = ""
        self.source = ""
        self.after_picture = False
        self.in_footer = False

    def run(self, start: int) -> Cleaned:
        text = self.text
        prefix = _DATE_PREFIX.match(text, start)
        if prefix is not None:
            self.date = made_date(*prefix.groups())
            self.left_out.append(Span(prefix.start(), prefix.end()))
            start = prefix.end()
        blocks = paragraphs(text, start)
        for number, block in enumerate(blocks):
            if block.end - block.start >= _LONG_LINE or text[block.start : block.end] in self.rows:
                self.body.append(block)
                self.after_picture = False
            else:
                self._take(block, text[block.start : block.end], number, len(blocks))
        if not self.body and self.captions:  # a text of nothing but captions is no picture page but a note
            self.body, self.captions = self.captions, []
        self._take_bylines()
        for block in self.body[:2] if self.date is None else ():
            self.date = self.date or lead_date(text, block.start, block.end)
            self.inferred = self.date is not None
        return Cleaned(
            tuple(self.body),
            tuple(self.captions),
            self.title,
            self.date,
            self.inferred,
            self.byline,
            self.source,
            tuple(self.left_out),
        )

    def _take(self, block: Span, line: str, number: int, count: int) -> None:
        """Put a block where it belongs."""
        after_picture, self.after_picture = self.after_picture, False
        if line[0] in "!|" and (found := _PICTURE.match(line)) is not None:
            self.left_out.append(block)
            self.after_picture = len(found["alt"].split()) <= 3
            if not self.after_picture:
                self.captions.append(Span(block.start + found.start("alt"), block.start + found.end("alt")))
            return
        cell = _ONE_CELL.match(line) if line[0] == "|" else None
        if cell is not None and is_caption(
            cell[1], terminated=cell[1].endswith(_TERMINATED), after_picture=True
        ):  # a table with one cell lays out a picture
            self.captions.append(Span(block.start + cell.start(1), block.start + cell.end(1)))
            return
        if _RULE.match(line):
            self.left_out.append(block)
            self.after_picture = after_picture
            return
        terminated = line.endswith(_TERMINATED)
        self.in_footer = self.in_footer or (bool(self.body) and opens_footer(line))
        below_footer = self.in_footer and not terminated
        if (
            self._take_title(line, number, count, terminated)
            or self._take_date(line)
            or below_footer
            or is_furniture(line)
        ):
            self.left_out.append(block)
        elif self.markdown and (mark := _HEADING.match(line)) is not None:
            self.body.append(Span(block.start + mark.end(), block.end))
        elif (self.body or after_picture) and is_caption(
            line, terminated=terminated, after_picture=after_picture
        ):
            self.captions.append(Span(block.start, block.start + len(line.rstrip("| \t"))))
        else:
            self.body.append(block)

    def _take_title(self, line: str, number: int, count: int, terminated: bool) -> bool:
        if number > 3 or not self._above_text():
            return False
        if self.markdown and not self.title and (mark := _HEADING.match(line)) is not None:
            self.title = line[mark.end() :].strip(" #*")
            return True
        if self.known_title:
            return " ".join(line.split()).rstrip(".").lower() == self.known_title
        if count > 1 and is_capitals(line):
            self.title = f"{self.title} {line}".strip()
            return True
        if self.title or terminated or count < 2 or not could_be_title(line):
            return False
        self.title = " ".join(line.split())
        return True

    def _above_text(self) -> bool:
        """Has nothing come yet but what stands above an article?"""
        if self.captions or len(self.body) > 3:
            return False
        return all(span.end - span.start <= _RUBRIC for span in self.body)

    def _take_date(self, line: str) -> bool:
        if self.date is not None or not self._above_text() or not any(map(str.isdigit, line)):
            return False
        self.date = stated_date(line)
        if self.date is None:
            self.date, source = dated_source(line)
            self.source = self.source or source
        return self.date is not None

    def _take_bylines(self) -> None:
        """Move names and sources that stand alone at the end (or top) out of the body."""
        if len(self.body) > 1 and (name := labelled_byline(self._line(0))):
            self.byline = name
            self.left_out.append(self.body.pop(0))
        self._take_lower_bylines()
        if self.body and not self.byline:
            self._take_byline_within()

    def _take_lower_bylines(self) -> None:
        while len(self.body) > 1:
            line = self._line(-1)
            ended = line.endswith(_TERMINATED) and not line.endswith(":")
            if ended and not (line.startswith("(") and labelled_source(line.rstrip("."))):
                return
            if source := labelled_source(line.rstrip(".")):
                self.source = source
            elif name := labelled_byline(line):
                self.byline = self.byline or name
            elif not self.byline and (name := bare_byline(line)) and not self._ends_list():
                self.byline = name
            else:
                return
            self.left_out.append(self.body.pop())

    def _take_byline_within(self) -> None:
        """Cut a name off the end of the last paragraph ("… theo quy định. Minh Tâm")."""
        last = self.body[-1]
        found = _NAME_BEHIND.search(self.text, max(last.start, last.end - 60), last.end)
        if found is not None and (name := bare_byline(found["name"])):
            self.byline = name
            self.left_out.append(Span(found.start("name"), last.end))
            self.body[-1] = Span(last.start, found.start("blank"))

    def _line(self, number: int) -> str:
        span = self.body[number]
        return self.text[span.start : span.end]

    def _ends_list(self) -> bool:
        """Is the last line one of several names below each other, and so part of what is told?"""
        before = self._line(-2)
        return before.endswith((":", ";", ",")) or bool(bare_byline(before))
