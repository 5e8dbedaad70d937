"""A question as the indexes take it: canonical text, weighted terms per field, filters.

This module knows the question only, no passage.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.lexical import LexicalQuery
from index.normalize import canonical, strip_tones
from index.tokens import passage_terms

MAX_QUESTION = 2_000  # code points; what comes after adds nothing to a question
MAX_TERMS = 64


@dataclass(frozen=True, slots=True)
class Query:
    """`text` is canonical and cut to `MAX_QUESTION`; `toneless` says that it was written without marks."""

    text: str
    terms: tuple[str, ...]
    toneless: bool
    lexical: LexicalQuery

    @property
    def empty(self) -> bool:
        """Is there nothing to look for?"""
        return not self.terms


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """What a term counts in each field of the lexical index."""

    accented: float = 1.0
    toneless: float = 0.0
    pairs: float = 0.4
    title: float = 0.4


def understand(question: str, *, weights: FieldWeights | None = None) -> Query:
    """Turn a question into a query; any text is allowed."""
    weights = weights or FieldWeights()
    text = canonical(question[: 2 * MAX_QUESTION])[:MAX_QUESTION].strip()
    found = passage_terms(text)
    terms = list(dict.fromkeys(found.accented))[:MAX_TERMS]
    bare = list(dict.fromkeys(found.toneless))[:MAX_TERMS]
    toneless = bool(terms) and text == strip_tones(text)
    fields: dict[str, dict[str, float]] = {}
    if toneless:
        fields["toneless"] = dict.fromkeys(bare, weights.accented)
        fields["toneless_pairs"] = dict.fromkeys(found.toneless_pairs[:MAX_TERMS], weights.pairs)
        fields["toneless_title"] = dict.fromkeys(bare, weights.title)
    else:
        fields["accented"] = dict.fromkeys(terms, weights.accented)
        fields["pairs"] = dict.fromkeys(found.accented_pairs[:MAX_TERMS], weights.pairs)
        fields["title"] = dict.fromkeys(terms, weights.title)
        if weights.toneless:
            fields["toneless"] = dict.fromkeys(bare, weights.toneless)
    return Query(text, tuple(terms), toneless, LexicalQuery(fields))
