"""Text as the reader sees it: tokens with offsets, numbers for them, and what kind of question it is.

The reader knows syllables, not words: Vietnamese writes a space between syllables, and a network that looks
at neighbouring syllables finds the compounds by itself. Numbers ("1.553", "2/10/2025"), document numbers
("35-CT/TW") and punctuation marks are tokens of their own. All texts are canonical Vietnamese (NFC,
"hòa" placement of tone marks). This module knows no article and no index.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

_TOKEN = re.compile(
    r"\d+(?:/\d+)?[-/][A-ZĐ][\w\-/]*\w"  # 35-CT/TW, 155/2016/NĐ-CP
    r"|\d+(?:[.,/:]\d+)*"  # 1.553, 11.472,75, 2/10/2025, 7:30
    r"|[^\W\d_]+\d*"
    r"|\S",
    re.UNICODE,
)

PAD, UNKNOWN, UNKNOWN_CAPITAL = 0, 1, 2
NUMBER_CLASSES = 9  # ids 3..11
FIRST_WORD = 3 + NUMBER_CLASSES

# Bits of Token shape.
CAPITAL, ALL_CAPITALS, DIGIT, PUNCTUATION, SENTENCE_START = 1, 2, 4, 8, 16

KINDS = (
    "none",
    "number",
    "duration",
    "time",
    "place",
    "person",
    "what",
    "which",
    "why",
    "how",
    "define",
    "yesno",
)

_QUESTION_WORDS: tuple[tuple[str, str], ...] = (
    # Longest first: the first pattern that matches at a position wins.
    ("như thế nào", "how"),
    ("bằng cách nào", "how"),
    ("vì lý do gì", "why"),
    ("vì lí do gì", "why"),
    ("do đâu mà", "why"),
    ("khoảng thời gian nào", "time"),
    ("thời gian nào", "time"),
    ("thời điểm nào", "time"),
    ("giai đoạn nào", "time"),
    ("thế kỷ nào", "time"),
    ("thế kỷ mấy", "time"),
    ("thập niên nào", "time"),
    ("bao nhiêu", "number"),
    ("bao lâu", "duration"),
    ("bao giờ", "time"),
    ("khi nào", "time"),
    ("lúc nào", "time"),
    ("hồi nào", "time"),
    ("năm nào", "time"),
    ("năm mấy", "time"),
    ("ngày nào", "time"),
    ("tháng nào", "time"),
    ("tháng mấy", "time"),
    ("mấy giờ", "time"),
    ("thế nào", "how"),
    ("ra sao", "how"),
    ("vì sao", "why"),
    ("tại sao", "why"),
    ("nơi nào", "place"),
    ("chỗ nào", "place"),
    ("người nào", "person"),
    ("là gì", "define"),
    ("những ai", "person"),
    ("ở đâu", "place"),
    ("đâu", "place"),
    ("ai", "person"),
    ("mấy", "number"),
    ("gì", "what"),
    ("nào", "which"),
    ("sao", "why"),
    ("không", "yesno"),
)
_PATTERNS = tuple((tuple(words.split()), KINDS.index(kind)) for words, kind in _QUESTION_WORDS)


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is known of a surface form: embedding id, id for matching, toneless id, idf, shape bits."""

    embedding: int
    match: int
    toneless: int
    idf: float
    shape: int


@dataclass(frozen=True, slots=True)
class EncodedText:
    """The tokens of a text (or of the sentences of a passage) as arrays of the same length n.

    `rows` is (n, 4) int32: embedding id, match id, toneless match id, shape bits. `idf` (n,) float32.
    `starts`, `ends` are offsets in code points within the token's own sentence; `sentence` is its number.
    `sentences` counts all sentences, the empty ones too.
    """

    rows: npt.NDArray[np.int32]
    idf: npt.NDArray[np.float32]
    starts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    sentence: npt.NDArray[np.int32]
    sentences: int


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question: its tokens, the range [gap_start, gap_end) of its question word, its kind (index of KINDS).

    Without a question word the gap is empty and lies at the end.
    """

    text: EncodedText
    gap_start: int
    gap_end: int
    kind: int


def tokens_of(text: str) -> list[re.Match[str]]:
    """Return the tokens of `text` as regular expression matches (surface form and offsets)."""
    return list(_TOKEN.finditer(text))


def toneless(text: str) -> str:
    """Return `text` without tone marks and other diacritics, đ as d."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d").replace("Đ", "D")


def number_class(token: str) -> int:
    """Return the class (0-8) of a token that begins with a digit: its form says what it may be."""
    if "/" in token or any(c.isalpha() for c in token):
        if any(c.isalpha() for c in token):
            return 8
        return 6 if token.count("/") == 2 else 5
    if ":" in token:
        return 7
    if "." in token or "," in token:
        return 4
    if len(token) == 4 and token[0] in "12":
        return 3
    return min(len(token), 3) - 1 if len(token) <= 3 else 4


