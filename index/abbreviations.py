"""Abbreviations of Vietnamese news and their full forms, both ways.

`expand` finds both in a question. An abbreviation may have several readings, the likeliest first; the
passages decide. The lexicon is index/data/abbreviations.tsv: abbreviation, full form, and "=" where questions
with the full form should also look for the abbreviation, ">" where that would bring noise (đại học → ĐH).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from index.normalize import strip_tones
from index.syllables import fold_word, is_syllable

_WORD = re.compile(r"[^\W_]+")
_ABBREVIATION = re.compile(r"(?<![\w/&.-])[^\W\d_]+(?:(?:\.\s?|[&/-])[^\W\d_]+)*(?![\w/-])")
_SEPARATORS = re.compile(r"[\s.&/-]+")
_LONGEST_ABBREVIATION = 16


@dataclass(frozen=True, slots=True)
class Expansion:
    """`question[start:end]` (`original`) may also be written as each of `alternatives`, likeliest first."""

    start: int
    end: int
    original: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """`readings`: abbreviation (upper case, no separators) → full forms; `plain`: without marks.

    `keys`: abbreviation → the term under which it and its full form are both found ("TƯ", "T.Ư" → "tw").

    `shortened`: lower-case syllables of a full form (with marks, and without) → abbreviations.
    """

    readings: dict[str, tuple[str, ...]]
    plain: dict[str, tuple[str, ...]]
    shortened: dict[tuple[str, ...], tuple[str, ...]]
    keys: dict[str, str]
    starts: frozenset[tuple[str, ...]]  # the first two syllables of each of `shortened`
    longest: int


def _key(abbreviation: str) -> str:
    return _SEPARATORS.sub("", abbreviation).upper()


def _syllables(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


def _add(table: dict[str, tuple[str, ...]], key: str, value: str) -> None:
    if value not in table.get(key, ()):
        table[key] = (*table.get(key, ()), value)


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    readings: dict[str, tuple[str, ...]] = {}
    plain: dict[str, tuple[str, ...]] = {}
    shortened: dict[tuple[str, ...], tuple[str, ...]] = {}
    keys: dict[str, str] = {}
    text = (files("index") / "data" / "abbreviations.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        abbreviation, full, direction = line.split("\t")
        key = _key(abbreviation)
        _add(readings, key, full)
        _add(plain, strip_tones(key), full)
        if direction == "=":
            syllables = _syllables(full)
            keys.setdefault(key, _key(shortened.get(syllables, (abbreviation,))[0]).lower())
            for written in {syllables, tuple(map(strip_tones, syllables))}:
                if key not in map(_key, shortened.get(written, ())):
                    shortened[written] = (*shortened.get(written, ()), abbreviation)
    starts = frozenset(syllables[:2] for syllables in shortened)
    return _Lexicon(readings, plain, shortened, keys, starts, max(map(len, shortened)))


def term_of(abbreviation: str) -> str | None:
    """Return the term for an abbreviation and its full form alike: "TƯ" → "tw", "GD&ĐT" → "gdđt"."""
    return _lexicon().keys.get(_key(abbreviation))


@lru_cache(maxsize=1)
def full_form_terms() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Return full forms by their first two syllables joined by "_", each as (syllables, term).

    Forms typed without marks are there too.
    """
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    lexicon = _lexicon()
    for syllables, abbreviations in lexicon.shortened.items():
        term = lexicon.keys[_key(abbreviations[0])]
        entries = table.setdefault("_".join(map(fold_word, syllables[:2])), [])
        entry = (tuple(map(fold_word, syllables)), term)
        if entry not in entries:
            entries.append(entry)
    return {start: tuple(entries) for start, entries in table.items()}


def readings_of(abbreviation: str) -> tuple[str, ...]:
    """Return the full forms of an abbreviation as written (TP.HCM, tphcm, GD-ĐT, hdnd); empty if unknown.

    Lower-case letters that are a Vietnamese word ("da", "ca") are no abbreviation.
    """
    if not 2 <= len(abbreviation) <= _LONGEST_ABBREVIATION:
        return ()
    lexicon = _lexicon()
    key = _key(abbreviation)
    lower = not any(character.isupper() for character in abbreviation)
    if lower and abbreviation.isalpha() and (len(key) < 3 or is_syllable(abbreviation)):
        return ()
    if not lower and abbreviation.istitle() and abbreviation.isalpha() and is_syllable(abbreviation):
        return ()
    found = lexicon.readings.get(key)
    if found is None and key.isascii():
        found = lexicon.plain.get(key)
    return found or ()


@dataclass(frozen=True, slots=True)
class Spellings:
    """One question twice: with abbreviations wherever there is a usual one, and with full forms."""

    short: str
    full: str


def both_spellings(question: str) -> Spellings:
    """Return a canonical question in its shortest and its fullest spelling; the same for either as input."""
    lexicon = _lexicon()
    short: list[str] = []
    full: list[str] = []
    done = 0
    for item in expand(question):
        if item.start < done:
            continue
        if _syllables(item.original) in lexicon.shortened and " " in item.original:
            written, abbreviations = item.original, item.alternatives
        else:
            known = [reading for reading in item.alternatives if _syllables(reading) in lexicon.shortened]
            if not known:
                continue
            written, abbreviations = known[0], lexicon.shortened[_syllables(known[0])]
        between = question[done : item.start]
        short += (between, abbreviations[0])
        full += (between, written)
        done = item.end
    return Spellings("".join((*short, question[done:])), "".join((*full, question[done:])))


def expand(question: str) -> list[Expansion]:
    """Return the expansions of a canonical question, in order; they may lie inside each other."""
    found = [
        Expansion(match.start(), match.end(), match[0], readings)
        for match in _ABBREVIATION.finditer(question)
        if (readings := readings_of(match[0]))
    ]
    lexicon = _lexicon()
    lowered = question.lower()
    words = list(_WORD.finditer(lowered if len(lowered) == len(question) else question))
    written = tuple([match[0] for match in words])
    for first in range(len(words) - 1):
        if written[first : first + 2] not in lexicon.starts:
            continue
        for length in range(min(lexicon.longest, len(words) - first), 1, -1):
            abbreviations = lexicon.shortened.get(written[first : first + length])
            if abbreviations:
                start, end = words[first].start(), words[first + length - 1].end()
                found.append(Expansion(start, end, question[start:end], abbreviations))
    return sorted(found, key=lambda item: (item.start, -item.end))
