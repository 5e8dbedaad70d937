"""Refusing: the calibrated belief that a finding answers the question (what is said then is in `missing`).

A logistic model over features of the retrieval, the reading, the answer's type, and what speaks against the
finding; its weights are in data/refusal.json with the recipe that made them. A finding that speaks of another
ward, or of a name that stands nowhere in the article, is refused whatever its score.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from index.normalize import canonical
from qa.candidates import Type
from qa.context import unit_of, verdict
from qa.exclude import NEVER, UNLIKELY
from qa.extract import Finding, behind
from qa.figures import measure_signs
from qa.fit import types_for
from qa.lacking import CHECK_NAMES, lacking
from qa.question import Kind, Question
from qa.roles import role_of
from qa.scope import Standing, named_in
from qa.specified import compared_year
from qa.weigh import group_of

CALIBRATION_FILE = "calibration.json"
# What may speak against a finding: the checks of `lacking`, another unit than the one asked for, a candidate
# that `exclude` all but rules out (a date: as that of another event). As features they are -1 where they do.
DOUBTS = (*CHECK_NAMES, "another_unit", "another_event", "excluded")
FEATURES = (
    "belief", "reader", "fit", "words", "focus", "context", "pairs", "typed", "untyped_figure", "retrieval",
    "margin", "weakest", "behind", "holds_office", "decided", *DOUBTS,
)  # fmt: skip

# What counts at least so much, whatever is learned where people ask in other words: better no date than
# that of another event, no figure than that of those who did something else. And where all words of what is
# to be confirmed stand in the sentence, said or denied: the questions to learn from hardly ever ask for that.
LEAST = {"another_event": 1.5, "unsaid_deed": 1.0, "decided": 2.0}

_PRICE_ASKED = re.compile(
    r"(?<!\w)giá\s+(?:\w+\s+){0,2}?bao nhiêu|(?<!\w)(?:bao nhiêu|mấy)\s+(?:tiền|đồng)(?!\w)", re.I
)
_MONEY = re.compile(r"(?<!\w)(?:đồng|tỷ|tỉ|triệu|nghìn|ngàn|usd|đô|vnđ|euro|đ)(?!\w)|\d[kđ₫]|[$€₫]", re.I)
# "Chợ cũ và chợ mới, chợ nào có nhiều sạp hơn?"
_OF_TWO = re.compile(r"\s(?:và|hay|với)\s.{2,60}?(?<!\w)(?:nào|ai|đâu)\s.{0,60}(?<!\w)hơn\W*$", re.I)
_MORE = re.compile(r"(?<!\w)(?:hơn|nhất|gấp|thua|bằng nhau|ngang nhau)(?!\w)", re.I)
_NO_UNIT = 0.12  # what a figure's unit fits at least
_OF_A_PLACE = (Kind.NUMBER, Kind.TOTAL, Kind.ROLE)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the logistic model and the confidence below which an answer is refused."""

    bias: float
    weights: Mapping[str, float]
    threshold: float
    recipe: str = ""

    def confidence(self, features: Mapping[str, float]) -> float:
        """Return in [0, 1] the expected share of right answers among findings with these features."""
        total = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=1)
def shipped() -> Calibration:
    """Return the calibration that comes with the package."""
    return read_calibration((files("qa") / "data" / "refusal.json").read_text("utf-8"))


def read_calibration(text: str) -> Calibration:
    """Read a calibration from its JSON."""
    raw = json.loads(text)
    return Calibration(
        float(raw["bias"]), dict(raw["weights"]), float(raw["threshold"]), str(raw.get("recipe", ""))
    )


def calibration_of(folder: Path) -> Calibration:
    """Return the calibration fitted to a library, else the shipped one."""
    file = folder / CALIBRATION_FILE
    return read_calibration(file.read_text("utf-8")) if file.exists() else shipped()


