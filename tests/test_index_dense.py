"""FAISS against NumPy: exact while small, near enough when large, filters, growing and shrinking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from index import dense
from index.dense import Block, DenseIndex, Selection

D = 16


def unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def vectors(count: int, seed: int = 0) -> npt.NDArray[np.float32]:
    random = np.random.default_rng(seed)
    centres = random.standard_normal((40, D))
    return unit(centres[random.integers(0, 40, count)] + 0.5 * random.standard_normal((count, D)))


def best(
    rows: npt.NDArray[np.float32], query: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_]
) -> list[int]:
    scores = np.where(allowed, rows @ query, -9.0)
    return [int(n) for n in np.argsort(-scores)[:10] if allowed[n]]


class Built:
    """Generations of a dense index over rows that the test knows."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.rows = np.empty((0, D), np.float32)
        self.alive = np.empty(0, bool)

    def step(self, more: npt.NDArray[np.float32], removed: list[int] | None = None) -> DenseIndex:
        first = len(self.rows)
        self.rows = np.concatenate([self.rows, more])
        self.alive = np.concatenate([self.alive, np.ones(len(more), bool)])
        self.alive[removed or []] = False
        target = self.folder / str(self.number + 1)
        target.mkdir()
        dense.write(
            target,
            dimension=D,
            previous=self.folder / str(self.number) if self.number else None,
            added=[(np.arange(first, len(self.rows), dtype=np.int64), more)],
            alive=self.alive,
            everything=self._everything,
        )
        self.number += 1
        return DenseIndex(target, D)

    def _everything(self) -> Iterator[Block]:
        ids = np.flatnonzero(self.alive).astype(np.int64)
        yield ids, self.rows[ids]

    def recall(
        self, index: DenseIndex, allowed: npt.NDArray[np.bool_] | None = None, probes: int = 24
    ) -> float:
        mask = self.alive if allowed is None else self.alive & allowed
        hits = total = 0
        for query in vectors(40, seed=9):
            found = index.search(query, k=10, only=Selection.of(mask), probes=probes).ids.tolist()
            assert all(mask[n] for n in found)
            expected = best(self.rows, query, mask)
            hits += len(set(found) & set(expected))
            total += len(expected)
        return hits / total


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    monkeypatch.setattr(dense, "FLAT_LIMIT", 3_000)
    monkeypatch.setattr(dense, "DELTA_LIMIT", 100)
    return Built(tmp_path)


def test_flat_is_exact_through_all_kinds_of_changes(built: Built) -> None:
    assert built.recall(built.step(vectors(50))) == 1.0  # vectors beside no main index yet
    assert built.recall(built.step(vectors(900, 1))) == 1.0  # a main index is made
    index = built.step(vectors(20, 2), removed=[1, 3, 500])  # a few more beside it
    assert index.main_size == 950 and len(index.delta_ids) == 20
    assert built.recall(index) == 1.0
    index = built.step(vectors(400, 3), removed=[7])  # the few join the main index
    assert index.main_size == 1366 and len(index.delta_ids) == 0
    assert built.recall(index) == 1.0
    assert built.recall(built.step(vectors(0), removed=list(range(900)))) == 1.0


def test_large_is_near_enough_and_grows_without_being_made_anew(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = built.step(vectors(5_000))
    assert index.approximate
    assert built.recall(index) > 0.85
    assert built.recall(index, probes=10_000) > 0.98  # all lists: only the 8 bits are lossy

    def forbidden() -> Iterator[Block]:
        raise AssertionError("made anew")

    monkeypatch.setattr(built, "_everything", forbidden)
    index = built.step(vectors(50, 5), removed=[4, 5])
    assert len(index.delta_ids) == 50 and built.recall(index) > 0.8
    index = built.step(vectors(800, 6))
    assert len(index.delta_ids) == 0 and built.recall(index) > 0.8


def test_narrow_filters_still_find_their_best(built: Built) -> None:
    index = built.step(vectors(5_000))
    allowed = np.zeros(5_000, bool)
    allowed[::100] = True
    assert built.recall(index, allowed) > 0.95
    nothing = Selection.of(np.zeros(5_000, bool))
    assert len(index.search(vectors(1)[0], k=10, only=nothing).ids) == 0


def test_scores_are_cosines_in_order(built: Built) -> None:
    index = built.step(vectors(300))
    query = vectors(1, seed=4)[0]
    found = index.search(query, k=20)
    assert found.scores == pytest.approx(built.rows[found.ids] @ query, abs=2e-3)
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)


def test_wrong_shape_is_said(built: Built) -> None:
    with pytest.raises(ValueError, match=r"\(16,\), got shape \(4,\)|got \(4,\)"):
        built.step(vectors(3)).search(np.ones(4, np.float32), k=1)


def test_selection_knows_its_ids() -> None:
    mask = np.random.default_rng(1).random(1003) < 0.3
    selection = Selection.of(mask)
    assert selection.count == mask.sum()
    ids = np.arange(1100)
    assert selection.has(ids).tolist() == [bool(n < 1003 and mask[n]) for n in ids]
