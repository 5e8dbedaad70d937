"""What the retrieval benchmarks share: a library with questions, runs of a system, metrics by ir_measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from benchmarks.corpora import Question, viquad, write_news
from index import Library
from models.embed import load_embedder

MEASURES = (nDCG @ 10, R @ 10, R @ 50, RR @ 10)
System = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Result:
    """Means over the questions of a run, in [0, 1], and the time of one question in milliseconds."""

    name: str
    ndcg: float
    recall10: float
    recall50: float
    mrr: float
    p50: float
    p95: float


def library_with_news(
    folder: Path, *, data: Path, counts: dict[str, int], embedder: str | None = None
) -> Library:
    """Open the benchmark's library, made on first use: all ViQuAD passages among news articles."""
    model = load_embedder(embedder)
    library = Library.open(folder, create=True, embedder=model)
    if len(library) < sum(counts.values()) // 2:
        news = folder.parent / "news.jsonl"
        write_news(data / "corpora", news, counts=counts)
        library.add_articles(viquad(data / "qa" / "viquad2.dev.json").articles)
        library.add(news)
        news.unlink()
    return library


def run(name: str, system: System, questions: Iterable[Question]) -> Result:
    """Ask a system all questions; it returns the ids of articles, best first."""
    qrels, ranked, times = [], [], []
    for question in questions:
        begun = time.perf_counter()
        found = list(dict.fromkeys(system(question.text)))
        times.append((time.perf_counter() - begun) * 1e3)
        qrels.append(ir_measures.Qrel(question.id, question.gold, 1))
        ranked += [ir_measures.ScoredDoc(question.id, doc, -float(rank)) for rank, doc in enumerate(found)]
    values = ir_measures.calc_aggregate(MEASURES, qrels, ranked)
    return Result(
        name,
        *(float(values[measure]) for measure in MEASURES),
        p50=float(np.percentile(times, 50)),
        p95=float(np.percentile(times, 95)),
    )
