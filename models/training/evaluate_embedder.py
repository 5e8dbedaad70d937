"""Figures of an embedder: news titles → leads, ViQuAD questions → passages, each with BM25 beside it.

    python -m models.training.evaluate_embedder --model models/weights/<name> --data ../shared/data

News: the 5,000 held-out items, a title must find its lead. ViQuAD: the questions of the test articles
must find their passage among all ViQuAD passages and 40,000 paragraphs of news and encyclopaedia. The
weight of the fusion is tuned on the questions of ViQuAD's tune articles and on the project's own questions of
TUNE (their passages among the same paragraphs), which count alike, and used as it is for everything else.
nDCG@10, one right passage a query.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from index.normalize import strip_tones
from index.tokens import lexical_terms
from models.embed import Embedder, load_embedder
from models.training.corpus import (
    HELD_OUT_ITEMS,
    Document,
    Question,
    data_folder,
    held_out_news,
    read_documents,
    read_questions,
    split_simply,
)
from models.training.reader_data import WRITTEN, asked_passages, part_of

logger = logging.getLogger(__name__)
Floats = NDArray[np.float32]
DISTRACTORS = 40_000


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Queries, passages, and for each query the number of its passage."""

    queries: list[str]
    passages: list[str]
    right: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EvaluationSets:
    """What every candidate is measured on."""

    news: Retrieval
    news_tune: Retrieval
    viquad: Retrieval
    viquad_tune: Retrieval
    own_tune: Retrieval


def ndcg(scores: Floats, right: NDArray[np.int64], depth: int = 10) -> float:
    """Mean nDCG at `depth` of `(q, p)` scores with one right passage a query; ties count against."""
    own = scores[np.arange(len(right)), right][:, None]
    ranks = (scores >= own).sum(axis=1)
    return float(np.where(ranks <= depth, 1.0 / np.log2(ranks + 1.0), 0.0).mean())


class BM25:
    """Okapi BM25 (k1 = 1.2, b = 0.75) as one sparse matrix."""

    def __init__(self, passages: Sequence[str], terms: Callable[[str], list[str]] = lexical_terms) -> None:
        self.terms = terms
        self.numbers: dict[str, int] = {}
        counts = [Counter(terms(passage)) for passage in passages]
        for count in counts:
            for term in count:
                self.numbers.setdefault(term, len(self.numbers))
        starts = np.concatenate([[0], np.cumsum([len(c) for c in counts])])
        columns = np.array([self.numbers[t] for c in counts for t in c], np.int64)
        frequency = np.array([n for c in counts for n in c.values()], np.float32)
        length = np.array([sum(c.values()) for c in counts], np.float32)
        found = np.bincount(columns, minlength=len(self.numbers))
        inverse = np.log(1 + (len(passages) - found + 0.5) / (found + 0.5))
        norm = 1.2 * (0.25 + 0.75 * length / length.mean())
        weight = inverse[columns] * frequency * 2.2 / (frequency + np.repeat(norm, np.diff(starts)))
        shape = (len(passages), len(self.numbers))
        self.matrix = sparse.csr_matrix((weight.astype(np.float32), columns, starts), shape).T.tocsr()

    def scores(self, queries: Sequence[str]) -> Floats:
        """Return `(queries, passages)` scores."""
        rows = [[self.numbers[t] for t in set(self.terms(q)) if t in self.numbers] for q in queries]
        starts = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
        columns = np.array([c for r in rows for c in r], np.int64)
        shape = (len(rows), len(self.numbers))
        query = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape)
        return np.asarray((query @ self.matrix).todense(), np.float32)


def fuse(lexical: Floats, dense: Floats, weight: float) -> Floats:
    """Linear fusion: BM25 as a share of the query's best score, plus `weight` times the cosine."""
    best: Floats = np.maximum(lexical.max(axis=1, keepdims=True), 1e-6)
    fused: Floats = lexical / best + np.float32(weight) * dense
    return fused


def make_sets(
    documents: Sequence[Document],
    questions: dict[str, list[Question]],
    own: Sequence[Question],
    *,
    distractors: int,
) -> EvaluationSets:
    """Make the evaluation sets; `questions` of ViQuAD by split: "train", "tune", "test"; `own` of TUNE."""
    items = held_out_news(documents, HELD_OUT_ITEMS * 2)
    pool = [p for d in documents for p in _paragraphs(d)]
    rng = np.random.default_rng(7)
    pool = [pool[i] for i in rng.permutation(len(pool))[:distractors]]

    def news(part: Sequence[Document]) -> Retrieval:
        return Retrieval([d.title for d in part], [d.lead for d in part], np.arange(len(part)))

    def among(asked: Sequence[Question], others: Sequence[Question]) -> Retrieval:
        passages = list({q.passage: None for q in others})
        place = {passage: number for number, passage in enumerate(passages)}
        right = np.array([place[q.passage] for q in asked], np.int64)
        return Retrieval([q.question for q in asked], passages + pool, right)

    everything = [q for split in questions.values() for q in split]
    return EvaluationSets(
        news(items[:HELD_OUT_ITEMS]),
        news(items[HELD_OUT_ITEMS:]),
        among(questions["test"], everything),
        among(questions["tune"], everything),
        among([q for q in own if q.answers], own),
    )


