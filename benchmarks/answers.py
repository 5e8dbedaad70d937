"""Answers from a whole library, and what is refused: the figures of reading, end to end, with one command.

Asks the ViQuAD TEST questions (`--split tune` while choosing) of a library of all ViQuAD passages among
100,000 and more passages of news; then questions that have no answer: mailong25 dev over its own passage, the
same ViQuAD questions with every passage that holds the answer taken away, the project's questions and near
misses over a thousand passages of the corpora, and the held-out questions of tests/gold over the samples and
the shared articles. Every question is answered once with no threshold, so that the whole curve of precision
and coverage comes from one run. Writes benchmarks/results/answers.json.

    python -m benchmarks.answers --data DATA --library FOLDER [--split tune] [--reader FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import index.samples
from benchmarks.corpora import Question, viquad
from benchmarks.measure import library_with_news
from benchmarks.retrieval import NEWS
from index import Library
from index.types import Hit
from models.reader import Reader, load_reader
from models.training.reader_data import part_of
from qa.answer import Asked, Searchable, answer
from qa.evaluate import gold_articles, hit_of
from qa.gold import exact_match, holds_answer, overlap_f1, read_squad
from qa.history import Turn
from qa.refuse import Calibration, shipped
from qa.tune import written_gold
from qa.types import SURE, Answer, Finished

GOLD = Path(__file__).parent.parent / "tests" / "gold"
HELDOUT = tuple(f"heldout{number}.jsonl" for number in ("", 2, 3, 4, 5, 6, 7, 8))
THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ALLOWED = 0.08  # false answers


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: `confidence` in [0, 1] (-1 where refused whatever the threshold), and what was said.

    `right`: the answer or its quotes hold a gold answer; `exact`, `f1` in [0, 1] of the marked span.
    """

    answerable: bool
    confidence: float
    right: bool = False
    exact: float = 0.0
    f1: float = 0.0
    ms: float = 0.0


class Given:
    """Finds the same hits whatever is searched for."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = list(hits)

    def search(self, text: str, *, k: int = 20, **filters: object) -> list[Hit]:
        """Return the first `k` hits."""
        return self._hits[:k]


@dataclass(frozen=True, slots=True)
class Asker:
    """The shipped way of answering, without a threshold."""

    reader: Reader
    calibration: Calibration

    def ask(self, text: str, library: Searchable, history: Sequence[Turn] = ()) -> Answer:
        """Return the answer."""
        asked = Asked(history=history, minimum_confidence=0.0)
        events = answer(text, library=library, calibration=self.calibration, asked=asked, reader=self.reader)
        *_, last = events
        if not isinstance(last, Finished):
            raise TypeError(f"an answer ends with Finished, not {last!r}")
        return last.answer

    def outcome(
        self, text: str, library: Searchable, answers: Sequence[str], history: Sequence[Turn] = ()
    ) -> Outcome:
        """Ask and compare with the gold answers (none: there is no answer)."""
        begun = time.perf_counter()
        said = self.ask(text, library, history)
        ms = (time.perf_counter() - begun) * 1e3
        if said.abstained:
            return Outcome(bool(answers), -1.0, ms=ms)
        shown = " ".join([said.text, *(citation.quote for citation in said.citations)])
        marked = marked_text(said)
        return Outcome(
            bool(answers),
            said.confidence,
            holds_answer(shown, answers),
            exact_match(marked, answers),
            overlap_f1(marked, answers),
            ms,
        )


def marked_text(said: Answer) -> str:
    """Return what the first citation marks, the whole quote where it marks nothing."""
    first = said.citations[0]
    return " ".join(first.quote[start:end] for start, end in first.marks) or first.quote


def whole_library(asker: Asker, library: Library, questions: Sequence[Question]) -> list[Outcome]:
    """Ask the questions of the whole library."""
    return [asker.outcome(one.text, library, one.answers) for one in questions]


def without_answer(asker: Asker, library: Library, questions: Sequence[Question]) -> Iterator[Outcome]:
    """Ask the questions once more, the right passage and all others that hold the answer taken away."""
    for one in questions:
        hits = library.search(one.text, k=30)
        rest = [h for h in hits if h.article.id != one.gold and not holds_answer(h.passage.text, one.answers)]
        yield asker.outcome(one.text, Given(rest), ())


def mailong(asker: Asker, data: Path) -> Iterator[Outcome]:
    """Ask mailong25's dev questions of their own passages."""
    for one in read_squad(data / "qa" / "mailong25.dev.json"):
        yield asker.outcome(one.question, Given([hit_of(one.context)]), one.answers)


def written(asker: Asker, data: Path, part: str) -> Iterator[Outcome]:
    """Ask the project's questions over passages of the corpora, of one part, of a library of all of them."""
    everything = written_gold(data)
    with tempfile.TemporaryDirectory() as place, Library.open(Path(place) / "all", create=True) as library:
        library.add_articles(gold_articles(everything, titled=True))
        for one in everything:
            if part_of(one.title) == part:
                yield asker.outcome(one.question, library, one.answers)


