"""How good the search is, what each part of it adds, and what odd spelling costs it.

ViQuAD test articles among 100,000 and more news passages, with the shipped models only. Every row is
measured in the same run over the same library. Prints a table and writes benchmarks/results/retrieval.json.

    python -m benchmarks.retrieval --data DATA --library FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.corpora import Question, viquad
from benchmarks.measure import Result, System, library_with_news, run
from index import Library, SearchSettings
from index.abbreviations import expand
from index.lexical import Filter, LexicalQuery
from index.normalize import canonical, strip_tones
from index.query import FieldWeights

NEWS = {"vietnews": 11_000, "vntc": 5_000, "baomoi2017": 5_000, "rss2025": 12_000}
DEPTH = 55  # passages asked for, so that 50 articles remain
_WORD = re.compile(r"\w+")


def ours(library: Library, settings: SearchSettings) -> System:
    """Return the search of this project with some settings."""

    def search(text: str) -> list[str]:
        return [hit.article.id for hit in library.search(text, k=DEPTH, settings=settings)]

    return search


def plain_bm25(library: Library, *, name: str = "accented") -> System:
    """Return BM25 (k1 1.2, b 0.75) over the lower-case syllables of passages, all words alike."""
    snapshot = library._refresh()

    def search(text: str) -> list[str]:
        words = dict.fromkeys(_WORD.findall(canonical(text).lower()), 1.0)
        found = snapshot.lexical.search(LexicalQuery({name: words}), k=DEPTH)
        keys = snapshot.columns.article[found.ids].tolist()
        stored = library._store.by_key(set(keys))
        return [stored[key].article.id for key in keys]

    return search


def dense_alone(library: Library) -> System:
    """Return the embedder alone."""
    snapshot = library._refresh()

    def search(text: str) -> list[str]:
        vector = library.embedder.encode_queries([canonical(text)])[0]
        found = snapshot.dense.search(vector, k=DEPTH, only=snapshot.columns.select(Filter()))
        keys = snapshot.columns.article[found.ids].tolist()
        stored = library._store.by_key(set(keys))
        return [stored[key].article.id for key in keys]

    return search


def variants() -> Iterator[tuple[str, SearchSettings]]:
    """Yield the search with one part left out or exchanged."""
    whole = SearchSettings()
    yield "without pairs of syllables", replace(whole, fields=replace(whole.fields, pairs=0.0))
    yield "without titles", replace(whole, fields=replace(whole.fields, title=0.0))
    yield "without the dense leg", replace(whole, legs={**whole.legs, "dense": 0.0})
    yield "without the lexical leg", replace(whole, legs={**whole.legs, "lexical": 0.0})
    yield "without the second stage", replace(whole, second_stage=0)
    yield "fused by ranks, no second stage", replace(whole, second_stage=0, method="rrf")
    yield "without folding reprints", replace(whole, fold_reprints=False)


def swapped(question: Question, random_: random.Random, *, share: float = 0.5) -> Question:
    """Write abbreviations in full and full forms short, a share of them."""
    text = canonical(question.text)
    whole = len(text)
    for expansion in reversed(expand(text)):
        if expansion.end <= whole and random_.random() < share:
            text = text[: expansion.start] + expansion.alternatives[0] + text[expansion.end :]
            whole = expansion.start  # what lies around it is left as it is
    return replace(question, text=text)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--embedder")
    parser.add_argument("--questions", type=int, default=10_000, help="questions of the main rows")
    parser.add_argument("--sample", type=int, default=10_000, help="questions of the ablation")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "retrieval.json")
    arguments = parser.parse_args()
    library = library_with_news(
        arguments.library, data=arguments.data, counts=NEWS, embedder=arguments.embedder
    )
    everything = viquad(arguments.data / "qa" / "viquad2.dev.json").questions
    questions = [question for question in everything if question.split == "test"]
    questions = random.Random(7).sample(questions, min(arguments.questions, len(questions)))
    some = random.Random(11).sample(questions, min(arguments.sample, len(questions)))
    abbreviated = [q for q in everything if expand(canonical(q.text)) and q.split == "test"]
    toneless: Callable[[list[Question]], list[Question]] = lambda given: [  # noqa: E731
        replace(question, text=strip_tones(question.text)) for question in given
    ]
    full = ours(library, SearchSettings())
    run("warm up", full, questions[:20])
    results: list[tuple[str, int, Result]] = []

    def measured(group: str, name: str, system: System, asked: list[Question]) -> None:
        result = run(name, system, asked)
        results.append((group, len(asked), result))
        console.print(f"{name}: {result.ndcg:.4f} {result.recall50:.4f} {result.p95:.0f} ms")

    console = Console()
    measured("all", "plain syllable BM25", plain_bm25(library), questions)
    measured("all", "hoibao", full, questions)
    measured("all", "the embedder alone", dense_alone(library), questions)
    bare = toneless(questions)
    measured("no tone marks", "plain syllable BM25", plain_bm25(library), bare)
    measured("no tone marks", "plain BM25, toneless field", plain_bm25(library, name="toneless"), bare)
    measured("no tone marks", "hoibao", full, bare)
    if abbreviated:
        random_ = random.Random(5)
        measured("abbreviations", "as asked", full, abbreviated)
        measured("abbreviations", "swapped", full, [swapped(question, random_) for question in abbreviated])
    measured("ablation", "hoibao", full, some)
    for name, settings in variants():
        measured("ablation", name, ours(library, settings), some)
    for name, fields in (
        ("no tone marks, as typed only", FieldWeights(as_typed=1.0, as_meant=0.0)),
        ("no tone marks, as meant only", FieldWeights(as_typed=0.0, as_meant=1.0)),
    ):
        measured("ablation", name, ours(library, replace(SearchSettings(), fields=fields)), toneless(some))
    _report(console, results)
    manifest = library.manifest
    arguments.out.parent.mkdir(exist_ok=True)
    arguments.out.write_text(
        json.dumps(
            {
                "passages": manifest.passages,
                "articles": manifest.articles,
                "embedder": manifest.embedder,
                "fingerprint": manifest.fingerprint,
                "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
                "rows": [{"group": g, "questions": n, **asdict(result)} for g, n, result in results],
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


def _report(console: Console, results: list[tuple[str, int, Result]]) -> None:
    table = Table("set", "system", "questions", "nDCG@10", "R@10", "R@50", "MRR@10", "p50 ms", "p95 ms")
    for group, count, result in results:
        values = (result.ndcg, result.recall10, result.recall50, result.mrr)
        table.add_row(
            group, result.name, str(count), *(f"{value:.4f}" for value in values), f"{result.p50:.1f}",
            f"{result.p95:.1f}"
        )  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    main()
