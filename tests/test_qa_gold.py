"""The gold questions over the samples: a floor under what is answered and refused.

The floors are a few questions below what was measured, so that the test fails where something breaks and not
where a tie falls the other way. Nothing in qa/ knows these questions.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import index.samples as samples
from index import Library
from index.normalize import canonical, strip_tones
from qa import Answer, Assistant
from qa.gold import normalise_answer
from qa.settings import Settings

GOLD = Path(__file__).parent / "gold" / "samples.jsonl"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Library.open(tmp_path_factory.mktemp("gold") / "library", create=True) as library:
        library.add(Path(samples.__path__[0]))
        with Assistant.open(library, settings=Settings()) as helper:
            yield helper


def outcome(answer: Answer, gold: dict[str, object]) -> str:
    """Return "right" (an accepted answer said or marked, the gold sentence cited), "wrong" or "refused"."""
    if answer.abstained:
        return "refused"
    quotes = [canonical(str(gold["quote"]))]
    quotes += [canonical(str(other["quote"])) for other in gold.get("more") or []]  # type: ignore[attr-defined, index]
    cited = [canonical(citation.quote) for citation in answer.citations]
    if not any(one in quote or quote[:60] in one for quote in quotes for one in cited):
        return "wrong"
    marked = " ".join(c.quote[start:end] for c in answer.citations for start, end in c.marks)
    said = normalise_answer(f"{answer.text} {marked}")
    return "right" if any(normalise_answer(str(one)) in said for one in gold["answers"]) else "wrong"  # type: ignore[attr-defined]


def as_written(text: str) -> str:
    return text


def every_other_word_bare(text: str) -> str:
    return " ".join(strip_tones(word) if at % 2 else word for at, word in enumerate(text.split(" ")))


def counted(assistant: Assistant, typed: Callable[[str], str]) -> dict[str, Counter[str]]:
    """Ask all gold questions as `typed` makes them; count the outcomes."""
    found = {"answerable": Counter[str](), "unanswerable": Counter[str](), "number": Counter[str]()}
    for line in GOLD.read_text("utf-8").splitlines():
        gold = json.loads(line)
        history = [(typed(turn[0]), turn[1]) for turn in gold["history"]]
        gold["quote"] = gold.get("quote") or ""
        result = outcome(assistant.ask(typed(gold["question"]), history=history), gold)
        if not gold["answerable"]:
            result = "refused" if result == "refused" else "false"
        found["answerable" if gold["answerable"] else "unanswerable"][result] += 1
        if gold["kind"] == "number" and gold["answerable"]:
            found["number"][result] += 1
    return found


@pytest.fixture(scope="module")
def outcomes(assistant: Assistant) -> dict[str, Counter[str]]:
    return counted(assistant, as_written)


def share(counts: Counter[str], result: str) -> float:
    return counts[result] / max(1, counts.total())


def test_answerable_questions_are_answered_rightly(outcomes: dict[str, Counter[str]]) -> None:
    assert share(outcomes["answerable"], "right") >= 0.81, outcomes


def test_figures_are_answered_rightly(outcomes: dict[str, Counter[str]]) -> None:
    assert share(outcomes["number"], "right") >= 0.83, outcomes


def test_wrong_answers_are_rare(outcomes: dict[str, Counter[str]]) -> None:
    assert share(outcomes["answerable"], "wrong") <= 0.055, outcomes


def test_unanswerable_questions_are_refused(outcomes: dict[str, Counter[str]]) -> None:
    assert share(outcomes["unanswerable"], "false") <= 0.03, outcomes


@pytest.mark.parametrize("typed", [strip_tones, every_other_word_bare])
def test_questions_without_marks_are_answered_nearly_as_well(
    assistant: Assistant, outcomes: dict[str, Counter[str]], typed: Callable[[str], str]
) -> None:
    found = counted(assistant, typed)
    assert share(found["answerable"], "right") >= share(outcomes["answerable"], "right") - 0.08, found
    assert share(found["unanswerable"], "false") <= 0.06, found
