"""Canonical Vietnamese text: one spelling for what readers see as one word, with offsets back.

Canonical means: NFC; no zero-width or control characters; plain spaces; Latin letters where a look-alike
of another script (Cyrillic, Greek, full-width, Ð for Đ) was typed inside a word; the tone mark on the
vowel where "hòa, khỏe, thủy, quý, giá" carry it. Only whole Vietnamese syllables have their mark moved.
This module knows nothing of tokens, articles or fonts (see `legacy` for TCVN3 and VNI).

Tone placement follows the spelling of the press and of most people's typing (hòa rather than hoà).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.syllables import place_tone, toned

NORMALIZER_VERSION = 2
"""Raised with each change of canonical text or of terms in `index.tokens`: older libraries are refused."""

_LETTER = r"[^\W\d_]"


@dataclass(frozen=True, slots=True)
class CanonicalText:
    """Canonical `text` and its `offsets` into the original: `len(text) + 1` ascending code point offsets.

    `original[offsets[i]:offsets[j]]` is what `text[i:j]` was made of, for i and j on character boundaries.
    """

    text: str
    offsets: Sequence[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original half-open range of `text[start:end]`."""
        return self.offsets[start], self.offsets[end]


def _char_table() -> dict[int, str | None]:
    """One-character replacements that are right in any context."""
    table: dict[int, str | None] = {}
    for code in (
        0x00AD,
        0x034F,
        0x061C,
        0x180E,
        0xFEFF,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
    ):
        table[code] = None
    for code in (
        *range(0x00, 0x09),
        0x0B,
        0x0C,
        *range(0x0E, 0x20),
        *range(0x7F, 0xA1),
        0x1680,
        *range(0x2000, 0x200B),
        0x2028,
        0x2029,
        0x202F,
        0x205F,
        0x3000,
    ):
        table[code] = " "
    table.update({0x85: "\n", 0x2028: "\n", 0x2029: "\n"})
    table.update({ord(a): b for a, b in zip("ÐðƉɖ‐‑−", "ĐđĐđ---", strict=True)})
    compatibility = (
        *range(0xFF01, 0xFF5F),
        *range(0x2160, 0x2180),
        *range(0xFB00, 0xFB07),
        *range(0x1D400, 0x1D800),
    )
    for code in compatibility:
        plain = unicodedata.normalize("NFKC", chr(code))
        if plain != chr(code) and plain.isascii():
            table[code] = plain
    return table


_CHARS = _char_table()
_ODD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\xd0\xf0\u0189\u0256\u034f\u061c\u1680\u180e"
    "\u2000-\u2011\u2028-\u202f\u205f-\u206f\u2160-\u217f\u2212\u3000\ufb00-\ufb06\ufe00-\ufe0f"
    "\ufeff\uff01-\uff5e\U0001d400-\U0001d7ff\u0300-\u0345\u0370-\u052f\u1f00-\u1fff]"
)  # nearly every text has none of these, so one search decides

# Cyrillic and Greek letters that look like Latin ones; replaced only in words that also hold Latin letters.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеѕіјорсхуһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαιορυν",
    "ABESIJKMHOPCTXYaesijopcxyhdqwABEZHIKMNOPTYXaiopuv",
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f\u1f00-\u1fff]")
_MIXED_WORD = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


