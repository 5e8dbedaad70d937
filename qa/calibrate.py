"""Fitting the refusal to a library: how sure must a finding be, so that few false answers get through?

Questions are made from the library's own sentences by replacing a number, date or name with its question
word (Vietnamese asks in place). Each is asked twice: of the whole library, and with its article left out, as
a question from elsewhere; a third time with the place's name exchanged, a near miss. The logistic model of
`refuse` is fitted to what was right, held near the shipped one, and the threshold set by the wanted rate.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from index.types import Article, Hit
from qa.answer import read
from qa.candidates import Type, candidates_in
from qa.extract import Finding
from qa.gold import normalise_answer
from qa.names import NameKind, names_in
from qa.refuse import CALIBRATION_FILE, FEATURES, LEAST, Calibration, features_of, impossible, shipped
from qa.words import read_words

if TYPE_CHECKING:
    from index.library import Library
    from models.reader import Reader

logger = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]
WANTED_FALSE_RATE = 0.05
_QUESTION_WORDS = {Type.NUMBER: "bao nhiêu", Type.DATE: "khi nào", Type.PERSON: "ai"}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """One question asked for calibration: features of the best finding, whether it was right."""

    features: Mapping[str, float]
    answerable: bool
    right: bool
    impossible: bool = False


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """What calibration measured, on questions it was not fitted to (every second one).

    Rates in [0, 1]: `answered` and `right` among the answerable, `false_answers` among the unanswerable.
    """

    trials: int
    answered: float
    right: float
    false_answers: float
    threshold: float
    saved_to: str = ""


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """A question made from a sentence, with its answer; `swapped` is the same about another place, or ""."""

    text: str
    answer: str
    article_id: str
    swapped: str = ""


def made_questions(articles: Sequence[Article], *, count: int, seed: int = 0) -> list[MadeQuestion]:
    """Make up to `count` questions from the articles' sentences by replacement in place."""
    from index.sentences import split_sentences

    chance = random.Random(seed)
    places = sorted(
        {
            (name.head, name.text)
            for article in articles
            for name in names_in(read_words(article.text[:4000]))
            if name.kind is NameKind.PLACE and name.head in ("phường", "xã", "quận", "huyện", "tỉnh")
        }
    )
    made: list[MadeQuestion] = []
    for article in chance.sample(list(articles), len(articles)):
        sentences = [s for span in article.body for s in split_sentences(article.text, span.start, span.end)]
        fitting = [s for s in sentences if 40 <= len(s.text) <= 220]
        for sentence in chance.sample(fitting, min(2, len(fitting))):
            question = _made(sentence.text, article.id, places, chance)
            if question is not None:
                made.append(question)
        if len(made) >= count:
            break
    return made[:count]


def _made(
    sentence: str, article_id: str, places: Sequence[tuple[str, str]], chance: random.Random
) -> MadeQuestion | None:
    words = read_words(sentence)
    fitting = [c for c in candidates_in(sentence) if c.type in _QUESTION_WORDS and c.end - c.start >= 2]
    if not fitting:
        return None
    gap = chance.choice(fitting)
    text = words.text.rstrip(" .;:!…")
    question = f"{text[: gap.start]}{_QUESTION_WORDS[gap.type]}{text[gap.end :]}?"
    swapped = ""
    names = [n for n in names_in(words) if n.kind is NameKind.PLACE and n.head]
    if names:
        name = chance.choice(names)
        others = [text for head, text in places if head == name.head and text.lower() != name.text.lower()]
        if others:
            swapped = question.replace(name.text, chance.choice(others))
    return MadeQuestion(question, gap.text, article_id, swapped if swapped != question else "")


def trial(
    question: str, hits: Sequence[Hit], answers: Sequence[str], *, reader: Reader | None
) -> Trial | None:
    """Ask one question of given hits; `answers` empty: it has none. None where nothing was found."""
    asked, findings = read(question, hits, reader=reader)
    if not findings:
        return None
    right = bool(answers) and is_right(findings[0], answers)
    return Trial(features_of(asked, findings), bool(answers), right, impossible(asked, findings[0]))


def is_right(finding: Finding, answers: Sequence[str]) -> bool:
    """Return whether the sentence found holds an answer and the marked span touches it."""
    sentence, span = normalise_answer(finding.sentence.text), set(normalise_answer(finding.text).split())
    for answer in answers:
        bare = normalise_answer(answer)
        if bare and bare in sentence and (span & set(bare.split())):
            return True
    return False


