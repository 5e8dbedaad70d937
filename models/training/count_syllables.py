"""Count syllables and neighbouring syllables of corpora, for the restoration of tone marks.

    python -m models.training.count_syllables OUTPUT.npz CORPUS.jsonl.xz…

Every 50th document is held out. Counts go to an .npz that `build_restoration` turns into the packaged table.
Ids: 0 is a break (punctuation, foreign words), 1 is a number, then syllables in order of appearance.
"""

from __future__ import annotations

import json
import lzma
import re
import sys
from collections.abc import Iterator

import numpy as np

from index.normalize import canonical
from index.syllables import is_syllable

_UNIT = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\w\s]")
_FIRST_ID = 2
_STRIDE = 1 << 14
HELD_OUT_EVERY = 50


def documents(paths: list[str], *, held_out: bool) -> Iterator[dict[str, str]]:
    """Yield the records of the corpora, either the held-out ones or the others."""
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                if (number % HELD_OUT_EVERY == 0) == held_out:
                    yield json.loads(line)


class Counts:
    """Growing counts of units, pairs and triples; merged in blocks to bound memory."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.block: list[int] = []
        self.unigrams = np.zeros(_STRIDE, np.int64)
        self.pairs = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        self.triples = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        self.blocks = 0

    def unit(self, written: str) -> int:
        """Return the id of a unit as written."""
        if written[0].isdigit():
            return 1
        word = written.lower()
        if not is_syllable(word):
            return 0
        return self.ids.setdefault(word, len(self.ids) + _FIRST_ID)

    def add(self, text: str, known: dict[str, int]) -> None:
        """Count one text."""
        for written in _UNIT.findall(canonical(text)):
            unit = known.get(written)
            if unit is None:
                unit = self.unit(written)
                if len(known) < 500_000:
                    known[written] = unit
            self.block.append(unit)
        self.block.append(0)
        if len(self.block) > 5_000_000:
            self.merge()

    def merge(self) -> None:
        """Fold the block into the totals."""
        units = np.array(self.block, np.int64)
        self.block = []
        self.blocks += 1
        self.unigrams += np.bincount(units, minlength=_STRIDE)
        self.pairs = _merged(self.pairs, units[:-1] * _STRIDE + units[1:])
        whole = (units[:-2] > 1) & (units[1:-1] > 1) & (units[2:] > 1)
        keys = (units[:-2] * _STRIDE + units[1:-1]) * _STRIDE + units[2:]
        self.triples = _merged(self.triples, keys[whole])
        if self.blocks % 4 == 0:  # rare triples cannot matter, and would fill memory
            keep = self.triples[1] > self.blocks // 12
            self.triples = (self.triples[0][keep], self.triples[1][keep])


def _merged(total: tuple[np.ndarray, np.ndarray], keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    new, counts = np.unique(keys, return_counts=True)
    joined = np.concatenate([total[0], new])
    weights = np.concatenate([total[1], counts])
    unique, inverse = np.unique(joined, return_inverse=True)
    return unique, np.bincount(inverse, weights).astype(np.int64)


def main(output: str, paths: list[str]) -> None:
    """Count the corpora and write the totals."""
    counts = Counts()
    known: dict[str, int] = {}
    for record in documents(paths, held_out=False):
        for key in ("title", "abstract", "text"):
            if record.get(key):
                counts.add(record[key], known)
    counts.merge()
    keep = counts.triples[1] >= 5
    np.savez(
        output,
        words=np.array(list(counts.ids)),
        unigrams=counts.unigrams[: len(counts.ids) + _FIRST_ID],
        pair_keys=counts.pairs[0],
        pair_counts=counts.pairs[1],
        triple_keys=counts.triples[0][keep],
        triple_counts=counts.triples[1][keep],
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
