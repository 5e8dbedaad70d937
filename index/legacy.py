"""Vietnamese text from before Unicode: TCVN3 (ABC, fonts .VnTime) and VNI, read as Latin-1 or Windows-1252.

"Céng hoµ x· héi" (TCVN3) and "Coäng hoøa xaõ hoäi" (VNI) both say "Cộng hòa xã hội". A text is converted
only if nearly all of its words with odd letters become Vietnamese syllables by it and hardly any are as they
stand, so French, German or proper Vietnamese is left alone. Tables: TCVN 5712:1993 VN3, VNI for Windows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from index.syllables import is_syllable

_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉËÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ®¡¢£¤¥¦§",
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđĂÂÊÔƠƯĐ",
)
_TCVN3_LETTERS = frozenset(map(chr, _TCVN3))

# VNI: a letter, then what stands over or under it.
_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT, "â": _CIRCUMFLEX, "ê": _BREVE,
    "à": _CIRCUMFLEX + _GRAVE, "á": _CIRCUMFLEX + _ACUTE, "å": _CIRCUMFLEX + _HOOK,
    "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE,
    "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ì": "ì", "í": "í"}
_VNI = re.compile(
    "([aeoAEO])([øùûõïâàáåãäêèéúüëØÙÛÕÏÂÀÁÅÃÄÊÈÉÚÜË])|([uyôöUYÔÖ])([øùûõïØÙÛÕÏ])|([ôöñæóòîìíÔÖÑÆÓÒÎÌÍ])"
)
_VNI_ODD = frozenset("".join(_VNI_MARKS) + "".join(_VNI_LETTERS))
_UNICODE_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9\u0300-\u0323]")
_SMALL = re.compile("[a-z]")
_EDGES = "\"'“”‘’()[]{}<>.,;:!?…–—-/*|"
_LEAST_WORDS = 3
_MOST_LOOKED_AT = 2_000  # words are enough to tell


def decode_legacy(text: str) -> str | None:
    """Return a TCVN3 or VNI text as Unicode (NFC), or None if it is neither. Never raises.

    The result of TCVN3 has the length of `text`; that of VNI is shorter.
    """
    if text.isascii() or len(_UNICODE_VIETNAMESE.findall(text[:20_000])) > 2:
        return None
    best, best_share = None, 0.8
    for decode, letters in ((_decode_tcvn3, _TCVN3_LETTERS), (_decode_vni, _VNI_ODD)):
        share = _share_gained(text, decode, letters)
        if share > best_share:
            best, best_share = decode(text), share
    return best


def _share_gained(text: str, decode: Callable[[str], str], letters: frozenset[str]) -> float:
    """Share of the words with odd letters that decoding makes syllables; 0 if too many are already."""
    odd = []
    for written in text.split()[:_MOST_LOOKED_AT]:
        word = written.strip(_EDGES)
        if len(word) > 1 and not word.isascii() and any(character.lower() in letters for character in word):
            odd.append(word)
    if len(odd) < _LEAST_WORDS or len(set(odd)) < _LEAST_WORDS:
        return 0.0
    already = sum(all(map(is_syllable, _parts(word))) for word in odd)
    if already > 0.4 * len(odd):
        return 0.0
    gained = sum(all(map(is_syllable, _parts(decode(word)))) for word in odd)
    return gained / len(odd)


def _parts(word: str) -> list[str]:
    return [part for part in re.split(r"[-/.,:;()]", word) if part] or [""]


def _decode_tcvn3(text: str) -> str:
    return _recapitalise(text.translate(_TCVN3), text)


def _recapitalise(decoded: str, written: str) -> str:
    """Capital fonts of TCVN3 hold small letters: a word whose plain letters are all capitals is made so."""

    def capitals(match: re.Match[str]) -> str:
        plain = [c for c in written[match.start() : match.end()] if c.isascii()]
        around = written[max(0, match.start() - 12) : match.end() + 12]
        sure = len(plain) > 1 or not _SMALL.search(around)
        return match[0].upper() if plain and sure and all(c.isupper() for c in plain) else match[0]

    return re.sub(r"[^\W\d_]+", capitals, decoded)


def _decode_vni(text: str) -> str:
    def letter(match: re.Match[str]) -> str:
        base = match[1] or match[3] or match[5]
        lower = base.lower()
        plain = _VNI_LETTERS.get(lower, lower)
        marks = _VNI_MARKS[(match[2] or match[4]).lower()] if match[2] or match[4] else ""
        composed = unicodedata.normalize("NFC", plain + marks)
        return composed.upper() if base.isupper() else composed

    return _VNI.sub(letter, text)
