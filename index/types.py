"""What crosses the doors of the index: articles, sentences, passages, hits.

All offsets count Unicode code points of `Article.text`, which is the text exactly as the reader got it
(for .txt and .md: the decoded file itself; for .html, .pdf, .docx: the extracted text; for .jsonl and
.csv: the value of the `text` field). Only the rows of tables with a header are written out as sentences
("Khu: A; Số gian: 28."; see `index.read.tables`). It is never normalised, so that a quote is always verbatim:
`article.text[span.start:span.end]` is what the article says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range [start, end) of code points of an article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One article, as read.

    `id` is stable: the given one, else derived from the content. `body` are the blocks (paragraphs, in
    order, not overlapping) that belong to the article itself: captions, picture remains, bylines, date
    prefixes and blog footers lie outside of it. `captions` are the lines under pictures: they break no
    paragraph of the body, but what only they say can still be found. `date_inferred` is true where `date`
    was not stated as the article's date but read out of its first lines or the file name.
    """

    id: str
    title: str
    text: str
    body: tuple[Span, ...] = ()
    date: date | None = None
    date_inferred: bool = False
    byline: str = ""
    path: str = ""
    source: str = ""
    url: str = ""
    content_hash: str = ""
    captions: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: `text == article.text[start:end]`, verbatim."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences of one article, the unit that is indexed and ranked.

    `text` is the sentences' text joined by a space (by a newline between paragraphs); `start` and `end`
    are the hull in `Article.text`. Captions between two paragraphs lie inside the hull but not in `text`.
    `position` counts the passages of an article from 0; `id` is unique within a library.
    """

    id: int
    article_id: str
    position: int
    text: str
    start: int
    end: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage. `score` is in [0, 1], higher is better, comparable within one search only.

    `parts` holds what the score was made of (name of the component → its normalised value), for
    display and for the calibration of refusals. `reprints` are the ids of articles that carry a
    near-identical passage and were folded into this hit.
    """

    passage: Passage
    article: Article
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)
    reprints: tuple[str, ...] = ()
