"""Spans of articles and sentences of passages as bytes, the way the database keeps them.

All numbers are little-endian unsigned 32-bit: (start, end) pairs of code points. In a packed passage the
lowest bit of start says that the sentence begins a new paragraph of the passage's text.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from sys import byteorder

from index.types import Passage, Sentence, Span


def pack_spans(spans: Iterable[Span]) -> bytes:
    """Return spans as bytes."""
    return _bytes([number for span in spans for number in (span.start, span.end)])


def unpack_spans(blob: bytes) -> tuple[Span, ...]:
    """Return what `pack_spans` packed."""
    if not blob:
        return ()
    numbers = _numbers(blob)
    return tuple(Span(a, b) for a, b in zip(numbers[::2], numbers[1::2], strict=True))


def pack_passage(passage: Passage) -> bytes:
    """Return the sentences of a passage as bytes."""
    numbers: list[int] = []
    at = 0
    for sentence in passage.sentences:
        opens = at > 0 and passage.text[at - 1] == "\n"
        numbers += (sentence.start << 1 | opens, sentence.end)
        at += sentence.end - sentence.start + 1
    return _bytes(numbers)


def unpack_passage(blob: bytes, text: str, *, number: int, article_id: str, position: int) -> Passage:
    """Return the passage of the article's `text` that `pack_passage` packed."""
    numbers = _numbers(blob)
    sentences = []
    pieces: list[str] = []
    for packed, end in zip(numbers[::2], numbers[1::2], strict=True):
        start = packed >> 1
        sentences.append(Sentence(text[start:end], start, end))
        pieces += ("\n" if packed & 1 else " ", text[start:end])
    return Passage(
        id=number,
        article_id=article_id,
        position=position,
        text="".join(pieces[1:]),
        start=sentences[0].start if sentences else 0,
        end=sentences[-1].end if sentences else 0,
        sentences=tuple(sentences),
    )


def _bytes(numbers: list[int]) -> bytes:
    packed = array("I", numbers)
    if byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _numbers(blob: bytes) -> list[int]:
    numbers = array("I")
    numbers.frombytes(blob)
    if byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
