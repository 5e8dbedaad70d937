"""`hoibao ask`: one question or several in a row, answered on the terminal."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from index import Library
from models.errors import HoibaoError
from qa import Assistant
from qa.settings import Settings
from qa.types import Answer
from ui.command import NO_MODEL
from ui.json_output import answer_json
from ui.terminal import err, out, print_answer, print_error, print_json

if TYPE_CHECKING:
    from qa.answer import Generator


def check_questions(questions: Sequence[str]) -> None:
    """Raise `HoibaoError` if a question says nothing: the shell has lost it, or only a mark was typed."""
    if not all(any(sign.isalnum() for sign in question) for question in questions):
        raise HoibaoError("câu hỏi trống", repair='viết câu hỏi trong ngoặc kép: hoibao ask "Ai là …?"')


def ask_all(
    questions: Sequence[str],
    *,
    library: Library,
    since: date | None,
    until: date | None,
    source: str | None,
    model: str | None,
    json: bool,
    explain: bool,
    settings: Settings,
) -> list[Answer]:
    """Ask each question with the ones before it as history; print and return the answers.

    With `json`, one question prints its answer and several print a list.
    """
    if model is not None:
        chosen = "" if model == NO_MODEL else model
        settings = dataclasses.replace(settings, model=chosen, server_url="")
    answers: list[Answer] = []
    history: list[tuple[str, str]] = []
    with Assistant.open(library, settings=settings, generate=configured_writer(settings)) as assistant:
        for number, question in enumerate(questions):
            answer = assistant.ask(question, history=history, since=since, until=until, source=source)
            history.append((answer.question or question, answer.text))
            answers.append(answer)
            if not json:
                if number:
                    out.rule(style="dim")
                print_answer(answer, explain=explain)
    if json:
        shown = [answer_json(answer, explain=explain) for answer in answers]
        print_json(shown[0] if len(shown) == 1 else shown)
    return answers


def configured_writer(settings: Settings) -> Generator | None:
    """Return the language model that the settings name; one that cannot be used is reported, not fatal."""
    if not settings.model and not settings.server_url:
        return None
    from qa.generate import configured_generator

    try:
        return configured_generator(settings)
    except HoibaoError as error:
        print_error(error)
        err.print("Trả lời bằng cách trích từ bài báo.", style="yellow")
        return None
