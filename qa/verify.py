"""Verification: every sentence of an answer against the sentences it cites, in code, whoever wrote it.

Stages: 1. neutralise markup and odd markers; 2. split into sentences with their markers; 3. for each sentence
find the evidence that carries all of it: the cited one, else another that does; 4. drop what none carries,
and say why. What passes has markers that exist, and numbers, dates, document numbers, names and roles that
stand in the cited place, about the same unit and place, with no negation or comparison turned round.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.normalize import canonical
from index.sentences import split_sentences
from qa.support import unsupported
from qa.types import Evidence, Removed

_MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
# Brackets that look like ours, of other scripts or with other things inside, are none.
_FAKE = re.compile(
    r"[【〔⟦〚［\[({]\s*(?:nguồn|source|ref|doc)?\s*\^?\s*#?(\d{1,3})\s*(?:†[^\]】]*)?[】〕⟧〛］]|[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,3}(?=[\s.,]|$)"
)
_MARKUP = (
    (re.compile(r"```.*?```", re.S), " "),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"<[^<>]{0,200}>"), " "),
    (re.compile(r"(?:https?|file|javascript|data):\S+", re.I), " "),
    (re.compile(r"^\s*(?:#{1,6}|>|[-*•]|\d+[.)])\s+", re.M), ""),
    (re.compile(r"\*\*|__|`"), ""),
)
_BARE = re.compile(r"[\s.!?…,;:“”\"'()\[\]–-]*")


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that passed, without markers, and the markers of the evidence that carries it."""

    text: str
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What is left of a text, and what was taken out of it."""

    kept: tuple[Kept, ...]
    removed: tuple[Removed, ...]

    @property
    def text(self) -> str:
        """Return the sentences kept, with their markers."""
        return " ".join(with_markers(sentence.text, sentence.markers) for sentence in self.kept)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer without its markers, and the markers it carried that exist."""

    text: str
    markers: tuple[int, ...]
    unknown: tuple[int, ...]


def neutralise(text: str) -> str:
    """Return article text for use in an answer: no bracketed numbers, no tags, on one line."""
    text = _MARKER.sub(lambda m: f"({m[1]})", " ".join(text.split()))
    text = re.sub(r"[【〔⟦〚［]\s*(\d{1,3})\s*[】〕⟧〛］]", r"(\1)", text)
    return text.replace("<", "‹").replace(">", "›")


def plain_text(text: str) -> str:
    """Return a model's text without markup, links and reasoning, its markers as plain [n]."""
    text = re.sub(r"<think>.*?(?:</think>|$)", " ", text, flags=re.S | re.I)
    text = _MARKUP[0][0].sub(" ", text)
    text = re.sub(r"\[(\d{1,3})\]\([^)]*\)", r"[\1]", text)  # [1](http://…)
    for pattern, replacement in _MARKUP[1:]:
        text = pattern.sub(replacement, text)
    return _FAKE.sub(lambda m: m.group() if _MARKER.fullmatch(m.group()) else " ", text)


def claims_in(text: str, *, known: frozenset[int]) -> list[Claim]:
    """Split a text into claims. Markers behind the full stop belong to the sentence before it."""
    text = canonical(plain_text(text))
    text = re.sub(r"([.!?…])(\s*)((?:\[\d[\d,; ]*\]\s*)+)", r" \3\1 ", text)
    claims: list[Claim] = []
    for sentence in _whole_quotes(text):
        numbers: list[int] = []
        for match in _MARKER.finditer(sentence):
            numbers.extend(int(part) for part in re.split(r"\D+", match[1]) if part)
        bare = " ".join(_MARKER.sub(" ", sentence).split())
        bare = re.sub(r"\s+([.,;:!?…])", r"\1", bare)
        if _BARE.fullmatch(bare):
            if claims and numbers:  # markers alone: they are the last sentence's
                last = claims.pop()
                numbers = [*last.markers, *last.unknown, *numbers]
                bare = last.text
            else:
                continue
        unique = tuple(dict.fromkeys(numbers))
        claims.append(
            Claim(bare, tuple(n for n in unique if n in known), tuple(n for n in unique if n not in known))
        )
    return claims


def _whole_quotes(text: str) -> list[str]:
    """Split into sentences, but never inside “…”."""
    found: list[str] = []
    for sentence in split_sentences(text):
        if found and found[-1].count("“") > found[-1].count("”"):
            found[-1] = f"{found[-1]} {sentence.text}"
        else:
            found.append(sentence.text)
    return found


def _carriers(claim: Claim, evidence: Sequence[Evidence]) -> tuple[tuple[int, ...], str]:
    """Return the markers of evidence that carries the claim, or no marker and the reason why none does."""
    by_marker = {item.marker: item for item in evidence}
    cited = [by_marker[marker] for marker in claim.markers]
    reason = ""
    if cited:
        for item in cited:
            why = unsupported(claim.text, [item])
            if why is None:
                return (item.marker,), ""
            reason = reason or why
        if len(cited) > 1:
            why = unsupported(claim.text, cited)
            if why is None:
                return tuple(item.marker for item in cited), ""
            reason = why
    for item in evidence:
        if item not in cited and unsupported(claim.text, [item]) is None:
            return (item.marker,), ""
    if not cited:
        reason = (
            "số nguồn không có trong danh sách"
            if claim.unknown
            else "không ghi nguồn, và không câu nguồn nào nói vậy"
        )
    return (), reason


def verify(text: str, evidence: Sequence[Evidence], *, limit: int = 12) -> Verified:
    """Check `text` against `evidence`; at most `limit` sentences are kept.

    A sentence with a wrong or no marker keeps its place if some evidence carries all of it: the marker is
    then put right. Sentences that nothing carries are in `removed`, each with its reason in Vietnamese.
    """
    known = frozenset(item.marker for item in evidence)
    kept: list[Kept] = []
    removed: list[Removed] = []
    for claim in claims_in(text, known=known):
        markers, reason = _carriers(claim, evidence)
        if markers and len(kept) < limit:
            kept.append(Kept(claim.text, markers))
        else:
            removed.append(Removed(claim.text, reason or "câu trả lời quá dài"))
    return Verified(tuple(kept), tuple(removed))


def with_markers(sentence: str, markers: Sequence[int]) -> str:
    """Return a sentence with its markers before the full stop, its own brackets made harmless."""
    shown = "".join(f"[{marker}]" for marker in sorted(markers))
    bare = sentence.rstrip(" .!?…")
    end = sentence[len(bare) :].strip() or "."
    return f"{neutralise(bare)} {shown}{end}"