def _paragraphs(document: Document) -> list[str]:
    """Passages of about 700 characters, of held-out news items and of the encyclopaedia."""
    if not document.held_out and document.source != "viwiki_uts":
        return []
    found, current = [], ""
    for sentence in split_simply(document.text[:6000]):
        current = f"{current} {sentence}".strip()
        if len(current) > 600:
            found.append(current[:1200])
            current = ""
    return found


def load_sets(data: Path, cache: Path | None = None, *, distractors: int = DISTRACTORS) -> EvaluationSets:
    """Read the corpora (minutes) or the cache of an earlier reading (a folder outside of the project)."""
    file = None if cache is None else cache / f"evaluation-sets-{distractors}.json"
    if file is not None and file.exists():
        sets = json.loads(file.read_text("utf-8"))
        return EvaluationSets(
            **{
                k: Retrieval(v["queries"], v["passages"], np.array(v["right"], np.int64))
                for k, v in sets.items()
            }
        )
    wanted = list(read_documents(data, accept=lambda source, held_out: held_out or source == "viwiki_uts"))
    questions = {s: read_questions(data, "viquad2.dev", split=s) for s in ("train", "tune", "test")}
    own = [
        Question(question, one.text, one.title, answers)
        for one in asked_passages(data, WRITTEN)
        if part_of(one.title) == "tune"
        for question, answers in one.questions
    ]
    made = make_sets(wanted, questions, own, distractors=distractors)
    if file is not None:
        file.write_text(json.dumps(asdict(made), default=lambda a: a.tolist(), ensure_ascii=False), "utf-8")
    return made


def dense_scores(embedder: Embedder, queries: Sequence[str], vectors: Floats) -> Floats:
    """Cosines of the queries against passage vectors, `(q, p)`."""
    return np.asarray(embedder.encode_queries(list(queries)) @ vectors.T, np.float32)


WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0)


def evaluate(embedder: Embedder, sets: EvaluationSets) -> dict[str, float]:
    """Return every figure by name; see the module's docstring. Sets without questions have none."""
    figures: dict[str, float] = {}
    start = time.perf_counter()
    vectors = {"viquad": embedder.encode_passages(sets.viquad.passages)}
    figures["passages per second"] = len(sets.viquad.passages) / (time.perf_counter() - start)
    parts = {
        "news": sets.news, "viquad": sets.viquad, "viquad tune": sets.viquad_tune, "own tune": sets.own_tune
    }  # fmt: skip
    parts = {name: part for name, part in parts.items() if part.queries}
    vectors |= {
        name: embedder.encode_passages(parts[name].passages) for name in ("news", "own tune") if name in parts
    }
    for mark, spoken, terms in (("", str, lexical_terms), (", toneless", strip_tones, _bare_terms)):
        indexes = {name: BM25(parts[name].passages, terms) for name in vectors}
        ranked: dict[str, tuple[Floats, Floats, NDArray[np.int64]]] = {}
        for name, part in parts.items():
            place = name if name in vectors else "viquad"  # all ViQuAD passages stand in both sets
            asked = [spoken(query) for query in part.queries]
            dense = dense_scores(embedder, asked, vectors[place])
            ranked[name] = indexes[place].scores(asked), dense, part.right
        tuned_on = [ranked[name] for name in ("viquad tune", "own tune") if name in ranked]
        weight = figures[f"fusion weight{mark}"] = _tune(tuned_on)
        for name, (lexical, dense, right) in ranked.items():
            figures[f"{name} BM25{mark}"] = ndcg(lexical, right)
            figures[f"{name} alone{mark}"] = ndcg(dense, right)
            figures[f"{name} fused{mark}"] = ndcg(fuse(lexical, dense, weight), right)
    return figures


def _bare_terms(text: str) -> list[str]:
    return [strip_tones(term) for term in lexical_terms(text)]


def _tune(rankings: Sequence[tuple[Floats, Floats, NDArray[np.int64]]]) -> float:
    """Return the weight under which the sets do best on average: (BM25 scores, cosines, right passages)."""

    def mean(weight: float) -> float:
        return float(np.mean([ndcg(fuse(lex, dense, weight), right) for lex, dense, right in rankings]))

    return max(WEIGHTS, key=mean)


def main() -> None:
    """Print the figures of one or more models as a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--model", nargs="*", default=[None], help="folders or names; nothing: the shipped one"
    )
    parser.add_argument("--data")
    parser.add_argument("--cache", type=Path, help="folder that keeps the evaluation sets between runs")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sets = load_sets(data_folder(options.data), options.cache)
    for model in options.model:
        embedder = load_embedder(model)
        for name, figure in evaluate(embedder, sets).items():
            logger.info("%-28s %-28s %.4f", embedder.name, name, figure)


if __name__ == "__main__":
    main()
