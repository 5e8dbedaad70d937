"""The optional cross-encoder from end to end: a setting, an option of the commands, an order of the hits."""

from __future__ import annotations

import json
from pathlib import Path

import cross_encoder_builder
import pytest
from typer.testing import CliRunner

from index import Library, SearchSettings
from models.rerank import load_reranker
from qa import Assistant
from qa.settings import Settings
from ui.cli import app

QUESTION = "đại hội đảng viên phường"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder_builder.build(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reranker") / "mau"
    run("samples", "--library", folder, "--quiet")
    return folder


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def passages(out: str) -> list[int]:
    return [hit["passage"]["id"] for hit in json.loads(out)]


def test_the_first_hits_are_in_the_order_of_the_cross_encoder(library: Path, model: Path) -> None:
    reranker = load_reranker(model)
    settings = SearchSettings(crossed=8)
    with Library.open(library) as plain, Library.open(library, reranker=reranker) as crossed:
        before = plain.search(QUESTION, k=12, settings=settings)
        after = crossed.search(QUESTION, k=12, settings=settings)
    scores = reranker.scores(QUESTION, [hit.passage.text for hit in before])
    first = sorted(range(8), key=lambda row: -scores[row])
    assert first != list(range(8)), "a random model has an order of its own"
    assert [hit.passage.id for hit in after[:8]] == [before[row].passage.id for row in first]
    assert [hit.passage.id for hit in after[8:]] == [hit.passage.id for hit in before[8:]]
    assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)
    assert after[0].parts["crossed"] == pytest.approx(after[0].score)


def test_search_takes_it_as_option_and_as_setting(
    library: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = ("search", QUESTION, "-l", library, "--json")
    plain, crossed = run(*search)[1], run(*search, "--reranker", model)[1]
    assert passages(plain) != passages(crossed)
    monkeypatch.setenv("HOIBAO_RERANKER", str(model))
    assert passages(run(*search)[1]) == passages(crossed)
    assert passages(run(*search, "--reranker", "none")[1]) == passages(plain)


def test_ask_and_eval_take_it_too(library: Path, model: Path) -> None:
    status, out, _ = run("ask", "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?", "-l", library,
                         "--reranker", model, "--json", "--explain")  # fmt: skip
    assert status in (0, 3)
    assert all("crossed" in hit["parts"] for hit in json.loads(out)["hits"])
    gold = Path(__file__).parent / "gold" / "samples.jsonl"
    status, out, _ = run("eval", gold, "-l", library, "--reranker", model, "--limit", "2", "-q")
    assert status == 0 and "median_ms" in out
    settings = Settings(home=library.parent, reranker=str(model))
    with Assistant.open(library, settings=settings) as assistant:
        assert "crossed" in assistant.ask(QUESTION).hits[0].parts


def test_a_missing_or_broken_one_is_named(library: Path, model: Path, tmp_path: Path) -> None:
    status, _, err = run("search", QUESTION, "-l", library, "--reranker", "khong-co")
    assert status == 1 and "khong-co" in err and "CrossEncoder" in err and "Traceback" not in err
    broken = tmp_path / "hong"
    broken.mkdir()
    (broken / "config.json").write_text("{}")
    status, _, err = run("search", QUESTION, "-l", library, "--reranker", broken)
    assert status == 1 and "hong" in err and "Traceback" not in err


def test_doctor_looks_at_the_one_of_the_settings(
    library: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOIBAO_RERANKER", str(model))
    assert run("doctor", "-l", library)[0] == 0
    monkeypatch.setenv("HOIBAO_RERANKER", "khong-co")
    status, out, _ = run("doctor", "-l", library)
    assert status == 1 and "khong-co" in out
