"""A library and an assistant in LangChain chains, and the page that shows how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import Library
from qa import Assistant
from qa.langchain import AssistantRunnable, LibraryRetriever
from qa.types import Answer, Finished, SourcesFound

ROOT = Path(__file__).parent.parent
QUESTION = "Phường Đông Hạnh có bao nhiêu tổ chức cơ sở đảng?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("library") / "samples"
    with Library.open(place, create=True) as library:
        library.add([ROOT / "index" / "samples"])
    return place


@pytest.fixture(scope="module")
def library(folder: Path) -> Iterator[Library]:
    with Library.open(folder) as opened:
        yield opened


def test_retriever_gives_passages_with_their_place(library: Library) -> None:
    documents = LibraryRetriever(library=library, k=3).invoke(QUESTION)
    assert len(documents) == 3
    first = next(document for document in documents if "27 tổ chức" in document.page_content)
    article = library.article(first.metadata["article_id"])
    assert article is not None
    where = article.text[first.metadata["start"] : first.metadata["end"]]
    assert first.page_content.split(".")[0] in where
    assert 0 <= first.metadata["score"] <= 1
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)


def test_retriever_takes_filters(library: Library) -> None:
    from datetime import date

    none = LibraryRetriever(library=library, until=date(1990, 1, 1)).invoke(QUESTION)
    assert none == []


def test_runnable_answers_in_a_chain(library: Library) -> None:
    runnable = AssistantRunnable(Assistant(library))
    answer = runnable.invoke(QUESTION)
    assert isinstance(answer, Answer) and "27" in answer.text and answer.citations
    chain = runnable | (lambda found: found.text)
    assert chain.batch([QUESTION, {"question": QUESTION, "history": []}]) == [answer.text] * 2
    events = list(runnable.events(QUESTION))
    assert isinstance(events[0], SourcesFound) and isinstance(events[-1], Finished)


def test_runnable_refuses_what_is_no_question(library: Library) -> None:
    runnable = AssistantRunnable(Assistant(library))
    with pytest.raises(ValueError, match="question"):
        runnable.invoke({"query": QUESTION})


def test_the_page_runs_as_it_stands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "langchain.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        names: dict[str, object] = {"LIBRARY": folder}
        exec(compile(block, "docs/langchain.md", "exec"), names)
    output = capsys.readouterr().out
    assert "27 tổ chức cơ sở đảng" in output and "generated" in output
