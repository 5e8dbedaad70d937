"""The chat: the real Streamlit script over a real library, and the thread that makes answers."""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from index import Library
from models.errors import ModelError
from qa.types import Answer, Event, Finished, SourcesFound, TextDelta
from ui.conversation import Conversation
from ui.ingest import sample_files
from ui.job import AnswerJob
from ui.launch import HERE, HOST, free_port, streamlit_arguments

APP = HERE / "app.py"
QUESTION = "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chat") / "mau"
    with Library.open(folder, create=True) as library:
        library.add(sample_files())
    return folder


@pytest.fixture
def chat(samples: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return opened(samples, monkeypatch)


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    import streamlit

    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    monkeypatch.setenv("HOIBAO_LIBRARY", str(folder))
    test = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not test.exception, test.exception
    return test


def markup(test: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in test.get("html"))


def button(test: AppTest, label: str) -> int:
    return next(n for n, item in enumerate(test.button) if item.label == label)


def talk(test: AppTest) -> Conversation:
    current: Conversation = test.session_state["conversation"]
    return current


def answered(test: AppTest) -> AppTest:
    """Run the page until the answer in the making is there."""
    for _ in range(100):
        running = talk(test).job
        if running is None:
            break
        running.wait(5)
        test.run()
    assert not test.exception, test.exception
    return test


def ask(test: AppTest, question: str) -> AppTest:
    test.chat_input[0].set_value(question).run()
    return answered(test)


def test_a_question_is_answered_with_a_source_that_opens_at_the_sentence(chat: AppTest) -> None:
    ask(chat, QUESTION)
    answer: Answer = talk(chat).turns[0].answer
    assert not answer.abstained and "185" in answer.text
    shown = markup(chat)
    assert '<div class="hb-source">' in shown and "<mark>185" in shown
    chat.button[button(chat, "Mở bài tại câu này")].click().run()
    assert not chat.exception
    drawer = markup(chat)
    assert '<article class="hb-article">' in drawer and '<span class="hb-target">' in drawer
    assert answer.citations[0].quote.split("185")[0] in drawer


def test_a_refusal_names_the_nearest_articles_which_can_be_read(chat: AppTest) -> None:
    ask(chat, "Thủ đô của Mông Cổ có bao nhiêu dân?")
    answer: Answer = talk(chat).turns[0].answer
    assert answer.abstained and answer.nearest
    near = next(item for item in chat.button if item.key.startswith("nearest-"))
    near.click().run()
    assert '<article class="hb-article">' in markup(chat)


def test_follow_ups_see_the_conversation_until_it_begins_anew(chat: AppTest) -> None:
    ask(chat, "Phường Đông Hạnh giao bao nhiêu công dân nhập ngũ?")
    ask(chat, "Còn phường Gò Sen?")
    second = talk(chat).turns[1]
    assert second.answer.rewritten and "Gò Sen" in second.answer.question
    assert "Hiểu là:" in markup(chat)
    chat.button[button(chat, "Cuộc hỏi đáp mới")].click().run()
    assert talk(chat).turns == []


def exports(test: AppTest) -> int:
    return len(test.get("download_button"))


def test_the_export_is_offered_from_the_first_answer_on(chat: AppTest) -> None:
    assert not exports(chat)
    assert exports(ask(chat, QUESTION)) == 1
    chat.button[button(chat, "Cuộc hỏi đáp mới")].click().run()
    assert not exports(chat)


def test_the_library_of_the_address_is_opened_if_it_is_known(
    samples: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit

    with Library.open(home / "libraries" / "quê", create=True) as library:
        library.add(sample_files()[:1])
    for asked, shown in (("quê", "quê"), ("../../etc", samples.name)):
        streamlit.cache_resource.clear()
        monkeypatch.setenv("HOIBAO_LIBRARY", str(samples))
        test = AppTest.from_file(str(APP), default_timeout=60)
        test.query_params["thu-vien"] = asked
        test.run()
        assert not test.exception, test.exception
        assert Path(test.selectbox(key="thu-vien").value).name == shown
        assert Path(talk(test).folder).name == shown


def test_a_local_model_writes_and_is_checked(
    samples: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real GGUF on the real llama.cpp: whatever it writes, what is shown stands in the articles."""
    pytest.importorskip("llama_cpp")
    monkeypatch.setenv("HOIBAO_MODEL", str(Path(__file__).parent / "data" / "copy.gguf"))
    monkeypatch.setenv("HOIBAO_ANSWER_TOKENS", "40")
    test = opened(samples, monkeypatch)
    assert any("copy" in caption.value for caption in test.caption)
    ask(test, QUESTION)
    answer: Answer = talk(test).turns[0].answer
    assert "generate" in answer.timings and answer.citations
    with Library.open(samples) as library:
        for citation in answer.citations:
            article = library.article(citation.article.id)
            assert article is not None
            assert article.text[citation.start : citation.end] == citation.quote


def test_a_model_that_cannot_be_loaded_is_named_and_answers_are_extracted(
    samples: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIBAO_MODEL", "/không/có/mô-hình.gguf")
    test = opened(samples, monkeypatch)
    assert any("gguf" in warning.value for warning in test.warning)
    ask(test, QUESTION)
    assert "185" in talk(test).turns[0].answer.text


def test_example_questions_can_be_clicked(chat: AppTest) -> None:
    example = next(item for item in chat.button if item.key == "example-0")
    example.click().run()
    answered(chat)
    assert len(talk(chat).turns) == 1
    assert not talk(chat).turns[0].answer.abstained


def test_an_empty_library_offers_the_samples(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = opened(tmp_path / "trong", monkeypatch)
    assert not test.chat_input
    test.button[button(test, "Thêm các bài báo mẫu")].click().run()
    assert not test.exception and len(test.chat_input) == 1
    with Library.open(tmp_path / "trong") as library:
        assert len(library) >= 15


def test_hostile_articles_stay_text(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script> [x](javascript:alert(3))"
    file = tmp_path / "a.txt"
    file.write_text(f"Phường Hòa Thạnh có 1.234 đảng viên {attack}.", encoding="utf-8")
    with Library.open(tmp_path / "tv", create=True) as library:
        library.add([file])
    test = ask(opened(tmp_path / "tv", monkeypatch), "Phường Hòa Thạnh có bao nhiêu đảng viên?")
    for item in list(test.button):
        if item.label == "Mở bài tại câu này":
            item.click().run()
            break
    shown = markup(test)
    assert "1.234" in shown and "&lt;script&gt;" in shown
    assert "<script" not in shown and "<img" not in shown
    for element in test.markdown:
        assert "<script" not in element.value


def test_articles_are_listed_filtered_and_removed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library.open(tmp_path / "tv", create=True) as library:
        library.add(sample_files()[:4])
        count = len(library)
        first = next(iter(library.articles()))
    monkeypatch.setenv("HOIBAO_LIBRARY", str(tmp_path / "tv"))
    import streamlit

    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    test = AppTest.from_function(_articles_page, default_timeout=60).run()
    assert not test.exception, test.exception
    titles = [item for item in test.button if item.key and item.key.startswith("title-")]
    assert len(titles) == count
    days = [found for item in titles if (found := re.search(r"(\d+)/(\d+)/(\d{4})", item.label))]
    newest_first = [(int(day[3]), int(day[2]), int(day[1])) for day in days]
    assert len(days) > 2 and newest_first == sorted(newest_first, reverse=True)
    test.text_input(key="filter").set_value("go sen").run()
    assert 0 < len([item for item in test.button if item.key and item.key.startswith("title-")]) < count
    test.text_input(key="filter").set_value("").run()
    test.button(key=f"remove-{first.id}").click().run()
    with Library.open(tmp_path / "tv") as library:
        assert len(library) == count - 1 and library.article(first.id) is None


def _articles_page() -> None:
    from ui import page_articles

    page_articles.show()


def _settings_page() -> None:
    from ui import page_settings

    page_settings.show()


def test_settings_are_shown_without_secrets(
    samples: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit

    monkeypatch.setenv("HOIBAO_LIBRARY", str(samples))
    monkeypatch.setenv("HOIBAO_SERVE_TOKEN", "bi-mat-123")
    streamlit.cache_resource.clear()
    test = AppTest.from_function(_settings_page, default_timeout=60).run()
    assert not test.exception, test.exception
    table = test.dataframe[0].value.to_string()
    assert "serve_token" in table and "bi-mat-123" not in table


def test_uploads_keep_good_files_and_report_bad_ones(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit

    from ui import page_articles

    monkeypatch.setenv("HOIBAO_LIBRARY", str(tmp_path / "tv"))
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    files = [
        ("../../thoát.txt", "Phường Hòa Thạnh có 1.234 đảng viên.".encode()),
        ("hong.pdf", b"%PDF-1.4 nothing"),
        ("thoát.txt", "Xã Suối Ngà có 12 ấp.".encode()),
    ]
    outcome = page_articles._add(files)
    assert not outcome.complete
    assert [line.split(":")[0] for line in outcome.errors] == ["hong.pdf"]
    kept = sorted(path.name for path in (tmp_path / "tv" / "uploads").iterdir())
    assert kept == ["thoát-2.txt", "thoát.txt"], (
        "two files of one name stay two; what cannot be read is not kept"
    )
    with Library.open(tmp_path / "tv") as library:
        assert len(library) == 2


# ── the job ────────────────────────────────────────────────────────────────────────────────────────────────

ANSWER = Answer("Xong [1].", (), False, 0.5, (), {})


def test_a_job_collects_what_the_stream_brings() -> None:
    def stream(stop: threading.Event) -> Iterator[Event]:
        yield SourcesFound(())
        yield TextDelta("Xo")
        yield TextDelta("ng")
        yield Finished(ANSWER)

    job = AnswerJob("?", stream)
    assert job.wait(10)
    assert job.progress.done and job.progress.answer is ANSWER and job.progress.text == "Xong"


def test_a_stopped_job_ends_at_once_and_takes_nothing_more() -> None:
    closed = threading.Event()

    def stream(stop: threading.Event) -> Iterator[Event]:
        try:
            yield TextDelta("a")
            stop.wait(30)
            yield Finished(ANSWER)
        finally:
            closed.set()

    job = AnswerJob("?", stream)
    job.stop()
    assert job.wait(10) and job.progress.stopped and job.progress.answer is None
    assert closed.wait(10)


@pytest.mark.parametrize(
    ("error", "words"),
    [(ModelError("hết bộ nhớ", repair="đóng bớt"), "đóng bớt"), (ValueError("x"), "ValueError")],
)
def test_a_failing_job_says_so(error: Exception, words: str) -> None:
    def stream(stop: threading.Event) -> Iterator[Event]:
        yield TextDelta("a")
        raise error

    job = AnswerJob("?", stream)
    assert job.wait(10) and words in job.progress.error


def test_a_stream_that_ends_without_an_answer_is_an_error() -> None:
    job = AnswerJob("?", lambda stop: iter(()))
    assert job.wait(10) and job.progress.error


# ── what keeps it offline ──────────────────────────────────────────────────────────────────────────────────


def test_the_configuration_lets_nothing_out() -> None:
    config = tomllib.loads((HERE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["address"] == HOST == "127.0.0.1"
    assert config["server"]["headless"] is True and config["server"]["showEmailPrompt"] is False
    arguments = streamlit_arguments(8501)
    assert "--browser.gatherUsageStats=false" in arguments and f"--server.address={HOST}" in arguments


def test_the_theme_follows_the_system() -> None:
    theme = tomllib.loads((HERE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert "base" not in theme and "textColor" not in theme, "either would fix the page to one of the two"
    assert theme["light"].keys() == theme["dark"].keys() >= {"textColor", "backgroundColor", "primaryColor"}


def test_pages_and_styles_name_no_other_host() -> None:
    sources = [*HERE.glob("*.py"), *(HERE / "static").glob("*.*"), *(HERE / ".streamlit").iterdir()]
    for file in sources:
        if file.suffix != ".png":
            text = file.read_text(encoding="utf-8")
            for word in ("https://", "//cdn", "@import", "fonts.g"):
                assert word not in text, f"{file.name}: {word}"
    app = (HERE / "app.py").read_text(encoding="utf-8")
    assert 'page_icon=":material' not in app, "Streamlit fetches such an icon from a font server"


def test_the_next_free_port_is_taken() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        if port < 65_000:
            assert free_port(port) > port
    assert free_port(0) > 0


def test_the_styles_are_there() -> None:
    for name in ("style.css", "answer.css", "answer.js", "reveal.js", "frame.js", "latest.js", "icon.png"):
        assert (HERE / "static" / name).is_file()
