"""Weighing the evidence: how likely a sentence answers, and which stretch of it is the answer.

Two linear models over features that rules and the learned reader give: one orders sentences, one orders the
candidates inside a sentence. Their weights are in data/reading.json, made by `python -m qa.tune` from
questions that no other part was trained on. There is one set with the reader and one without.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from qa.align import Overlap
from qa.candidates import Type
from qa.question import Kind

SENTENCE_FEATURES = (
    "bias", "logit", "probability", "words", "pairs", "focus", "names", "context_words", "context_focus",
    "fit", "number_fit", "length", "share", "hit",
)  # fmt: skip
SPAN_FEATURES = (
    "agree", "agree2", "number", "date", "person", "document", "other", "untyped", "fits_kind", "length",
    "one_word", "untyped_figure",
)  # fmt: skip
_GROUPS = {
    Type.NUMBER: "number",
    Type.DATE: "date",
    Type.PERSON: "person",
    Type.ROLE: "person",
    Type.DOCUMENT: "document",
}
_KIND_GROUPS = {
    Kind.NUMBER: "number",
    Kind.TOTAL: "number",
    Kind.COMPARISON: "number",
    Kind.DATE: "date",
    Kind.PERSON: "person",
    Kind.ROLE: "person",
    Kind.DOCUMENT: "document",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of both models by the name of their features."""

    sentence: Mapping[str, float]
    span: Mapping[str, float]


@lru_cache(maxsize=2)
def weights(*, reader: bool) -> Weights:
    """Return the shipped weights, for use with or without the reader."""
    raw = json.loads((files("qa") / "data" / "reading.json").read_text("utf-8"))
    chosen = raw["with_reader" if reader else "rules_only"]
    return Weights(chosen["sentence"], chosen["span"])


def group_of(kind: Type | None) -> str:
    """Return the group of features that a candidate's fit counts in."""
    return "untyped" if kind is None else _GROUPS.get(kind, "other")


def sentence_features(
    *,
    kind: Kind,
    logit: float,
    probability: float,
    overlap: Overlap,
    context: Overlap,
    fits: Sequence[tuple[Type | None, float]],
    length: int,
    share: float,
    hit: float,
) -> dict[str, float]:
    """Return the features of a sentence; `fits` are its candidates' types and fits, `length` characters."""
    figures = [fit for type_, fit in fits if type_ in _GROUPS]
    typed = max(figures, default=0.0) if kind in _KIND_GROUPS else 0.0
    return {
        "bias": 1.0,
        "logit": max(-3.0, min(3.0, 0.3 * logit)),
        "probability": probability,
        "words": overlap.words,
        "pairs": overlap.pairs,
        "focus": overlap.focus,
        "names": overlap.names,
        "context_words": context.words,
        "context_focus": context.focus,
        "fit": typed,
        "number_fit": typed if kind in (Kind.NUMBER, Kind.TOTAL, Kind.COMPARISON) else 0.0,
        "length": min(length, 300) / 300,
        "share": share,
        "hit": hit,
    }


def span_features(
    *, kind: Kind, type_: Type | None, fit: float, agree: float, words: int
) -> dict[str, float]:
    """Return the features of a candidate; `agree` in [0, 1] is the reader's expected overlap with it."""
    group = group_of(type_)
    found = {
        "agree": agree,
        "agree2": agree * agree,
        "untyped": float(type_ is None),
        "fits_kind": float(group == _KIND_GROUPS.get(kind)),
        "length": min(words, 30) / 30,
        "one_word": float(words <= 1),
        "untyped_figure": float(type_ is None and kind in (Kind.NUMBER, Kind.TOTAL, Kind.DATE)),
    }
    if group != "untyped":
        found[group] = fit
    return found


def weigh(features: Mapping[str, float], by: Mapping[str, float]) -> float:
    """Return the weighted sum of features."""
    return sum(by.get(name, 0.0) * value for name, value in features.items())


def squash(value: float) -> float:
    """Return the logistic function of `value`."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def shares(values: Sequence[float]) -> list[float]:
    """Return the softmax of values, sharpened as in tuning."""
    if not values:
        return []
    top = max(values)
    powers = [math.exp(3 * (value - top)) for value in values]
    total = sum(powers)
    return [power / total for power in powers]