@dataclass(slots=True)
class Vocabulary:
    """Syllables known to the reader, with their idf over paragraphs; remembers the tokens it has met.

    `words` are lower-case syllables and punctuation; word i has the embedding id FIRST_WORD + i.
    `idf` is (len(words),) float32. Unknown syllables get `unknown_idf` and are matched by a hash.
    """

    words: Sequence[str]
    idf: npt.NDArray[np.float32]
    unknown_idf: float = 11.0
    _index: dict[str, int] = field(init=False, repr=False)
    _seen: dict[str, TokenFacts] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._index = {word: i for i, word in enumerate(self.words)}
        self._seen = {}

    @property
    def size(self) -> int:
        """Number of embedding rows, the special ones included."""
        return FIRST_WORD + len(self.words)

    def facts(self, token: str) -> TokenFacts:
        """Return what is known of the surface form `token`."""
        known = self._seen.get(token)
        if known is None:
            known = self._make(token)
            if len(self._seen) > 200_000:
                self._seen.clear()
            self._seen[token] = known
        return known

    def _make(self, token: str) -> TokenFacts:
        lower = token.lower()
        shape = 0
        bare = zlib.crc32(toneless(lower).encode()) & 0x7FFFFFFF
        if token[0].isdigit():
            match = (zlib.crc32(lower.encode()) & 0x3FFFFFFF) | 0x40000000
            return TokenFacts(3 + number_class(token), match, bare, min(self.unknown_idf, 8.0), DIGIT)
        if token[0].isalpha():
            if token[0] != lower[0]:
                shape |= CAPITAL
                if len(token) > 1 and token.isupper():
                    shape |= ALL_CAPITALS
        else:
            shape |= PUNCTUATION
        index = self._index.get(lower)
        if index is not None:
            idf = 0.0 if shape & PUNCTUATION else float(self.idf[index])
            return TokenFacts(FIRST_WORD + index, FIRST_WORD + index, bare, idf, shape)
        match = (zlib.crc32(lower.encode()) & 0x3FFFFFFF) | 0x40000000
        idf = 0.0 if shape & PUNCTUATION else self.unknown_idf
        return TokenFacts(UNKNOWN_CAPITAL if shape & CAPITAL else UNKNOWN, match, bare, idf, shape)

    def encode(self, sentences: Sequence[str]) -> EncodedText:
        """Encode the sentences of one passage."""
        rows: list[tuple[int, int, int, int]] = []
        idf: list[float] = []
        starts: list[int] = []
        ends: list[int] = []
        owner: list[int] = []
        for number, sentence in enumerate(sentences):
            first = SENTENCE_START
            for match in _TOKEN.finditer(sentence):
                fact = self.facts(match.group())
                rows.append((fact.embedding, fact.match, fact.toneless, fact.shape | first))
                first = 0
                idf.append(fact.idf)
                starts.append(match.start())
                ends.append(match.end())
                owner.append(number)
        return EncodedText(
            rows=np.array(rows, dtype=np.int32).reshape(-1, 4),
            idf=np.array(idf, dtype=np.float32),
            starts=np.array(starts, dtype=np.int32),
            ends=np.array(ends, dtype=np.int32),
            sentence=np.array(owner, dtype=np.int32),
            sentences=len(sentences),
        )

    def encode_question(self, question: str) -> EncodedQuestion:
        """Encode a question and find its question word."""
        text = self.encode([question])
        words = [question[s:e].lower() for s, e in zip(text.starts, text.ends, strict=True)]
        start, end, kind = find_question_word(words)
        return EncodedQuestion(text, start, end, kind)


def find_question_word(words: Sequence[str]) -> tuple[int, int, int]:
    """Return (start, end, kind) of the question word in lower-case tokens.

    The most telling pattern wins (the earliest in the table), then the last one in the question, since a
    Vietnamese question word stands where the answer would. A final "không?" counts only without any other.
    """
    best: tuple[int, int, int, int] | None = None
    for rank, (pattern, kind) in enumerate(_PATTERNS):
        width = len(pattern)
        for start in range(len(words) - width, -1, -1):
            if tuple(words[start : start + width]) != pattern:
                continue
            if pattern == ("không",) and start < len(words) - 2:
                continue
            if pattern == ("sao",) and start > 0 and words[start - 1] in ("ngôi", "các", "chòm", "vì"):
                continue
            if pattern == ("là", "gì"):  # "là" stays outside: the answer follows it
                start, width = start + 1, 1
            best = (rank, start, start + width, kind)
            break
        if best:
            return best[1], best[2], best[3]
    end = len(words)
    while end and not words[end - 1].isalnum():
        end -= 1
    return end, end, 0
