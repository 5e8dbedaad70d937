"""Judge the shipped reader (or another one), the plain IDF overlap beside it:

    python -m models.training.evaluate_reader --data FOLDER [--reader FOLDER] [--ten]

Sets: ViQuAD TUNE and TEST articles (given the right passage), mailong25 dev (how well unanswerable
questions are told), the project's questions over held-out news and over other passages of the corpora.
`--ten` also times ten passages at once.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.reader import Reader, load_reader
from models.reader_features import make_batch
from models.training.reader_data import Example, mailong_dev, news, viquad, written
from models.training.reader_score import Prediction, report

logger = logging.getLogger(__name__)


def predict(reader: Reader, examples: Sequence[Example]) -> list[Prediction]:
    """Let the reader answer each example."""
    result: list[Prediction] = []
    for example in examples:
        read = reader.read(example.question, [example.sentences], titles=[example.title])
        ranked = read.ranked
        best = max((item for item in ranked if item.spans), key=lambda item: item.logit, default=None)
        answer = ""
        if best is not None:
            span = best.spans[0]
            answer = example.sentences[best.sentence][span.start : span.end]
        result.append(Prediction(tuple(item.sentence for item in ranked), answer, 1 - read.null))
    return result


def overlap(reader: Reader, examples: Sequence[Example]) -> list[Prediction]:
    """The baseline: sentences by the idf of the question's syllables and pairs of them that they contain."""
    result: list[Prediction] = []
    for example in examples:
        asked = reader.vocabulary.encode_question(example.question)
        passage = reader.vocabulary.encode(["", *example.sentences])
        facts = make_batch([asked], [passage], reader.vectors, marks=[0] * 7).facts[1:]
        score = facts[:, 0] + facts[:, 1]
        order = tuple(int(i) for i in np.argsort(-score, kind="stable"))
        result.append(Prediction(order, example.sentences[order[0]], float(score.max())))
    return result


def sets(data: Path) -> dict[str, list[Example]]:
    """Return the sets by name."""
    return {
        "ViQuAD TUNE": viquad(data, "tune"),
        "ViQuAD TEST": viquad(data, "test"),
        "mailong25 dev": mailong_dev(data),
        "held-out news": news(data),
        "written TUNE": written(data, "tune"),
        "written TEST": written(data, "test"),
    }


def main() -> None:
    """Print a table to the log."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds corpora/ and qa/")
    parser.add_argument(
        "--reader", type=Path, default=None, help="a reader's folder (default: the shipped one)"
    )
    parser.add_argument("--ten", action="store_true", help="time ten passages at once")
    options = parser.parse_args()
    started = time.perf_counter()
    reader = load_reader(options.reader)
    logger.info(
        "loaded in %.0f ms, fingerprint %s", 1e3 * (time.perf_counter() - started), reader.fingerprint
    )
    for name, examples in sets(options.data).items():
        logger.info("%-14s IDF overlap  %s", name, report(examples, overlap(reader, examples)))
        logger.info("%-14s reader       %s", name, report(examples, predict(reader, examples)))
    if options.ten:
        examples = viquad(options.data, "tune")
        spent: list[float] = []
        for i in range(0, 200, 10):
            passages = [example.sentences for example in examples[i : i + 10]]
            started = time.perf_counter()
            reader.read(examples[i].question, passages, titles=[one.title for one in examples[i : i + 10]])
            spent.append(1e3 * (time.perf_counter() - started))
        logger.info("ten passages: median %.0f ms, slowest %.0f ms", np.median(spent), max(spent))


if __name__ == "__main__":
    main()