def trials_of(
    library: Library, made: Sequence[MadeQuestion], *, reader: Reader | None, progress: Progress | None = None
) -> Iterator[Trial]:
    """Ask every made question three ways: as it is, with its article left out, about another place."""
    for number, question in enumerate(made):
        hits = library.search(question.text, k=20)
        own = [trial(question.text, hits, [question.answer], reader=reader)]
        elsewhere = [hit for hit in hits if hit.article.id != question.article_id]
        if elsewhere and not any(question.answer in hit.passage.text for hit in elsewhere[:5]):
            own.append(trial(question.text, elsewhere, [], reader=reader))
        if question.swapped:
            swapped = library.search(question.swapped, k=20)
            if not any(
                all(part in hit.passage.text for part in (question.answer,))
                and hit.article.id != question.article_id
                for hit in swapped
            ):
                own.append(trial(question.swapped, swapped, [], reader=reader))
        yield from (one for one in own if one is not None)
        if progress is not None:
            progress(number + 1, len(made))


def fitted(
    trials: Sequence[Trial], *, start: Calibration, hold: float = 1.0, wanted: float = WANTED_FALSE_RATE
) -> Calibration:
    """Fit the logistic model, held to `start` by a ridge of strength `hold`, and set the threshold.

    What is evidence for an answer may not count against one: but for the bias, no weight is below 0 or LEAST.
    The threshold is the lowest at which at most `wanted` of the unanswerable trials are answered.
    """
    usable = [one for one in trials if not one.impossible]
    x = np.array([[1.0, *(one.features.get(name, 0.0) for name in FEATURES)] for one in usable])
    y = np.array([one.right for one in usable], float)
    before = np.array([start.bias, *(start.weights.get(name, 0.0) for name in FEATURES)])

    def loss(weights: Array) -> tuple[float, Array]:
        z, away = x @ weights, weights - before
        value = float((np.logaddexp(0, z) - y * z).sum() + hold * (away @ away) / 2)
        return value, x.T @ (1 / (1 + np.exp(-np.clip(z, -30, 30))) - y) + hold * away

    bounds = [(None, None), *((LEAST.get(name, 0.0), None) for name in FEATURES)]
    weights: Array = minimize(loss, before, jac=True, method="L-BFGS-B", bounds=bounds).x
    found = Calibration(
        float(weights[0]), {name: float(w) for name, w in zip(FEATURES, weights[1:], strict=True)}, 0.5
    )
    false = sorted(
        (0.0 if one.impossible else found.confidence(one.features) for one in trials if not one.answerable),
        reverse=True,
    )
    allowed = int(wanted * len(false))
    threshold = false[allowed] + 1e-6 if allowed < len(false) else 0.0
    return replace(found, threshold=float(min(0.95, max(0.05, threshold))))


def measured(trials: Sequence[Trial], calibration: Calibration) -> CalibrationReport:
    """Measure a calibration on trials."""

    def answered(one: Trial) -> bool:
        return not one.impossible and calibration.confidence(one.features) >= calibration.threshold

    yes = [one for one in trials if one.answerable]
    no = [one for one in trials if not one.answerable]
    return CalibrationReport(
        len(trials),
        sum(map(answered, yes)) / max(1, len(yes)),
        sum(answered(one) and one.right for one in yes) / max(1, len(yes)),
        sum(map(answered, no)) / max(1, len(no)),
        calibration.threshold,
    )


def calibrate(
    library: Library, *, count: int = 150, seed: int = 0, progress: Progress | None = None
) -> CalibrationReport:
    """Fit the refusal to a library and save it there; return what it reaches on the questions held back.

    Takes about a quarter of a second a question. A library with too few figures to ask about keeps the
    shipped calibration, and the report says what that one reaches.
    """
    from models.reader import load_reader

    reader = load_reader()
    made = made_questions(list(library.articles()), count=count, seed=seed)
    half = len(made) // 2
    fitting = list(trials_of(library, made[:half], reader=reader, progress=progress))
    held = list(trials_of(library, made[half:], reader=reader, progress=progress))
    trials = [*fitting, *held]
    if sum(not one.answerable for one in fitting) < 15 or sum(one.answerable for one in fitting) < 15:
        logger.info("too few questions to fit the refusal: the shipped calibration stays")
        return measured(trials, shipped())
    report = measured(held, fitted(fitting, start=shipped(), hold=5.0))
    final = fitted(trials, start=shipped(), hold=5.0)
    file = library.path / CALIBRATION_FILE
    content = {
        "recipe": f"hoibao calibrate, {len(trials)} questions made from this library",
        "bias": final.bias,
        "weights": dict(final.weights),
        "threshold": final.threshold,
    }
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    partial.replace(file)
    return replace(report, saved_to=str(file), threshold=final.threshold)
