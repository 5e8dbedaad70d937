"""A text read word by word: canonical, toneless and capital forms with their places.

The unit is the syllable (or a number, or a document number), because questions and sentences are aligned
syllable by syllable. Offsets of words count code points of the canonical text; `original_span` leads back
to the text as the article has it. This module knows no question and no article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.normalize import canonical_with_offsets, strip_tones

# A document number ("11/NQ-HĐND", "35-CT/TW", "249-KH/UBKTTW"), a number with its separators, a word.
_WORD = re.compile(r"\d+[/-][^\W\d_]+(?:[-/][^\W\d_]+)+\d*|\d+(?:[.,/:-]\d+)*|[^\W\d_]+\d*", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Word:
    """One syllable or number; `key` is lower-case canonical, `plain` the same without tone marks."""

    key: str
    plain: str
    start: int
    end: int
    capital: bool
    is_number: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A text as canonical words. `text[w.start:w.end]` is what word w looks like."""

    original: str
    text: str
    offsets: Sequence[int]
    words: tuple[Word, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Place in `original` of the canonical range [start, end), in code points."""
        return self.offsets[start], self.offsets[end]

    def slice(self, start: int, end: int) -> str:
        """Return the canonical text of words [start, end)."""
        if start >= end:
            return ""
        return self.text[self.words[start].start : self.words[end - 1].end]

    def word_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the words that overlap the canonical characters [start, end)."""
        inside = [i for i, word in enumerate(self.words) if word.end > start and word.start < end]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


def capital(text: str) -> str:
    """Return a text with its first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def word_set(text: str) -> frozenset[str]:
    """Return the words of a table written as running text."""
    return frozenset(text.split())


def phrases(text: str) -> tuple[str, ...]:
    """Return the phrases of a table written with | between them."""
    return tuple(text.split("|"))


def has_tones(text: str) -> bool:
    """Return whether any letter of canonical `text` carries a tone or vowel mark, or is đ."""
    return strip_tones(text) != text


@lru_cache(maxsize=16384)
def read_words(text: str) -> Words:
    """Read `text` word by word. Cached: the sentences of a library come again and again."""
    read = canonical_with_offsets(text)
    shown = read.text
    lowered = shown.lower()
    if len(lowered) != len(shown):  # a letter like İ grows when lowered: keep the places right
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in shown)
    plain = strip_tones(lowered)
    words = tuple(
        Word(
            key=lowered[m.start() : m.end()],
            plain=plain[m.start() : m.end()],
            start=m.start(),
            end=m.end(),
            capital=shown[m.start()].isupper(),
            is_number=shown[m.start()].isdigit(),
        )
        for m in _WORD.finditer(shown)
    )
    return Words(original=text, text=shown, offsets=read.offsets, words=words)
