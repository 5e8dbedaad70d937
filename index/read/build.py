"""From text and what its file says about it to an Article: the last step of every reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path

from index.clean import clean
from index.lines import made_date, stated_date
from index.normalize import composed
from index.sentences import split_sentences
from index.titles import title_from
from index.types import Article, Span
from models.errors import InputError

_FILE_DATE = re.compile(r"(?<!\d)(19\d\d|20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a file states about its article beside the text; "" or None where it does not."""

    id: str = ""
    title: str = ""
    date: date | None = None
    byline: str = ""
    source: str = ""
    url: str = ""


def build_article(
    text: str,
    stated: Stated,
    *,
    path: Path,
    start: int = 0,
    markdown: bool = False,
    name_date: bool = True,
    rows: frozenset[str] = frozenset(),
) -> Article:
    """Make the article of a text whose content begins at `start`.

    What is stated goes before what is found in the text. `name_date`: the file's name may hold the date
    (it does not where one file holds many articles). `rows`: lines that are rows of tables (see
    `index.read.tables`). Raises InputError if nothing is left to read.
    """
    if not text[start:].strip():
        raise InputError("trong tệp không có chữ nào", path=path)
    found = clean(text, start=start, known_title=stated.title, markdown=markdown, rows=rows)
    title = composed(stated.title) or found.title
    body = found.body
    if not body and not title and not found.captions:
        raise InputError("trong tệp không có nội dung bài báo", path=path)
    if not body and title:  # an article that is but its headline is still one
        body = found.left_out[-1:] or (Span(start, len(text)),)
    if not title:
        title = _first_words(text, body) or composed(path.stem)
    day, inferred = stated.date or found.date, stated.date is None and found.date_inferred
    if day is None and name_date and (match := _FILE_DATE.search(path.stem)) is not None:
        day, inferred = made_date(match[1], match[3], match[4]), True
    byline, source = composed(stated.byline) or found.byline, composed(stated.source) or found.source
    digest = content_hash(text, title, "" if day is None else day.isoformat(), byline, source, stated.url)
    return Article(
        id=stated.id or digest[:16],
        title=title,
        text=text,
        body=body,
        date=day,
        date_inferred=inferred and day is not None,
        byline=byline,
        path=str(path),
        source=source,
        url=stated.url,
        content_hash=digest,
        captions=found.captions,
    )


def content_hash(*parts: str) -> str:
    """32 hexadecimal digits that change with any of the parts."""
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def parse_date(value: object) -> date | None:
    """A date out of what files hold: a date, ISO text, dd/mm/yyyy, seconds since 1970; None if it is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        seconds = value / 1000 if value > 1e11 else value
        return datetime.fromtimestamp(seconds).date() if 0 < seconds < 4e9 else None
    if not isinstance(value, str):
        return None
    value = composed(value).strip()
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        pass
    found = stated_date(value)
    if found is None and (match := re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", value)):
        found = made_date(match[1], match[2], match[3])
    if found is None and (match := re.search(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)", value)):
        found = made_date(match[3], match[2], match[1])
    return found


def _first_words(text: str, body: tuple[Span, ...]) -> str:
    if not body:
        return ""
    sentences = split_sentences(text, body[0].start, min(body[0].end, body[0].start + 1_000))
    return title_from(first := composed(sentences[0].text), 0, len(first)) if sentences else ""
