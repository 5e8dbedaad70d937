"""What crosses the doors of question answering: answers, citations, evidence and stream events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from index.types import Article, Hit, Sentence

#: Confidence below which people are told that an answer is not sure.
SURE = 0.65


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """The article that a citation points to."""

    id: str
    title: str
    date: date | None
    path: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote: the article's text from `start` to `end` (code points) is `quote`.

    `marker` is the n of [n] in the answer's text. `marks` are (start, end) pairs relative to `quote`: the
    answer itself inside the quoted sentence (empty where the whole sentence is the answer).
    """

    marker: int
    article: ArticleRef
    quote: str
    start: int
    end: int
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer, with its place; `marker` is its number in the prompt and the answer.

    `score` in [0, 1] is the reader's belief that this sentence answers; `marks` are candidate answer spans
    (relative to the sentence's text), best first.
    """

    marker: int
    sentence: Sentence
    article: Article
    hit: Hit
    score: float
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that verification took out of an answer, and why (Vietnamese, for a person)."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a question.

    `text` carries markers [n]; each n is in `citations`. If `abstained`, `text` says in Vietnamese that the
    library does not hold the answer, `citations` is empty and `nearest` names the nearest articles.
    `confidence` in [0, 1] is calibrated: the expected share of right answers at this value; an answer below
    SURE is not `sure`, and its quote is to be read before it is used. `question` is
    the question as understood (`rewritten` is true where a follow-up was completed from the history).
    `timings` are milliseconds by stage. `method` is "extractive" or "generated".
    """

    text: str
    citations: tuple[Citation, ...]
    abstained: bool
    confidence: float
    hits: tuple[Hit, ...]
    timings: Mapping[str, float]
    question: str = ""
    rewritten: bool = False
    nearest: tuple[ArticleRef, ...] = ()
    removed: tuple[Removed, ...] = ()
    method: str = "extractive"
    notes: tuple[str, ...] = ()
    explanation: Mapping[str, object] = field(default_factory=dict)
    sure: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Say whether the answer is sure."""
        object.__setattr__(self, "sure", not self.abstained and self.confidence >= SURE)


@dataclass(frozen=True, slots=True)
class SourcesFound:
    """First event of a stream: the evidence, before any text. Shown at once."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of provisional answer text; what verification says comes with `Finished`."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Last event of a stream: the verified answer, which replaces all provisional text."""

    answer: Answer


Event = SourcesFound | TextDelta | Finished
