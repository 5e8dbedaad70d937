"""The recipe of data/reading.json and data/refusal.json: `python -m qa.tune DATA --gold FILE…`.

Fits the two linear models of `weigh` and the refusal on what the reader was not trained on and nothing is
reported on: the tuning articles of ViQuAD, the project's own questions over passages of the corpora that are
for tuning (models/training/splits.py, reader_data.py), and gold questions that were developed on.
Reading is fitted given the right passage. Refusal is fitted on questions asked of libraries: of all passages
(ViQuAD's once with the right one and once without), and of the articles that gold questions are about.
Run it again whenever the reader's weights, the features or the rules change. Takes a few minutes.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from models.training.reader_data import WRITTEN, asked_passages, part_of
from models.training.splits import split_of
from qa.align import matcher
from qa.calibrate import Trial, fitted, measured, trial
from qa.evaluate import context_id, gold_articles, hit_of
from qa.extract import candidate_features
from qa.gold import GoldQuestion, exact_match, holds_answer, overlap_f1, read_squad
from qa.question import understand
from qa.reading import read_sentences, reader_says
from qa.refuse import DOUBTS, Calibration
from qa.weigh import SENTENCE_FEATURES, SPAN_FEATURES

if TYPE_CHECKING:
    from index.library import Library
    from models.reader import Reader

logger = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]
DATA = Path(__file__).parent / "data"
# What may pull down: everything else is evidence for an answer and must not count against one.
_FREE = frozenset({"bias", "length", "one_word", "untyped", "untyped_figure"})
# Rules carry figures, roles and document numbers of local news, which ViQuAD hardly has.
_LEAST = {"number": 2.0, "person": 1.5, "document": 1.0, "date": 0.6}
# Where nothing else is learned, a doubt all but refuses.
_START = Calibration(
    -5.0,
    {"belief": 3.0, "focus": 1.0, "context": 1.0, "fit": 2.0, "weakest": 0.5, "retrieval": 1.0}
    | {"holds_office": 2.0, "decided": 2.0}
    | dict.fromkeys(DOUBTS, 3.0),
    0.5,
)
WANTED = 0.08  # false answers; a third of these near misses are traps written against their passage
GOLD_COUNTS = 12  # times as much as other trials: gold questions are about local news, as users' are
RECIPE = "python -m qa.tune, on ViQuAD's tuning articles, own questions for tuning, gold questions"


@dataclass(frozen=True, slots=True)
class Measured:
    """One question: sentence features (n, f) with the answering ones, span features (m, g) with F1 and EM."""

    sentences: Array
    right: npt.NDArray[np.bool_]
    spans: Array
    f1: Array
    exact: Array


def written_gold(data: Path) -> list[GoldQuestion]:
    """Return the project's own questions over passages of the corpora in the folder `data`."""
    return [
        GoldQuestion(
            f"{number}-{place}",
            question,
            answers,
            tuple(one.text.find(answer) for answer in answers),
            one.text,
            one.title,
            "" if answers else "unanswerable",
        )
        for number, one in enumerate(asked_passages(data, WRITTEN))
        for place, (question, answers) in enumerate(one.questions)
    ]


def measure(gold: Sequence[GoldQuestion], reader: Reader | None) -> list[Measured]:
    """Measure all questions, each over its own passage; those without an answering sentence are left out."""
    found: list[Measured] = []
    for one in gold:
        match = matcher(understand(one.question))
        reads = read_sentences(match, [hit_of(one.context, one.title)])
        said = reader_says(match.question, reads, reader, passages=1)
        rows: list[list[float]] = []
        right: list[bool] = []
        spans: list[list[float]] = []
        texts: list[str] = []
        for read in reads:
            features, pool = candidate_features(
                match, read, said.get((read.hit.article.id, read.sentence.start))
            )
            place = read.sentence
            rows.append([features.get(name, 0.0) for name in SENTENCE_FEATURES])
            right.append(any(place.start <= start < place.end for start in one.starts))
            if right[-1] and not spans:
                spans = [[values.get(name, 0.0) for name in SPAN_FEATURES] for _, values in pool]
                texts = [finding.text for finding, _ in pool]
        if any(right) and spans:
            found.append(
                Measured(
                    np.array(rows),
                    np.array(right),
                    np.array(spans),
                    np.array([overlap_f1(text, one.answers) for text in texts]),
                    np.array([exact_match(text, one.answers) for text in texts]),
                )
            )
    return found