def heldout(asker: Asker, file: Path, *, shared: Path, shown: Callable[[str], None]) -> Iterator[Outcome]:
    """Ask held-out questions of the articles that they are about; what went wrong is shown."""
    folders = {"samples": Path(index.samples.__path__[0]), "shared": shared}
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for name, folder in folders.items():
        with tempfile.TemporaryDirectory() as place, Library.open(Path(place) / name, create=True) as library:
            library.add(folder)
            for row in rows:
                if row["over"] != name:
                    continue
                history = [(turn[0], turn[1]) for turn in row["history"]]
                got = asker.outcome(row["question"], library, row["answers"], history)
                answered = got.confidence >= asker.calibration.threshold
                if answered != got.answerable or (answered and not got.right):
                    kind = row.get("near", row["kind"])
                    shown(f"{row['id']} {got.confidence:.2f} {kind}: {row['question']}")
                yield got


def answered_at(outcomes: Sequence[Outcome], threshold: float) -> dict[str, float]:
    """Return how many are answered at a threshold, and how good those answers are (shares in [0, 1])."""
    wanted = [one for one in outcomes if one.answerable]
    given = [one for one in wanted if one.confidence >= threshold]
    return {
        "threshold": round(threshold, 3),
        "answered": len(given) / max(1, len(wanted)),
        "precision": sum(one.right for one in given) / max(1, len(given)),
        "right": sum(one.right for one in given) / max(1, len(wanted)),
        "exact": sum(one.exact for one in given) / max(1, len(given)),
        "f1": sum(one.f1 for one in given) / max(1, len(given)),
    }


def refusals(outcomes: Sequence[Outcome], threshold: float) -> dict[str, float]:
    """Return answers and false answers at the threshold, those given as sure, and at ALLOWED false ones."""
    none = [one for one in outcomes if not one.answerable]
    some = [one for one in outcomes if one.answerable]
    false = sorted((one.confidence for one in none), reverse=True)
    allowed = int(ALLOWED * len(false))
    strict = max(0.0, false[allowed] + 1e-9) if allowed < len(false) else 0.0

    def share(of: Sequence[Outcome], at: float) -> float:
        return sum(one.confidence >= at for one in of) / max(1, len(of))

    found = {"unanswerable": float(len(none)), "false": share(none, threshold)}
    found["false_sure"] = share(none, max(SURE, threshold))
    if some:
        found |= {"answerable": float(len(some)), "answered": share(some, threshold)}
        found["precision"] = answered_at(outcomes, threshold)["precision"]
        sure = answered_at(outcomes, max(SURE, threshold))
        found |= {"answered_sure": sure["answered"], "precision_sure": sure["precision"]}
        found["answered_at_8_false"] = share(some, strict)
    return found


def main() -> None:
    """Ask everything, print two tables, write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True, help="made on first use (a few minutes)")
    parser.add_argument("--articles", type=Path, help="the shared articles (default: beside DATA)")
    parser.add_argument("--split", choices=("test", "tune"), default="test")
    parser.add_argument("--step", type=int, default=1, help="every n-th question")
    parser.add_argument("--reader", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "answers.json")
    arguments = parser.parse_args()
    library = library_with_news(arguments.library, data=arguments.data, counts=NEWS)
    everything = viquad(arguments.data / "qa" / "viquad2.dev.json").questions
    questions = [one for one in everything if one.split == arguments.split][:: arguments.step]
    asker = Asker(load_reader(arguments.reader), shipped())
    threshold = asker.calibration.threshold
    console = Console(width=150)
    whole_library(asker, library, questions[:10])  # warm
    whole = whole_library(asker, library, questions)
    curve = [answered_at(whole, at) for at in sorted({*THRESHOLDS, threshold})]
    sets = {
        "mailong25 dev, its passage": list(mailong(asker, arguments.data)),
        f"ViQuAD {arguments.split}, with and without its passage": [
            *whole,
            *without_answer(asker, library, questions),
        ],
    }
    name = f"written {arguments.split}, all their passages"
    sets[name] = list(written(asker, arguments.data, arguments.split))
    shared = arguments.articles or arguments.data.parent / "articles"
    for name in HELDOUT:
        sets[name] = list(heldout(asker, GOLD / name, shared=shared, shown=console.print))
    refused = {name: refusals(outcomes, threshold) for name, outcomes in sets.items()}
    times = [one.ms for one in whole]
    result = {
        "passages": library.manifest.passages,
        "split": arguments.split,
        "questions": len(whole),
        "reader": asker.reader.fingerprint,
        "threshold": threshold,
        "sure": SURE,
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(float(np.percentile(times, 95)), 1),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "curve": curve,
        "refusals": refused,
        "calibration": asdict(asker.calibration),
    }
    console.print(_table("whole library", {f"{row['threshold']:.3f}": row for row in curve}))
    console.print(_table("refusals", refused))
    console.print(f"median {result['median_ms']} ms, p95 {result['p95_ms']} ms")
    arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _table(title: str, rows: dict[str, dict[str, float]]) -> Table:
    columns = list(dict.fromkeys(name for row in rows.values() for name in row if name != "threshold"))
    table = Table(title, *columns)
    for name, row in rows.items():
        table.add_row(name, *(f"{row[c]:.3f}" if c in row else "" for c in columns))
    return table


if __name__ == "__main__":
    main()
