"""Texts that may be quoted: where a run of them may begin and end, on bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# Opening mark → the marks that close it.
QUOTES: Final = {
    '"': '"', "“": "”", "„": "”“", "‟": "”", "«": "»", "‘": "’", "‚": "’", "'": "'", "`": "`", "‹": "›",
    "「": "」", "『": "』", "＂": "＂", "″": "″", "〝": "〞",
}  # fmt: skip
# Closing marks, which open nothing: they may not stand outside of a quote.
STRAYS: Final = "”»’›」』〞"
APOSTROPHES: Final = "'’‘"
OPENING_PUNCTUATION: Final = "([{\"'“«‘"
CLOSING_PUNCTUATION: Final = ".,;:!?…)]}\"'”»’"


class Sources:
    """The texts that may be quoted, as bytes, with the places where a quote may begin and end."""

    def __init__(self, texts: Sequence[str]) -> None:
        parts: list[bytes] = []
        starts: set[int] = set()
        ends: set[int] = set()
        owner: list[int] = []
        offset = 0
        for number, text in enumerate(texts, 1):
            text = text.replace("\0", " ")
            for first, last in _runs(text):
                starts.update(offset + len(text[:at].encode()) for at in first)
                ends.update(offset + len(text[:at].encode()) for at in last)
            # A zero byte ends every text: no token writes it, so no run crosses it.
            part = text.encode() + b"\0"
            parts.append(part)
            owner += [number] * len(part)
            offset += len(part)
        self.data, self.starts, self.ends, self.owner = (
            b"".join(parts),
            frozenset(starts),
            frozenset(ends),
            owner,
        )
        self._without: dict[str, bytes] = {}

    def without(self, marks: str) -> bytes:
        """Return the bytes with these marks made impassable: a quote cannot hold its own closing mark."""
        data = self._without.get(marks)
        if data is None:
            data = self.data
            for mark in marks:
                data = data.replace(mark.encode(), b"\0" * len(mark.encode()))
            self._without[marks] = data
        return data


def _runs(text: str) -> list[tuple[list[int], list[int]]]:
    """Return for every run of non-space where a quote may begin in it and where it may end."""
    runs = []
    position = 0
    for word in text.split():
        start = text.index(word, position)
        position = end = start + len(word)
        first, last = [start], [end]
        while start < end - 1 and text[start] in OPENING_PUNCTUATION:
            start += 1
            first.append(start)
        while end > start + 1 and text[end - 1] in CLOSING_PUNCTUATION:
            end -= 1
            last.append(end)
        runs.append((first, last))
    return runs