def _softmax(values: Array) -> Array:
    powers: Array = np.exp(values - values.max())
    total: Array = powers / powers.sum()
    return total


def _minimise(
    loss: Callable[[Array], tuple[float, Array]], names: Sequence[str], least: dict[str, float]
) -> Array:
    bounds = [(None, None) if name in _FREE else (least.get(name, 0.0), None) for name in names]
    start = np.array([max(least.get(name, 0.0), 0.0) for name in names])
    found: Array = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found


def fit_sentences(measured_: Sequence[Measured], *, ridge: float = 0.003) -> dict[str, float]:
    """Fit the order of sentences (conditional logit), then scale it to a probability."""

    def loss(weights: Array) -> tuple[float, Array]:
        total, gradient = 0.0, np.zeros_like(weights)
        for one in measured_:
            p = _softmax(one.sentences @ weights)
            held = p[one.right].sum()
            total -= float(np.log(held + 1e-12))
            gradient += one.sentences.T @ p - one.sentences[one.right].T @ (p[one.right] / held)
        size = len(measured_)
        return total / size + ridge * float(weights @ weights), gradient / size + 2 * ridge * weights

    weights = _minimise(loss, SENTENCE_FEATURES, {})
    values = np.concatenate([one.sentences @ weights for one in measured_])
    labels = np.concatenate([one.right for one in measured_]).astype(float)
    scale = minimize(
        lambda ab: float(
            np.logaddexp(0, ab[0] * values + ab[1]).mean() - ((ab[0] * values + ab[1]) * labels).mean()
        ),
        np.array([1.0, -2.0]),
    ).x
    weights = weights * scale[0]
    weights[0] = scale[1]
    return _named(SENTENCE_FEATURES, weights)


def fit_spans(measured_: Sequence[Measured], *, ridge: float = 0.003) -> dict[str, float]:
    """Fit the order of candidates inside the answering sentence, for F1 and exact match."""

    def loss(weights: Array) -> tuple[float, Array]:
        total, gradient = 0.0, np.zeros_like(weights)
        for one in measured_:
            gain = one.f1 + 0.5 * one.exact
            p = _softmax(3 * (one.spans @ weights))
            expected = float(p @ gain)
            total -= expected
            gradient -= 3 * ((p * (gain - expected)) @ one.spans)
        size = len(measured_)
        return total / size + ridge * float(weights @ weights), gradient / size + 2 * ridge * weights

    return _named(SPAN_FEATURES, _minimise(loss, SPAN_FEATURES, {"agree": 0.5, **_LEAST}))


def _named(names: Sequence[str], weights: Array) -> dict[str, float]:
    return {
        name: round(float(weight), 4)
        for name, weight in zip(names, weights, strict=True)
        if abs(weight) > 0.002
    }


def refusal_trials(library: Library, gold: Sequence[GoldQuestion], reader: Reader | None) -> list[Trial]:
    """Ask each question with its passage in the library and without."""
    found: list[Trial | None] = []
    for one in gold:
        hits = library.search(one.question, k=20)
        found.append(trial(one.question, hits, one.answers, reader=reader))
        rest = [
            hit
            for hit in hits
            if hit.article.id != context_id(one.context) and not holds_answer(hit.passage.text, one.answers)
        ]
        found.append(trial(one.question, rest, [], reader=reader))
    return [one for one in found if one is not None]


