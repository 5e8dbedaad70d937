"""The chat in a real headless Chromium: what is clicked, what is shown, and that nothing goes out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import (
    CHROMIUM,
    DRIVER,
    ask,
    chromium,
    click,
    find,
    markers,
    served,
    target_is_in_sight,
    until,
)

from index import Library
from ui.ingest import sample_files
from ui.launch import HERE, HOST

pytest.importorskip("selenium", reason="needs selenium")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")

ATTACK = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
# The real page with a writer that takes its time, as a language model does.
SLOW_APP = f"""
import runpy, time
from ui import state

if not hasattr(state, "slow"):
    state.slow = True

    def generate(question, evidence):
        for word in f"{{evidence[0].sentence.text}} [{{evidence[0].marker}}]".split(" "):
            time.sleep(0.5)
            yield word + " "

    opened = state.Assistant.open.__func__
    state.Assistant.open = classmethod(
        lambda cls, library, **options: opened(cls, library, **{{**options, "generate": generate}})
    )
runpy.run_path({str(HERE / "app.py")!r})
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    hostile = folder / "hostile.txt"
    hostile.write_text(f"Phường Hòa Thạnh có 1.234 đảng viên {ATTACK}.", encoding="utf-8")
    with Library.open(folder / "tv", create=True) as made:
        made.add([*sample_files(), hostile])
    return folder / "tv"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


@pytest.fixture
def page(browser: Any, library: Path, tmp_path: Path) -> Iterator[Any]:
    with served(library, tmp_path / "home") as address:
        browser.get(address)
        yield browser


def test_a_marker_opens_the_article_at_the_cited_sentence(page: Any) -> None:
    ask(page, "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?")
    click(page, markers(page, 1)[0])
    until(page, target_is_in_sight)
    until(page, lambda d: "185" in find(d, "[role=dialog] .hb-target mark")[0].text, 20)  # it slides in


def test_hostile_text_is_shown_and_never_run(page: Any) -> None:
    ask(page, "Phường Hòa Thạnh có bao nhiêu đảng viên?")
    click(page, markers(page, 1)[-1])
    until(page, target_is_in_sight)
    assert "<script>" in find(page, "[role=dialog] .hb-target")[0].text
    assert not find(page, "[role=dialog] img")
    assert page.title == "Hỏi báo"


def test_the_page_asks_no_other_host(page: Any) -> None:
    page.get_log("performance")
    page.refresh()
    ask(page, "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?")
    markers(page, 1)
    for name in ("Bài báo", "Thiết lập"):
        click(page, page.find_element("partial link text", name))
        time.sleep(2)
    asked = set()
    for entry in page.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            parameters = message["params"]
            asked.add(parameters.get("url") or parameters["request"]["url"])
    assert asked
    assert not [url for url in asked if HOST not in url and not url.startswith("data:")]


def test_reading_a_source_does_not_kill_the_answer_in_the_making(
    browser: Any, library: Path, tmp_path: Path
) -> None:
    script = tmp_path / "slow_app.py"
    script.write_text(SLOW_APP, encoding="utf-8")
    with served(library, tmp_path / "home", script) as address:
        browser.get(address)
        ask(browser, "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?")
        markers(browser, 1)
        ask(browser, "Tổng mức đầu tư dự án đường ven sông Ngà là bao nhiêu?")
        until(browser, lambda d: find(d, ".hb-provisional"))
        click(browser, markers(browser, 1)[0])
        until(browser, target_is_in_sight)
        markers(browser, 2)
        time.sleep(2)  # the page is drawn anew around it
        assert target_is_in_sight(browser), "and the article stays open"
