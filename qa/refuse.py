"""Refusing: the calibrated belief that a finding answers the question, and what to say where it does not.

A logistic model over a handful of features of the retrieval, the reading and the answer's type; its weights
are in data/refusal.json with the recipe that made them. A finding that speaks of another ward, or of a name
that stands nowhere in the article, is refused whatever its score.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from index.types import Article, Hit
from qa.extract import Finding
from qa.fit import types_for
from qa.prompt import REFUSAL_TEXT
from qa.question import Question
from qa.scope import Standing, named_in
from qa.types import ArticleRef

FEATURES = (
    "score",
    "fit",
    "words",
    "focus",
    "context",
    "names",
    "pairs",
    "standing",
    "typed",
    "reader_sentence",
    "reader_span",
    "retrieval",
    "margin",
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the logistic model and the confidence below which an answer is refused."""

    bias: float
    weights: Mapping[str, float]
    threshold: float
    recipe: str = ""

    def confidence(self, features: Mapping[str, float]) -> float:
        """Return in [0, 1] the expected share of right answers among findings with these features."""
        total = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=1)
def shipped() -> Calibration:
    """Return the calibration that comes with the package."""
    return read_calibration((files("qa") / "data" / "refusal.json").read_text("utf-8"))


def read_calibration(text: str) -> Calibration:
    """Read a calibration from its JSON."""
    raw = json.loads(text)
    return Calibration(
        float(raw["bias"]), dict(raw["weights"]), float(raw["threshold"]), str(raw.get("recipe", ""))
    )


def calibration_of(folder: Path) -> Calibration:
    """Return the calibration fitted to a library, else the shipped one."""
    file = folder / "calibration.json"
    return read_calibration(file.read_text("utf-8")) if file.exists() else shipped()


def features_of(question: Question, findings: Sequence[Finding]) -> dict[str, float]:
    """Return the features of the best finding, each in [0, 1]."""
    best = findings[0]
    typed = best.type in types_for(question) if types_for(question) else True
    other = next((f for f in findings[1:] if f.text.lower() != best.text.lower()), None)
    return {
        "score": best.score,
        "fit": best.fit,
        "words": best.overlap.words,
        "focus": best.context.focus,
        "context": best.context.words,
        "names": best.context.names,
        "pairs": best.overlap.pairs,
        "standing": best.standing / Standing.HERE,
        "typed": float(typed),
        "reader_sentence": best.reader_sentence,
        "reader_span": best.reader_span,
        "retrieval": best.hit.score,
        "margin": best.score - (other.score if other else 0.0),
    }


def impossible(finding: Finding) -> bool:
    """Return whether a finding cannot be the answer: it speaks of another place, or of nobody asked about."""
    return finding.standing <= Standing.RIVAL


def reference(article: Article) -> ArticleRef:
    """Return the reference of an article."""
    return ArticleRef(article.id, article.title, article.date, article.path, article.source, article.url)


def nearest(hits: Sequence[Hit], *, limit: int = 3) -> tuple[ArticleRef, ...]:
    """Return the articles nearest to a question, each once."""
    found: dict[str, ArticleRef] = {}
    for hit in hits:
        found.setdefault(hit.article.id, reference(hit.article))
    return tuple(found.values())[:limit]


def refusal(question: Question, hits: Sequence[Hit], findings: Sequence[Finding]) -> str:
    """Return the refusal in Vietnamese: what is missing, as far as it can be told."""
    absent = [
        name
        for name in question.names
        if not any(named_in(name, hit.article.text, toneless=question.toneless) for hit in hits)
    ]
    if absent:
        shown = ", ".join(f"“{(name.head + ' ' + name.text).strip()}”" for name in absent)
        return f"{REFUSAL_TEXT} Không bài nào nhắc đến {shown}."
    missing = findings[0].context.missing if findings else ()
    if missing:
        shown = ", ".join(f"“{word}”" for word in missing[:3])
        return f"{REFUSAL_TEXT} Những bài gần nhất không nói đến {shown} trong điều được hỏi."
    return REFUSAL_TEXT
