"""The search on one screen: question → two legs → fusion → second stage → reprints folded → hits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index import cluster
from index.columns import Columns
from index.dense import DenseIndex
from index.fuse import Method, fuse
from index.generation import Manifest, name_of
from index.lexical import Filter, LexicalIndex, Ranking
from index.query import FieldWeights, Query, understand
from index.rerank import evidence
from index.store import Store
from index.types import Hit
from models.embed import Embedder

Parts = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Weights and depths of the search; the defaults were tuned on held-apart articles (benchmarks/)."""

    method: Method = "linear"
    depth: int = 100  # candidates of each leg
    second_stage: int = 50
    fields: FieldWeights = field(default_factory=FieldWeights)
    legs: Mapping[str, float] = field(default_factory=lambda: {"lexical": 1.0, "dense": 0.5})
    evidence: Mapping[str, float] = field(
        default_factory=lambda: {"fused": 1.0, "coverage": 0.3, "sentence": 0.3, "pairs": 0.3, "title": 0.1}
    )
    probes: int = 24


class Snapshot:
    """The indexes of one generation, opened for reading; safe to use from several threads."""

    def __init__(self, root: Path, manifest: Manifest, store: Store) -> None:
        folder = root / name_of(manifest.generation)
        self.manifest = manifest
        self._store = store
        self.columns = Columns.load(folder)
        self.lexical = LexicalIndex(folder / "lexical")
        self.dense = DenseIndex(folder, manifest.dimension)
        self._everything = self.columns.select(Filter())
        self._select = lru_cache(maxsize=8)(self.columns.select)

    def search(
        self, question: str, *, k: int, only: Filter, embedder: Embedder | None, settings: SearchSettings
    ) -> list[Hit]:
        """Return the best `k` passages for a question."""
        query = understand(question, weights=settings.fields)
        if query.empty or k <= 0 or not len(self.columns.article):
            return []
        fused, parts = self._first_stage(query, max(k, settings.second_stage), only, embedder, settings)
        return self._second_stage(query, fused, parts, k, settings)

    def _first_stage(
        self, query: Query, count: int, only: Filter, embedder: Embedder | None, settings: SearchSettings
    ) -> tuple[Ranking, Parts]:
        depth = max(settings.depth, 2 * count)
        legs = {}
        if settings.legs.get("lexical", 1.0) > 0:
            legs["lexical"] = self.lexical.search(query.lexical, k=depth, only=only)
        if embedder is not None and settings.legs.get("dense", 1.0) > 0:
            vector = embedder.encode_queries([query.text])[0]
            selection = self._everything if only.empty else self._select(only)
            legs["dense"] = self.dense.search(vector, k=depth, only=selection, probes=settings.probes)
        return fuse(legs, settings.legs, method=settings.method)

    def _second_stage(
        self,
        query: Query,
        fused: Ranking,
        parts: Parts,
        k: int,
        settings: SearchSettings,
    ) -> list[Hit]:
        number = max(k, settings.second_stage)
        ids = fused.ids[:number].tolist()
        found = self._store.passages(ids)
        rows = [row for row, passage in enumerate(ids) if passage in found]
        candidates = [found[ids[row]] for row in rows]
        weights = settings.evidence
        whole = sum(weights.values())
        scored = []
        for row, candidate, seen in zip(
            rows, candidates, evidence(query, candidates, self._idf(query)), strict=True
        ):
            values = {
                "fused": float(fused.scores[row]),
                "coverage": seen.coverage,
                "sentence": seen.sentence,
                "pairs": seen.pairs,
                "title": seen.title,
            }
            score = sum(weights.get(name, 0.0) * value for name, value in values.items()) / whole
            values |= {name: float(part[row]) for name, part in parts.items()}
            scored.append((score, candidate, values))
        scored.sort(key=lambda entry: -entry[0])
        owners = cluster.fold([candidate.signature for _, candidate, _ in scored])
        reprints: dict[int, list[str]] = {}
        for row, owner in enumerate(owners):
            mine, other = scored[owner][1], scored[row][1]
            if owner != row and other.stored.key != mine.stored.key:
                reprints.setdefault(owner, []).append(other.stored.article.id)
        hits = [
            Hit(
                passage=candidate.passage,
                article=candidate.stored.article,
                score=min(1.0, max(0.0, score)),
                parts=values,
                reprints=tuple(dict.fromkeys(reprints.get(row, ()))),
            )
            for row, (score, candidate, values) in enumerate(scored)
            if owners[row] == row
        ]
        return hits[:k]

    def _idf(self, query: Query) -> Callable[[str], float]:
        name = "toneless" if query.toneless else "accented"
        size = max(self.lexical.size, 1)

        def weight_of(term: str) -> float:
            frequency = self.lexical.document_frequency(name, term)
            return math.log(1.0 + (size - frequency + 0.5) / (frequency + 0.5))

        return weight_of