def written_trials(data: Path, reader: Reader | None) -> list[Trial]:
    """Ask the project's own questions of the part for tuning, of a library of all their passages."""
    from index import Library

    everything = written_gold(data)
    found: list[Trial | None] = []
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "all", create=True) as library:
        library.add_articles(gold_articles(everything, titled=True))
        for one in everything:
            if part_of(one.title) == "tune":
                hits = library.search(one.question, k=20)
                found.append(trial(one.question, hits, one.answers, reader=reader))
    return [one for one in found if one is not None]


def gold_trials(files: Sequence[Path], articles: Path, reader: Reader | None) -> list[Trial]:
    """Ask gold questions (JSON lines, see tests/gold) that need no question before them.

    What a question is over, "samples" or "shared" articles, it says itself or the name of its file.
    """
    import index.samples
    from index import Library

    rows = [
        {"over": file.stem} | json.loads(line)
        for file in files
        for line in file.read_text("utf-8").splitlines()
    ]
    found: list[Trial | None] = []
    for over, source in (("samples", Path(index.samples.__path__[0])), ("shared", articles)):
        with (
            tempfile.TemporaryDirectory() as folder,
            Library.open(Path(folder) / over, create=True) as library,
        ):
            library.add(source)
            for row in rows:
                if row["over"] == over and not row["history"]:
                    hits = library.search(row["question"], k=20)
                    found.append(trial(row["question"], hits, row["answers"], reader=reader))
    return [one for one in found if one is not None]


def write_reading(gold: Sequence[GoldQuestion], reader: Reader) -> None:
    """Fit the order of sentences and spans and write data/reading.json."""
    weights: dict[str, object] = {"recipe": RECIPE, "reader": reader.fingerprint}
    for name, used in (("with_reader", reader), ("rules_only", None)):
        rows = measure(gold, used)
        weights[name] = {"sentence": fit_sentences(rows), "span": fit_spans(rows)}
        logger.info("%s: %d questions", name, len(rows))
    (DATA / "reading.json").write_text(json.dumps(weights, indent=1) + "\n", "utf-8")


def write_refusal(trials: Sequence[Trial], reader: Reader) -> None:
    """Fit the refusal, say what it reaches on the half held back, and write data/refusal.json."""
    mixed = random.Random(0).sample(trials, len(trials))
    half = len(mixed) // 2
    held = fitted(mixed[:half], start=_START, hold=2.0, wanted=WANTED)
    logger.info("held back: %s", measured(mixed[half:], held))
    final = fitted(trials, start=_START, hold=2.0, wanted=WANTED)
    logger.info("all: %s", measured(trials, final))
    content = {
        "recipe": RECIPE,
        "reader": reader.fingerprint,
        "bias": round(final.bias, 4),
        "weights": {name: round(weight, 4) for name, weight in final.weights.items()},
        "threshold": round(final.threshold, 3),
    }
    (DATA / "refusal.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def main() -> None:
    """Fit and write both files."""
    from index import Library
    from models.reader import load_reader

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder that holds corpora/ and qa/")
    parser.add_argument("--gold", type=Path, nargs="*", default=[], help="gold questions, developed on")
    parser.add_argument("--articles", type=Path, help="the shared articles (default: beside DATA)")
    parser.add_argument("--reader", default=None, help="folder of the reader (default: the shipped one)")
    parser.add_argument("--only", choices=("reading", "refusal"), default=None)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    data: Path = arguments.data
    everything = read_squad(data / "qa" / "viquad2.dev.json")
    gold = [one for one in everything if split_of(one.title) == "tune" and one.answerable]
    reader = load_reader(arguments.reader)
    if arguments.only != "refusal":
        own = [one for one in written_gold(data) if part_of(one.title) == "tune" and one.answerable]
        write_reading([*gold, *own], reader)
    if arguments.only == "reading":
        return
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "all", create=True) as library:
        library.add_articles(gold_articles(everything))
        trials = refusal_trials(library, gold, reader)
    trials += written_trials(data, reader)
    gold_ones = gold_trials(arguments.gold, arguments.articles or data.parent / "articles", reader)
    trials += GOLD_COUNTS * gold_ones
    write_refusal(trials, reader)


if __name__ == "__main__":
    main()
