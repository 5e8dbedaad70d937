"""The conversations of the tabs: kept over a reload, collected once, and never endless."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from qa.types import Answer, Event, Finished
from ui.conversation import Conversation, Conversations
from ui.job import Stream

ANSWER = Answer("Xong [1].", (), False, 0.5, (), {})


def finished(stop: threading.Event) -> Iterator[Event]:
    yield Finished(ANSWER)


def waiting(stop: threading.Event) -> Iterator[Event]:
    stop.wait(30)
    yield Finished(ANSWER)


def asked(stream: Stream) -> Conversation:
    talk = Conversation("tv")
    talk.start("Bao nhiêu?", stream)
    return talk


def test_an_answer_is_collected_once_however_many_tabs_look() -> None:
    talk = asked(finished)
    assert talk.job is not None and talk.job.wait(10)
    threads = [threading.Thread(target=talk.collect) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [turn.answer for turn in talk.turns] == [ANSWER] and talk.job is None
    assert talk.history() == [("Bao nhiêu?", "Xong [1].")]


def test_what_is_in_the_making_stays_until_it_is_done_or_stopped() -> None:
    talk = asked(waiting)
    talk.collect()
    assert talk.job is not None and not talk.turns
    talk.stop()
    assert talk.job is None and talk.turns[0].answer is None and talk.turns[0].error
    assert talk.history() == []


def test_a_conversation_is_found_again_for_its_own_library_only() -> None:
    kept = Conversations()
    talk = kept.begin("tv")
    assert kept.find(talk.id, "tv") is talk
    assert kept.find(talk.id, "khac") is None and kept.find("x", "tv") is None


def test_the_longest_unused_goes_first() -> None:
    kept = Conversations(kept=2)
    first, second = kept.begin("tv"), kept.begin("tv")
    assert kept.find(first.id, "tv") is first
    kept.begin("tv")
    assert kept.find(first.id, "tv") is first and kept.find(second.id, "tv") is None
    assert len({first.id, second.id}) == 2