def _suspect_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Shapes in which a mark sits on the wrong letter: cheap filters before whole words are looked at.

    Each starts with a set of characters, which the regex engine can skip to quickly.
    """
    a, e, i, o, u, y = (toned(v + v.upper()) for v in "aeiouy")
    horn = toned("ưƯ")
    late = f"[oOuU][{a}{e}{y}](?!{_LETTER})"  # hoà, thuỷ
    early = (  # hòan, cúôi, khủyu, tíên, trừơng, qúa, gía
        f"[{o}{u}{i}{y}{horn}](?:(?<=[{o}])[aAeE]{_LETTER}|(?<=[{u}])(?:[âêôơÂÊÔƠ]|[yY]{_LETTER})"
        f"|(?<=[{i}{y}])[êÊ]|(?<=[{horn}])[ơƠ]|(?<=[qQ][{u}])|(?<=[gG][{i}])[aăâeoôơuưAĂÂEOÔƠUƯ])"
    )
    return re.compile(late), re.compile(early)


_LATE_MARK, _EARLY_MARK = _suspect_patterns()


def _place_tones(text: str) -> str:
    for pattern in (_LATE_MARK, _EARLY_MARK):
        if match := pattern.search(text):
            text = _place_from(text, pattern, match)
    return text


def _place_from(text: str, pattern: re.Pattern[str], first: re.Match[str]) -> str:
    pieces: list[str] = []
    done, size = 0, len(text)
    match: re.Match[str] | None = first
    while match is not None:
        start, end = match.span()
        while start > done and text[start - 1].isalpha():
            start -= 1
        while end < size and text[end].isalpha():
            end += 1
        pieces += (text[done:start], place_tone(text[start:end]))
        done = end
        match = pattern.search(text, end)
    pieces.append(text[done:])
    return "".join(pieces)


def _latinise(word: str) -> str:
    """Replace look-alikes in a word that mixes scripts."""
    if not _FOREIGN.search(word) or not _LATIN.search(word):
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", decomposed.translate(_LOOKALIKES))


def canonical(text: str) -> str:
    """Return the canonical form of a text. Idempotent; equal for NFC and NFD input. Never raises."""
    if _ODD.search(text):
        text = text.translate(_CHARS)
        if _FOREIGN.search(text):
            text = _MIXED_WORD.sub(lambda match: _latinise(match[0]), unicodedata.normalize("NFC", text))
    if text.isascii():
        return text
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return _place_tones(text)


def canonical_with_offsets(text: str) -> CanonicalText:
    """Return the canonical form together with its offsets into `text`."""
    result = canonical(text)
    if result is text or result == text:
        return CanonicalText(text, range(len(text) + 1))
    if len(result) == len(text) and unicodedata.is_normalized("NFC", text) and not _ODD.search(text):
        return CanonicalText(result, range(len(text) + 1))
    pieces, starts, sizes = _clusters(text)
    if _FOREIGN.search(text):
        pieces = _latinise_clusters(pieces)
    offsets: list[int] = []
    for piece, start, size in zip(pieces, starts, sizes, strict=True):
        offsets += (start + min(i, size - 1) for i in range(len(piece)))
    offsets.append(len(text))
    if len(offsets) != len(result) + 1:  # pragma: no cover - guarded by the property tests
        offsets = [min(i, len(text)) for i in range(len(result))] + [len(text)]
    return CanonicalText(result, offsets)


def composed(text: str) -> str:
    """Return the NFC form of a text, and no other change: what patterns of Vietnamese letters can match."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def composed_with_offsets(text: str) -> CanonicalText:
    """Return the NFC form together with its offsets into `text`."""
    if unicodedata.is_normalized("NFC", text):
        return CanonicalText(text, range(len(text) + 1))
    pieces, starts, sizes = _clusters(text, {})
    offsets: list[int] = []
    for piece, start, size in zip(pieces, starts, sizes, strict=True):
        offsets += (start + min(i, size - 1) for i in range(len(piece)))
    offsets.append(len(text))
    return CanonicalText("".join(pieces), offsets)


def _clusters(
    text: str, replacements: Mapping[int, str | None] = _CHARS
) -> tuple[list[str], list[int], list[int]]:
    """Cut a text where normalisation may not reach across: NFC pieces, their starts and original sizes."""
    pieces: list[str] = []
    starts: list[int] = []
    sizes: list[int] = []
    for at, original in enumerate(text):
        replacement = replacements.get(ord(original), original)
        for character in replacement or "":
            if pieces and not character.isascii():
                alone = unicodedata.normalize("NFC", character)
                joined = unicodedata.normalize("NFC", pieces[-1] + character)
                if joined != pieces[-1] + alone or unicodedata.combining(character):
                    pieces[-1] = joined
                    sizes[-1] = at + 1 - starts[-1]
                    continue
            pieces.append(unicodedata.normalize("NFC", character))
            starts.append(at)
            sizes.append(1)
    return pieces, starts, sizes


def _latinise_clusters(pieces: list[str]) -> list[str]:
    """Apply `_latinise` to words, cluster by cluster, so that cluster borders stay."""
    owner = [i for i, piece in enumerate(pieces) for _ in piece]
    result = list(pieces)
    for match in _MIXED_WORD.finditer("".join(pieces)):
        word = match[0]
        if _FOREIGN.search(word) and _LATIN.search(word):
            for i in range(owner[match.start()], owner[match.end() - 1] + 1):
                decomposed = unicodedata.normalize("NFD", pieces[i])
                result[i] = unicodedata.normalize("NFC", decomposed.translate(_LOOKALIKES))
    return result


def _toneless_table() -> dict[int, str]:
    table = {ord("đ"): "d", ord("Đ"): "D"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[code] = base
    return table


_TONELESS = _toneless_table()


def strip_tones(text: str) -> str:
    """Return a canonical text without any marks (đ → d, ấ → a), of the same length."""
    return text if text.isascii() else text.translate(_TONELESS)