def features_of(question: Question, findings: Sequence[Finding]) -> dict[str, float]:
    """Return the features of the best finding, each in [0, 1], those of DOUBTS in [-1, 0]."""
    best = findings[0]
    against = doubts(question, best)
    wanted = types_for(question)
    typed = best.type in wanted if wanted else True
    other = next((f for f in findings[1:] if f.sentence != best.sentence), None)
    ruled = group_of(best.type) in ("number", "person", "date", "document") and typed
    return {
        "belief": best.belief,
        "reader": _log_odds(best.reader_sentence or best.belief),
        "fit": best.fit if ruled else 0.5,
        "words": best.overlap.words,
        "focus": best.context.focus,
        "context": best.context.words,
        "pairs": best.overlap.pairs,
        "typed": float(typed),
        "untyped_figure": float(best.type is None and question.kind in (Kind.NUMBER, Kind.TOTAL, Kind.DATE)),
        "retrieval": best.hit.score,
        "margin": best.score - (other.score if other else 0.0),
        "weakest": 1.0 - best.context.heaviest_missing / 10,
        "behind": 1.0 + max(-6.0, math.log(behind(findings)[0])) / 6,
        "holds_office": _holds_office(question, best),
        "decided": float(bool(verdict(question, unit_of(question, best)))),
        **{name: -float(name in against) for name in DOUBTS},
    }


def _holds_office(question: Question, finding: Finding) -> float:
    """Return in [0, 1] how far the rules know a person for the holder of the office asked for."""
    asked = question.kind is Kind.PERSON and role_of(question.text, toneless=question.toneless) is not None
    here = finding.type is Type.PERSON and finding.standing >= Standing.INHERITED
    return finding.fit if asked and here else 0.0


def _log_odds(likely: float) -> float:
    """Return the log odds of a probability, brought from [-6, 6] to [0, 1]."""
    likely = min(max(likely, 0.0025), 0.9975)
    return 0.5 + math.log(likely / (1 - likely)) / 12


def doubts(question: Question, finding: Finding) -> tuple[str, ...]:
    """Return what speaks against a finding, of DOUBTS."""
    found = [*lacking(question, finding)]
    if question.kind is Kind.NUMBER and question.unit[1] > question.unit[0] and finding.fit < _NO_UNIT:
        found.append("another_unit")
    if finding.allowed <= UNLIKELY:
        found.append("another_event" if question.kind is Kind.DATE else "excluded")
    return tuple(found)


def impossible(question: Question, finding: Finding) -> bool:
    """Return whether a finding cannot be the answer: another place's, another office's, no figure at all."""
    if finding.standing <= Standing.RIVAL or finding.allowed <= NEVER:
        return True
    if question.kind in (Kind.NUMBER, Kind.TOTAL) and finding.type is not Type.NUMBER:
        return True
    if compared_year(question, finding) or _another_measure(question, finding):
        return True
    if _OF_TWO.search(question.text) and not _MORE.search(canonical(finding.sentence.text)):
        return True  # a figure of one of them compares nothing
    office = question.kind is Kind.PERSON and role_of(question.text, toneless=question.toneless) is not None
    if (office or question.kind in _OF_A_PLACE) and finding.standing is Standing.ARTICLE:
        # The name comes only later in the article: what is found is not its own, unless the title says so.
        strong = [name for name in question.names if name.strong]
        if not all(named_in(name, finding.article.title, toneless=question.toneless) for name in strong):
            return True
    if question.kind is Kind.DOCUMENT and finding.type is None:
        return True
    if question.kind is Kind.ROLE and finding.type is not Type.ROLE and "ai" not in _slot(question):
        return True
    return office and (finding.fit < 0.1 or finding.type not in (Type.PERSON, Type.NAME))


def _another_measure(question: Question, finding: Finding) -> bool:
    """Return whether metres, hectares, per cent or a price are asked for and the figure is of none."""
    if _PRICE_ASKED.search(question.text):
        told = finding.sentence.text[finding.start : finding.end + 24]
        return question.kind is Kind.NUMBER and _MONEY.search(told) is None
    unit = question.words.slice(*question.unit).lower()
    return question.kind is Kind.NUMBER and bool(measure_signs(unit.split())) and finding.fit < _NO_UNIT


def _slot(question: Question) -> tuple[str, ...]:
    return tuple(word.plain for word in question.words.words[slice(*question.slot)])
