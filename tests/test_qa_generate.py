"""Generation from evidence on the real llama.cpp, with the small model that learned to quote."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import gguf_builder
import pytest
from evidence_builder import evidence_for
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from index import Library
from models.errors import ModelError, ModelNotFound
from models.llm import LlamaChat
from models.openai_server import ServerChat
from models.training.copy_llama import draw_example
from qa import Assistant
from qa.generate import ModelGenerator, configured_generator, generate, rewrite_question
from qa.prompt import REFUSAL_TEXT
from qa.settings import Settings
from qa.types import Answer, Evidence, Finished, SourcesFound, TextDelta

COPY = Path(__file__).parent / "data" / "copy.gguf"
HISTORY = [("Phường Tây Nam có bao nhiêu đảng viên?", "Phường Tây Nam có 900 đảng viên [1].")]


@pytest.fixture(scope="module")
def model() -> Iterator[LlamaChat]:
    with LlamaChat(path=COPY, max_tokens=60) as opened:
        yield opened


def test_streams_verbatim_quotes_with_the_evidences_markers(model: LlamaChat) -> None:
    draw = random.Random(11)
    right = 0
    for _ in range(12):
        example = draw_example(draw, sentences=5)
        evidence = evidence_for(example.sentences)
        pieces = list(generate(example.question, evidence, model))
        answer = "".join(pieces)
        assert len(pieces) > 3
        for quote, marker in re.findall(r"“([^”]+)” \[(\d+)\]", answer):
            assert quote in example.sentences[int(marker) - 1]
        assert all(int(marker) <= 5 for marker in re.findall(r"\[(\d+)\]", answer))
        right += answer == example.answer
    assert right >= 8


def test_quote_only_gives_nothing_else(model: LlamaChat) -> None:
    example = draw_example(random.Random(4), sentences=4)
    answer = "".join(generate(example.question, evidence_for(example.sentences), model, quote_only=True))
    assert re.fullmatch(r"(“[^”]+” \[\d\]\s*)+", answer)


def test_constraint_can_be_switched_off(model: LlamaChat) -> None:
    draw = random.Random(2026)
    wrong = 0
    for _ in range(10):
        example = draw_example(draw, sentences=5)
        answer = "".join(generate(example.question, evidence_for(example.sentences), model, constrain=False))
        wrong += any(quote not in " ".join(example.sentences) for quote in re.findall("“([^”]+)”", answer))
    assert wrong > 3


def test_rules_stay_in_the_cache(model: LlamaChat) -> None:
    for seed in (1, 2):
        example = draw_example(random.Random(seed), sentences=4)
        list(generate(example.question, evidence_for(example.sentences), model))
    assert model.last_usage.cached_tokens > 100


def test_evidence_shrinks_to_a_small_context() -> None:
    draw = random.Random(7)
    sentences = [draw_example(draw, sentences=1).sentences[0] for _ in range(40)]
    with LlamaChat(path=COPY, context=420, max_tokens=40) as small:
        assert "".join(generate("Phường nào?", evidence_for(sentences), small))
        assert small.last_usage.prompt_tokens < 420
    with (
        LlamaChat(path=COPY, context=200, max_tokens=40) as tiny,
        pytest.raises(ModelError, match="ngữ cảnh"),
    ):
        list(generate("Phường nào?", evidence_for(sentences), tiny))


def test_closing_and_cancelling_stop_the_model(tmp_path: Path) -> None:
    with LlamaChat(path=gguf_builder.build(tmp_path / "m.gguf"), max_tokens=500) as model:
        stream = generate("Gì?", evidence_for(("Một câu.",)), model)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        cancel = threading.Event()
        stream = generate("Gì?", evidence_for(("Một câu.",)), model, cancel=cancel)
        next(stream)
        cancel.set()
        started = time.monotonic()
        assert len(list(stream)) < 400
        while model.engine.busy:
            time.sleep(0.005)
        assert time.monotonic() - started < 1


def test_other_chat_models_get_the_same_prompt() -> None:
    fake = GenericFakeChatModel(messages=iter([AIMessage("<think>Nghĩ ngợi</think>\n\nCó 900 [1].")]))
    assert "".join(generate("Bao nhiêu?", evidence_for(("Có 900.",)), fake)).strip() == "Có 900 [1]."


def test_failing_model_is_a_model_error() -> None:
    def broken() -> Iterator[AIMessage]:
        raise RuntimeError("no luck")
        yield AIMessage("")

    with pytest.raises(ModelError, match="no luck"):
        list(generate("Gì?", evidence_for(("A.",)), GenericFakeChatModel(messages=broken())))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Phường Tân Hiệp có bao nhiêu đảng viên?", True),
        ("<think>\n</think>Phường Tân Hiệp có bao nhiêu đảng viên", True),
        ("Phường Tân Hiệp có 900 đảng viên năm 2024?", False),  # nobody said 2024
        ("Phường Bình Minh có bao nhiêu đảng viên?", False),  # nobody said Bình Minh
        ("Câu trả lời:\nPhường Tân Hiệp", False),
        (" ", False),
        ("Phường Tân Hiệp " * 40, False),
    ],
)
def test_rewriting_keeps_to_what_was_said(written: str, kept: bool) -> None:
    fake = GenericFakeChatModel(messages=iter([AIMessage(written)]))
    rewritten = rewrite_question("Còn phường Tân Hiệp?", HISTORY, fake)
    assert (rewritten == "Phường Tân Hiệp có bao nhiêu đảng viên?") is kept
    assert rewritten is None or kept


def test_generator_from_settings(tmp_path: Path) -> None:
    assert configured_generator(Settings(home=tmp_path)) is None
    generator = configured_generator(Settings(home=tmp_path, model=str(COPY), answer_tokens=60))
    assert generator is not None
    example = draw_example(random.Random(4), sentences=4)
    assert "“" in "".join(generator(example.question, evidence_for(example.sentences)))
    generator.close()
    with pytest.raises(ModelNotFound):
        configured_generator(Settings(home=tmp_path, model="qwen3-0.6b"))
    server = ModelGenerator(Settings(home=tmp_path, server_url="http://127.0.0.1:9"))
    assert isinstance(server.model, ServerChat)
    with pytest.raises(ModelError, match="không trả lời"):
        list(server("Gì?", evidence_for(("A.",))))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    place = tmp_path_factory.mktemp("library") / "samples"
    with Library.open(place, create=True) as library:
        library.add([Path(__file__).parent.parent / "index" / "samples"])
        yield library


def written(samples: Library, text: str, *, error: str = "") -> Answer:
    """Ask a question that the samples answer, of a model that writes `text` (and then fails)."""

    def write(question: str, evidence: Sequence[Evidence]) -> Iterator[str]:
        yield text
        if error:
            raise ModelError(error)

    return Assistant(samples, generate=write).ask("Phường Đông Hạnh có bao nhiêu tổ chức cơ sở đảng?")


def test_supported_sentences_of_the_model_stay(samples: Library) -> None:
    answer = written(samples, "Đảng bộ phường Đông Hạnh có 27 tổ chức cơ sở đảng trực thuộc [1].")
    assert answer.method == "generated" and "27" in answer.text and answer.citations


@pytest.mark.parametrize("text", ["Phường Đông Hạnh có 31 tổ chức cơ sở đảng [1].", "", "Xin chào! [7]"])
def test_unsupported_answers_give_way_to_the_extracted_one(samples: Library, text: str) -> None:
    answer = written(samples, text)
    assert answer.method == "extractive" and "27" in answer.text and "31" not in answer.text
    assert any("trích từ bài" in note for note in answer.notes)


def test_failing_models_give_way_to_the_extracted_one(samples: Library) -> None:
    answer = written(samples, "Phường Đông Hạnh có 27", error="hết giờ")
    assert answer.method == "extractive" and "27" in answer.text
    assert any("hết giờ" in note for note in answer.notes)


def test_refusal_of_the_model_is_a_refusal(samples: Library) -> None:
    answer = written(samples, REFUSAL_TEXT)
    assert answer.abstained and not answer.citations and REFUSAL_TEXT in answer.text


def test_real_model_end_to_end(samples: Library, tmp_path: Path) -> None:
    """Sources first, then text of llama.cpp, then a verified answer with verbatim quotes."""
    generator = ModelGenerator(Settings(home=tmp_path, model=str(COPY), answer_tokens=80))
    events = list(Assistant(samples, generate=generator).stream("Phường Đông Hạnh có bao nhiêu đảng viên?"))
    generator.close()
    assert isinstance(events[0], SourcesFound) and isinstance(events[-1], Finished)
    assert any(isinstance(event, TextDelta) for event in events)
    answer = events[-1].answer
    for citation in answer.citations:
        article = samples.article(citation.article.id)
        assert article is not None and article.text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(("wanted", "rewritten"), [(True, True), (False, False)])
def test_model_completes_follow_ups_only_where_wanted(
    samples: Library, tmp_path: Path, wanted: bool, rewritten: bool
) -> None:
    question = "Phường Đông Hạnh có bao nhiêu tổ chức cơ sở đảng?"
    says = [question] * wanted + ["Đảng bộ phường Đông Hạnh có 27 tổ chức cơ sở đảng trực thuộc [1]."] * 2
    settings = Settings(home=tmp_path, rewrite_with_model=wanted)
    model = GenericFakeChatModel(messages=iter([AIMessage(text) for text in says]))
    assistant = Assistant(samples, settings=settings, generate=ModelGenerator(settings, model=model))
    history = [("Phường Đông Hạnh có bao nhiêu tổ chức cơ sở đảng?", "Có 27 [1].")]
    answer = assistant.ask("Nhắc lại giúp tôi con số đó của phường Đông Hạnh", history=history)
    assert (answer.question == question and answer.rewritten) is rewritten
