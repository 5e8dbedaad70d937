"""The chat in a real headless Chromium: what is clicked, what is shown, and that nothing goes out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import Library
from ui.ingest import sample_files
from ui.launch import HERE, HOST, free_port, streamlit_arguments

pytest.importorskip("selenium", reason="needs selenium")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
]
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
MARKERS = """
const found = [];
const walk = root => {
  found.push(...root.querySelectorAll(".hb-answer button"));
  for (const element of root.querySelectorAll("*")) if (element.shadowRoot) walk(element.shadowRoot);
};
walk(document);
return found;
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    hostile = folder / "hostile.txt"
    hostile.write_text(f"Phường Hòa Thạnh có 1.234 đảng viên {ATTACK}.", encoding="utf-8")
    with Library.open(folder / "tv", create=True) as made:
        made.add([*sample_files(), hostile])
    return folder / "tv"


def serve(script: Path, library: Path, home: Path) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port(18_501)
    arguments = [str(script) if part.endswith("app.py") else part for part in streamlit_arguments(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=HERE,
        env={**os.environ, "HOIBAO_HOME": str(home), "HOIBAO_LIBRARY": str(library)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://{HOST}:{port}"
    for _ in range(720):
        try:
            urllib.request.urlopen(address + "/_stcore/health", timeout=5).close()
            return process, address
        except OSError:
            time.sleep(0.25)
    process.kill()
    raise RuntimeError("the chat did not start in time")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: Any, library: Path, tmp_path: Path) -> Iterator[Any]:
    process, address = serve(HERE / "app.py", library, tmp_path / "home")
    browser.get(address)
    yield browser
    process.kill()
    process.wait(10)


def until(driver: Any, met: Callable[[Any], Any], seconds: float = 180) -> Any:
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, seconds, poll_frequency=0.2).until(met)


def find(driver: Any, selector: str) -> list[Any]:
    return list(driver.find_elements("css selector", selector))


def ask(driver: Any, question: str) -> None:
    until(driver, lambda d: find(d, "[data-testid=stChatInput] textarea"))[0].send_keys(question + "\n")


def markers(driver: Any, count: int) -> list[Any]:
    """Wait until so many markers can be clicked, and return them."""
    return list(until(driver, lambda d: len(found := d.execute_script(MARKERS)) >= count and found))


def click(driver: Any, element: Any) -> None:
    driver.execute_script("arguments[0].click()", element)


def target_is_in_sight(driver: Any) -> bool:
    script = """const t = document.querySelector('[role=dialog] .hb-target'); if (!t) return false;
    const box = t.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight;"""
    return bool(driver.execute_script(script))


def test_a_marker_opens_the_article_at_the_cited_sentence(page: Any) -> None:
    ask(page, "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?")
    click(page, markers(page, 1)[0])
    until(page, target_is_in_sight)
    assert "185" in find(page, "[role=dialog] .hb-target mark")[0].text


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
    process, address = serve(script, library, tmp_path / "home")
    try:
        browser.get(address)
        ask(browser, "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?")
        markers(browser, 1)
        ask(browser, "Tổng mức đầu tư dự án đường ven sông Ngà là bao nhiêu?")
        until(browser, lambda d: find(d, ".hb-provisional"))
        click(browser, markers(browser, 1)[0])
        until(browser, target_is_in_sight)
        markers(browser, 2)
        assert target_is_in_sight(browser), "and the article stays open"
    finally:
        process.kill()
        process.wait(10)
