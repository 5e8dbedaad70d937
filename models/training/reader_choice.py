"""The last step of the reader's training: weights of `models.reader_choice`, on articles not seen before.

    python -m models.training.reader_choice --data FOLDER --reader FOLDER     # fitted anew, written there

Fitted on ViQuAD's TUNE articles and the project's own questions of TUNE, which count alike.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from models.reader import Reader, load_reader, save_reader
from models.reader_choice import CHOICE_FEATURES
from models.reader_features import Floats
from models.training.reader_data import Example, viquad, written

logger = logging.getLogger(__name__)
_L2 = 1e-3


def fit_choice(reader: Reader, sets: Sequence[Sequence[Example]]) -> Floats:
    """Return the weights (CHOICE_FEATURES,) under which the answering sentences are likeliest.

    Each of the sets has the same say, however many examples it holds.
    """
    seen: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], float]] = []
    for examples in sets:
        answered = [example for example in examples if example.spans]
        for example in answered:
            right = np.zeros(len(example.sentences), bool)
            right[[span.sentence for span in example.spans]] = True
            features, present = reader.choice_features(example.question, example.sentences, example.title)
            if (right & present).any():
                share = 1 / len(answered) / len(sets)
                seen.append((features[present].astype(np.float64), right[present], share))

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        total, slope = _L2 * float(weights @ weights), 2 * _L2 * weights
        for features, right, counts in seen:
            scores = features @ weights
            share = np.exp(scores - logsumexp(scores))
            gold = np.where(right, share, 0.0)
            total -= counts * float(np.log(gold.sum() + 1e-12))
            slope = slope - counts * (features.T @ (gold / (gold.sum() + 1e-12) - share))
        return total, slope

    found = minimize(loss, np.eye(CHOICE_FEATURES)[0], jac=True, method="L-BFGS-B")
    weights: Floats = found.x.astype(np.float32)
    logger.info("choice of the sentence on %d questions: %s", len(seen), np.round(weights, 2).tolist())
    return weights


def tuning_sets(data: Path) -> list[list[Example]]:
    """Return what the weights are fitted on."""
    return [viquad(data, "tune"), written(data, "tune")]


def main() -> None:
    """Fit the weights of a trained reader anew."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description="Fit how a reader chooses the sentence.")
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds corpora/ and qa/")
    parser.add_argument("--reader", type=Path, required=True, help="the reader's folder; its weights change")
    options = parser.parse_args()
    reader = load_reader(options.reader)
    weights = {**reader.weights, "choice": fit_choice(reader, tuning_sets(options.data))}
    vocabulary = reader.vocabulary
    save_reader(options.reader, vocabulary.words, vocabulary.idf, reader.vectors, weights)


if __name__ == "__main__":
    main()
