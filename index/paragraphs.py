"""Paragraphs: the lines of a text, put together again where they were only wrapped. Knows no articles."""

from __future__ import annotations

import re
from itertools import pairwise

from index.types import Span

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")


def paragraphs(text: str, start: int = 0) -> list[Span]:
    """The paragraphs of `text[start:]`: its lines, put together again where they were only wrapped."""
    lines: list[Span] = []
    for found in _LINE.finditer(text, start):
        stripped = found.group().strip()
        if stripped:
            begin = found.start() + found.group().find(stripped)
            lines.append(Span(begin, begin + len(stripped)))
    if len(lines) < 2:
        return lines
    width = _wrap_width(text, lines)
    blocks = [lines[0]]
    for line, following in pairwise(lines):
        if _continues(text, line, following, width):
            blocks[-1] = Span(blocks[-1].start, following.end)
        else:
            blocks.append(following)
    return blocks


def _wrap_width(text: str, lines: list[Span]) -> int:
    """The width at which the lines of a text were wrapped, or 0 where each line is a paragraph."""
    if len(lines) < 4:
        return 0
    broken = pairs = 0
    for line, following in pairwise(lines):
        if text.count("\n", line.end, following.start) == 1:
            pairs += 1
            broken += text[following.start].islower() and text[line.end - 1] not in '.!?…:;”"|'
    if broken < 2 or broken < 0.2 * pairs:
        return 0
    lengths = sorted(line.end - line.start for line in lines)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths[-1] <= 250 else 0


def _continues(text: str, line: Span, following: Span, width: int) -> bool:
    """Is a line the continuation of the one before, rather than a paragraph of its own?"""
    if text.count("\n", line.end, following.start) > 1:
        return False
    first, last = text[following.start], text[line.end - 1]
    if first in "-–—•*+|!#>" or last == "|":
        return False
    if first.islower() and last not in '.!?…:;”")':
        return text[following.start + 1 : following.start + 2] not in (")", ".")
    length = line.end - line.start
    return (
        width > 0 and length >= 0.8 * width and not (last in ".!?" and first.isupper() and length < width - 8)
    )
