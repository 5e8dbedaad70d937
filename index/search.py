"""The search on one screen: question → two legs → fusion → second stage → reprints folded → hits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
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
from index.rerank import EVIDENCE, evidence
from index.store import Store, StoredPassage
from index.types import Hit
from models.embed import Embedder
from models.rerank import Reranker

Parts = dict[str, npt.NDArray[np.float32]]


_LEGS = {"lexical": 1.0, "dense": 0.25}
_COMMONEST = {"accented": 0.5, "toneless": 0.5, "title": 0.02, "toneless_title": 0.02}
# python -m benchmarks.tune: ViQuAD train and tune articles, an eighth of the questions without tone marks;
# in_time is set by hand, for those questions name no time of news
_EVIDENCE = {
    "lexical": 3.867, "dense": 0.4, "coverage": 2.106, "sentence": 1.858, "two": 1.967, "pairs": 1.364,
    "run": 1.238, "rare": 1.52, "numbers": 1.015, "density": 1.644, "in_time": 1.0, "bias": -10.295,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Weights and depths of the search; the defaults were tuned on held-apart articles (benchmarks/tune.py).

    The second stage looks at the `second_stage` best by the fused score and orders the first `judged` hits;
    after them the order is by the ranks in both legs, which finds more of what one leg alone knows.
    `legs` weigh the fusion; `evidence` are the weights of the second stage: of the fused score ("fused"), of
    `rerank.EVIDENCE`, of the time asked for ("in_time"), and the "bias". `second_stage` 0 leaves it out.
    Terms that more than the share `commonest` of the passages have in a field are not looked up.
    A library with a cross-encoder shows it the first `crossed` hits.
    """

    method: Method = "linear"
    depth: int = 100  # candidates of each leg
    second_stage: int = 50
    judged: int = 20
    commonest: Mapping[str, float] = field(default_factory=_COMMONEST.copy)
    fields: FieldWeights = field(default_factory=FieldWeights)
    legs: Mapping[str, float] = field(default_factory=_LEGS.copy)
    evidence: Mapping[str, float] = field(default_factory=_EVIDENCE.copy)
    probes: int = 24
    fold_reprints: bool = True
    crossed: int = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of the second stage with what its score is made of."""

    stored: StoredPassage
    score: float
    parts: Mapping[str, float]


class Snapshot:
    """The indexes of one generation, opened for reading; safe to use from several threads."""

    def __init__(self, root: Path, manifest: Manifest, store: Store) -> None:
        """Open the generation of `manifest`. Raises `LibraryDamaged`."""
        folder = root / name_of(manifest.generation)
        self.manifest = manifest
        self._store = store
        self.columns = Columns.load(folder)
        self.lexical = LexicalIndex(folder / "lexical")
        self.dense = DenseIndex(folder, manifest.dimension)
        self._everything = self.columns.select(Filter())
        self._select = lru_cache(maxsize=8)(self.columns.select)

    def search(
        self,
        question: str,
        *,
        k: int,
        only: Filter,
        now: date | None,
        embedder: Callable[[], Embedder],
        settings: SearchSettings,
        reranker: Reranker | None = None,
    ) -> list[Hit]:
        """Return the best `k` passages for a question, best first."""
        query = understand(question, weights=settings.fields, now=now)
        if query.empty or k <= 0 or not len(self.columns.article):
            return []
        narrow = _narrowed(only, query)
        found = self.candidates(query, k=k, only=narrow, embedder=embedder, settings=settings)
        if not found and narrow != only:  # nothing of the time asked for: the nearest of other times
            found = self.candidates(query, k=k, only=only, embedder=embedder, settings=settings)
        hits = _hits(found, fold=settings.fold_reprints)
        if reranker is not None:
            hits = _crossed(query.text, hits[: max(k, settings.crossed)], reranker, number=settings.crossed)
        return hits[:k]

    def candidates(
        self,
        query: Query,
        *,
        k: int,
        only: Filter,
        embedder: Callable[[], Embedder],
        settings: SearchSettings,
    ) -> list[Candidate]:
        """Return all candidates of the second stage, best first."""
        legs: dict[str, Ranking] = {}
        depth = max(settings.depth, 2 * k)
        if settings.legs.get("lexical", 1.0) > 0:
            legs["lexical"] = self.lexical.search(
                query.lexical, k=depth, only=only, commonest=settings.commonest
            )
        if settings.legs.get("dense", 1.0) > 0:
            vector = embedder().encode_queries([query.text])[0]
            selection = self._everything if only.empty else self._select(only)
            legs["dense"] = self.dense.search(vector, k=depth, only=selection, probes=settings.probes)
        fused, parts = fuse(legs, settings.legs, method=settings.method)
        parts = {"fused": fused.scores, **parts, "cosine": _cosines(fused, legs.get("dense"))}
        number = max(2 * k, settings.second_stage)
        if not settings.second_stage:
            return self._judge(query, fused.ids[:number], parts, settings)
        by_rank = fuse(legs, {}, method="rrf")[0].ids
        row = {passage: at for at, passage in enumerate(fused.ids.tolist())}
        best = [*range(min(settings.second_stage, len(row))), *(row[passage] for passage in by_rank.tolist())]
        rows = np.array(list(dict.fromkeys(best))[:number], np.int64)
        judged = self._judge(
            query, fused.ids[rows], {name: part[rows] for name, part in parts.items()}, settings
        )
        head, tail = judged[: settings.judged], judged[settings.judged :]
        rank = {passage: at for at, passage in enumerate(by_rank.tolist())}
        tail.sort(key=lambda candidate: rank[candidate.stored.passage.id])
        for one in tail:  # no hit's score is above that of a better one
            head.append(replace(one, score=min(one.score, head[-1].score)) if head else one)
        return head

    def _judge(
        self, query: Query, ids: npt.NDArray[np.int64], parts: Parts, settings: SearchSettings
    ) -> list[Candidate]:
        """Return passages with what their scores are made of, best first; unknown ids are left out."""
        found = self._store.passages(ids.tolist())
        rows = [row for row, passage in enumerate(ids.tolist()) if passage in found]
        stored = [found[int(ids[row])] for row in rows]
        columns = {name: part[rows] for name, part in parts.items()}
        if settings.second_stage:
            seen = evidence(query, stored, self._idf("toneless" if query.restored else "accented"))
            columns |= dict(zip(EVIDENCE, seen.T, strict=True))
        columns["in_time"] = np.array(
            [_in_time(one.stored.article.date, query) for one in stored], np.float32
        )
        scores = columns["fused"].astype(np.float64)
        if settings.second_stage:
            weights = settings.evidence
            total = sum(
                weights.get(name, 0.0) * column.astype(np.float64) for name, column in columns.items()
            )
            scores = 1 / (1 + np.exp(-(total + weights.get("bias", 0.0))))
        values = np.stack(list(columns.values()), axis=1).tolist() if stored else []
        return [
            Candidate(
                stored[row],
                float(np.clip(scores[row], 0.0, 1.0)),
                dict(zip(columns, values[row], strict=True)),
            )
            for row in np.argsort(-scores, kind="stable").tolist()
        ]

    def _idf(self, name: str) -> Callable[[str], float]:
        size = max(self.lexical.size, 1)

        def weight_of(term: str) -> float:
            frequency = self.lexical.document_frequency(name, term)
            return math.log(1.0 + max(size - frequency + 0.5, 0.5) / (frequency + 0.5))

        return weight_of


def _hits(candidates: list[Candidate], *, fold: bool) -> list[Hit]:
    """Fold near-identical passages into the best of them."""
    owners = list(range(len(candidates)))
    if fold:
        owners = cluster.fold([candidate.stored.signature for candidate in candidates])
    reprints: dict[int, list[str]] = {}
    for row, owner in enumerate(owners):
        mine, other = candidates[owner].stored.stored, candidates[row].stored.stored
        if owner != row and other.key != mine.key:
            reprints.setdefault(owner, []).append(other.article.id)
    return [
        Hit(
            passage=candidate.stored.passage,
            article=candidate.stored.stored.article,
            score=candidate.score,
            parts=candidate.parts,
            reprints=tuple(dict.fromkeys(reprints.get(row, ()))),
        )
        for row, candidate in enumerate(candidates)
        if owners[row] == row
    ]


def _crossed(question: str, hits: list[Hit], reranker: Reranker, *, number: int) -> list[Hit]:
    """Put the first `number` hits into the order of the cross-encoder, whose scores become theirs."""
    head, tail = hits[:number], hits[number:]
    scores = [float(score) for score in reranker.scores(question, [hit.passage.text for hit in head])]
    seen = [
        replace(hit, score=score, parts={**hit.parts, "crossed": score})
        for hit, score in zip(head, scores, strict=True)
    ]
    seen.sort(key=lambda hit: -hit.score)
    return seen + [replace(hit, score=min(hit.score, seen[-1].score)) for hit in tail]


def _cosines(fused: Ranking, dense: Ranking | None) -> npt.NDArray[np.float32]:
    """Return the cosine of each passage and the question, 0 where the dense leg did not find it."""
    known = {} if dense is None else dict(zip(dense.ids.tolist(), dense.scores.tolist(), strict=True))
    return np.array([max(0.0, known.get(number, 0.0)) for number in fused.ids.tolist()], np.float32)


def _narrowed(only: Filter, query: Query) -> Filter:
    """Add the days that a question like "hôm qua" can be answered from, where the caller gave none."""
    time = query.time
    if time is None or time.kind != "filter" or only.since is not None or only.until is not None:
        return only
    return replace(only, since=time.published_from, until=time.published_until)


def _in_time(day: date | None, query: Query) -> float:
    """1 for an article of the time that the question names, 0 for another, between them if it is unknown."""
    time = query.time
    if time is None:
        return 0.0
    if day is None:
        return 0.3
    if time.latest and time.published_until is not None:
        age = (time.published_until - day).days
        return 1 / (1 + max(age, 0) / 180) if age >= 0 else 0.0
    after = time.published_from is None or day >= time.published_from
    before = time.published_until is None or day <= time.published_until
    return float(after and before)
