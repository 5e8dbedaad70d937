"""A question as the indexes take it: canonical text, weighted terms per field, the time it is about.

Words typed without tone marks are read twice: as typed, in the toneless fields, and as probably meant, in the
accented ones. Places that changed their name with the merger of 2025 are looked up under their other names
too. This module knows the question only, no passage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from index.dates import TimeRange, resolve_time
from index.lexical import LexicalQuery
from index.normalize import canonical
from index.query_terms import PLACE_WEIGHT, QueryTerm, query_terms
from index.toneless import detect, restored_text

MAX_QUESTION = 1_000  # code points: what comes after adds nothing to a question
MAX_TERMS = 48
_FIELD = {
    "accented": "accented",
    "toneless": "toneless",
    "accented_pair": "pairs",
    "toneless_pair": "toneless_pairs",
}


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """What a term counts in each field of the lexical index.

    `as_typed` and `as_meant` share the weight of a question that lacks tone marks between the toneless
    fields and the accented ones. `places` is the weight of another name of a place.
    """

    accented: float = 1.0
    pairs: float = 0.4
    title: float = 0.15
    as_typed: float = 0.5
    as_meant: float = 0.6
    places: float = PLACE_WEIGHT


@dataclass(frozen=True, slots=True)
class Query:
    """`text` is the canonical question with its tone marks put back; `restored` says whether any were.

    `terms` and `pairs` are what the second stage looks for, with their weights; in toneless form if
    `restored`.
    """

    text: str
    restored: bool
    terms: Mapping[str, float]
    pairs: Mapping[str, float]
    lexical: LexicalQuery
    time: TimeRange | None = None

    @property
    def empty(self) -> bool:
        """Is there nothing to look for?"""
        return not self.terms


@dataclass(slots=True)
class _Fields:
    terms: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, name: str, term: str, weight: float) -> None:
        if weight > 0:
            of_field = self.terms.setdefault(name, {})
            of_field[term] = max(weight, of_field.get(term, 0.0))


def understand(question: str, *, weights: FieldWeights | None = None, now: date | None = None) -> Query:
    """Turn a question into a query; any text is allowed."""
    weights = weights or FieldWeights()
    typed = canonical(question[: 4 * MAX_QUESTION])[:MAX_QUESTION].strip()
    words = detect(typed)
    text, restored = restored_text(typed, words), any(word.toneless for word in words)
    found = query_terms(typed, words=words, limit=MAX_TERMS, places=weights.places)
    fields = _Fields()
    for term in found:
        _enter(fields, term, weights, restored)
    kinds = ("toneless", "toneless_pair") if restored else ("accented", "accented_pair")
    return Query(
        text=text,
        restored=restored,
        terms={term.text: term.weight for term in found if term.field == kinds[0]},
        pairs={term.text: term.weight for term in found if term.field == kinds[1]},
        lexical=LexicalQuery(fields.terms),
        time=resolve_time(text, now=now or date.today()) if found else None,
    )


def _enter(fields: _Fields, term: QueryTerm, weights: FieldWeights, restored: bool) -> None:
    name = _FIELD[term.field]
    toneless = name.startswith("toneless")
    if toneless and not restored:
        return
    share = (weights.as_typed if toneless else weights.as_meant) if restored else 1.0
    if name in ("pairs", "toneless_pairs"):
        fields.add(name, term.text, term.weight * share * weights.pairs)
        return
    fields.add(name, term.text, term.weight * share * weights.accented)
    title = "toneless_title" if toneless else "title"
    fields.add(title, term.text, term.weight * share * weights.title)
