"""The shape of Vietnamese syllables: onset, rime, tone, and where the tone mark is written.

Knows single words only. Letters are NFC; "plain" means without tone mark, with its hat or horn ("ấ" → "â").
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below
_PLAIN_VOWELS = "aăâeêioôơuưy"
_VOWELS = frozenset(_PLAIN_VOWELS)


def toned(vowels: str) -> str:
    """Return the vowels with each of the five tone marks."""
    return "".join(unicodedata.normalize("NFC", v + t) for v in vowels for t in TONES)


_ONSETS = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
    "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
)  # fmt: skip
_RIME_LIST = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu êng i ia ich im in inh ip it iu "
    "iêc iêm iên iêng iêp iêt iêu yêm yên yêng yêt yêu o oc oi om on ong op ot oong ooc "
    "oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet "
    "ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơng ơp ơt u uc ui um un ung up ut ua uân uât uây uâng "
    "uê uêch uênh uên uôc uôi uôm uôn uông uôt uơ uơn uơt uy uya uyên uyêt uych uynh uyt uyp uyu uyn "
    "ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yt ynh ych yên"
)
_RIMES = frozenset(_RIME_LIST.split())
_AFTER_QU = frozenset({"ôc", "y", "yên", "yêt", "ynh", "yt", "ych", "yn", "yu"})  # besides the common ones


def split_tone(character: str) -> tuple[str, str]:
    """Return the letter without its tone mark, and the mark ("" if none): "ấ" → ("â", "\u0301")."""
    decomposed = unicodedata.normalize("NFD", character)
    tone = "".join(c for c in decomposed if c in TONES)
    if not tone:
        return character, ""
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in TONES)), tone


_SPLIT = {c: split_tone(c) for v in _PLAIN_VOWELS for c in toned(v) + toned(v.upper())}


def split_syllable(plain: str) -> tuple[str, str] | None:
    """Split a lower-case syllable without tone mark into onset and rime; None if it is not Vietnamese."""
    for onset in _ONSETS:
        if plain.startswith(onset):
            rime = plain[len(onset) :]
            if rime in _RIMES or (onset == "qu" and rime in _AFTER_QU):
                return onset, rime
    return None


def _tone_position(onset: str, rime: str) -> int:
    """Index within the syllable of the letter that carries the tone mark."""
    best = -1
    for i, letter in enumerate(rime):
        if letter in "ăâêôơ" or (letter == "ư" and best < 0):
            best = i
    if best < 0:
        count = sum(letter in _VOWELS for letter in rime)
        closed = rime[-1] not in _VOWELS
        best = 0 if count < 2 else 1 if closed or count > 2 else 0
    return len(onset) + best


def is_syllable(word: str) -> bool:
    """Whether a canonical word (any case) is one well-formed Vietnamese syllable, tone mark included."""
    return parse_syllable(word.lower()) is not None


@lru_cache(maxsize=65536)
def parse_syllable(word: str) -> tuple[str, str, str] | None:
    """Return onset, rime and tone mark of a lower-case word, or None."""
    if len(word) > 7:
        return None
    tone, letters = "", []
    for character in word:
        letter, mark = _SPLIT.get(character, (character, ""))
        if mark and tone:
            return None
        tone = tone or mark
        letters.append(letter)
    parts = split_syllable("".join(letters))
    return None if parts is None else (*parts, tone)


def fold_word(word: str) -> str:
    """Lower-case a word and write final y as i in open syllables (kỹ = kĩ, Mỹ = Mĩ, quý = quí)."""
    word = word.lower()
    if len(word) < 2 or word[-1] not in "yỳýỷỹỵ":
        return word
    parsed = parse_syllable(word)
    if parsed is None or parsed[1] != "y" or not parsed[0]:
        return word
    return word[:-1] + "iìíỉĩị"["yỳýỷỹỵ".index(word[-1])]


@lru_cache(maxsize=65536)
def place_tone(word: str) -> str:
    """Move the tone mark of one word to its canonical letter; anything but a syllable stays as it is."""
    parsed = parse_syllable(word.lower())
    if parsed is None or not parsed[2]:
        return word
    onset, rime, tone = parsed
    letters = [_SPLIT.get(c, (c, ""))[0] for c in word]
    at = _tone_position(onset, rime)
    letters[at] = unicodedata.normalize("NFC", letters[at] + tone)
    return "".join(letters)
