"""What it costs to write abbreviations in full and full forms short: titles of news that seek their leads.

The 5,000 news items that no model was trained on become articles of their leads alone; every title with an
abbreviation or a full form of the lexicon is asked as it stands, with half of these swapped, and with all.
No person chooses a question. Prints the rows and writes benchmarks/results/abbreviations.json.

    python -m benchmarks.abbreviations --data DATA
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.corpora import Question
from benchmarks.measure import run
from benchmarks.retrieval import ours, swapped
from index import Library, SearchSettings
from index.abbreviations import expand
from index.read.build import Stated, build_article
from models.embed import load_embedder
from models.training.corpus import LEAD_SOURCES, Document, held_out_news, read_documents


def items(data: Path) -> list[Document]:
    """Return the held-out news items."""
    kept = read_documents(
        data, sources=sorted(LEAD_SOURCES), accept=lambda source, held_out: held_out, news_characters=2_000
    )
    return held_out_news(list(kept))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "abbreviations.json")
    arguments = parser.parse_args()
    console = Console()
    found = items(arguments.data)
    articles = [
        build_article(item.lead, Stated(id=f"news-{number}"), path=arguments.data, name_date=False)
        for number, item in enumerate(found)
    ]
    questions = [
        Question(str(number), item.title, f"news-{number}", "test", ())
        for number, item in enumerate(found)
        if expand(item.title)
    ]
    asked = {
        "as written": questions,
        "half swapped": [swapped(question, random.Random(question.id)) for question in questions],
        "all swapped": [swapped(question, random.Random(question.id), share=1.0) for question in questions],
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        Library.open(Path(folder) / "library", create=True, embedder=load_embedder()) as library,
    ):
        library.add_articles(articles)
        system = ours(library, SearchSettings())
        results = [run(name, system, of_kind) for name, of_kind in asked.items()]
    for result in results:
        console.print(f"{result.name}: nDCG@10 {result.ndcg:.4f}, R@10 {result.recall10:.4f}")
    rows = [{"questions": len(questions), **asdict(result)} for result in results]
    text = json.dumps({"leads": len(articles), "rows": rows}, ensure_ascii=False, indent=1)
    arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
