"""The chat in a real headless Chromium: by day and night, on a phone, loaded again, and the exported file."""

from __future__ import annotations

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

pytest.importorskip("selenium", reason="needs selenium")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")

ONE_SOURCE = "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?"
TWO_SOURCES = "Tổng mức đầu tư dự án đường ven sông Ngà là bao nhiêu?"
# Paints what is behind an element and then its text colour; returns [r, g, b] of both.
COLOURS = """
const painter = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const paint = colour => {
  painter.fillStyle = colour; painter.fillRect(0, 0, 1, 1);
  return [...painter.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const layers = [];
for (let e = arguments[0]; e; e = e.parentElement ?? e.getRootNode().host) {
  layers.unshift(getComputedStyle(e).backgroundColor);
}
const behind = layers.map(paint).pop();
return [behind, paint(getComputedStyle(arguments[0]).color)];
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("screen")
    for name, files in (("bao", sample_files()), ("que", sample_files()[:2])):
        with Library.open(home / "libraries" / name, create=True) as made:
            made.add(files)
    with served(home / "libraries" / "bao", home) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The chat in a tab that remembers nothing."""
    browser.get(address)
    browser.execute_script("sessionStorage.clear()")
    browser.get(address)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def on_a_phone(driver: Any) -> None:
    size = {"width": 375, "height": 667, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.refresh()


def luminance(colour: list[int]) -> float:
    """The relative luminance of WCAG."""
    shares = [value / 255 for value in colour]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(driver: Any, element: Any) -> float:
    light, dark = sorted(map(luminance, driver.execute_script(COLOURS, element)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_as_the_system_is_and_can_be_read(page: Any, scheme: str) -> None:
    preference = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [preference]})
    page.refresh()
    ask(page, ONE_SOURCE)
    click(page, markers(page, 1)[0])
    until(page, target_is_in_sight)
    background, _ = page.execute_script(COLOURS, find(page, ".stApp")[0])
    assert (luminance(background) > 0.5) == (scheme == "light")
    for selector in (".hb-number", ".hb-label", ".hb-source mark", ".hb-source blockquote", ".hb-target",
                     ".hb-target mark", ".hb-meta", ".hb-article summary", ".hb-article p"):  # fmt: skip
        assert contrast(page, find(page, selector)[0]) >= 4.5, selector
    assert contrast(page, markers(page, 1)[0]) >= 4.5


def test_the_exported_file_has_every_answer(page: Any, tmp_path: Path) -> None:
    allowed = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    file = tmp_path / "hoi-bao.md"
    for count, (question, word) in enumerate(((ONE_SOURCE, "185"), (TWO_SOURCES, "438 tỉ đồng")), start=1):
        ask(page, question)
        markers(page, 2 * count - 1)
        until(page, lambda d: find(d, "[data-testid=stDownloadButton] button"))
        time.sleep(1)  # the button is there from the first answer on; its file changes with the second
        click(page, find(page, "[data-testid=stDownloadButton] button")[0])
        until(page, lambda d: file.exists() and file.stat().st_size, 30)
        text = file.read_text(encoding="utf-8")
        assert text.count("\n## ") == count and word in text
        file.unlink()


def test_a_reload_keeps_the_conversation_and_the_library(page: Any) -> None:
    ask(page, ONE_SOURCE)
    markers(page, 1)
    page.refresh()
    markers(page, 1)
    until(page, lambda d: find(d, "[data-testid=stDownloadButton]"))
    click(page, page.find_element("partial link text", "Bài báo"))
    until(page, lambda d: "/bai" in d.current_url)
    click(page, page.find_element("partial link text", "Hỏi đáp"))
    markers(page, 1)
    until(page, lambda d: find(d, "[data-testid=stSelectbox] input"))[0].click()
    until(page, lambda d: [one for one in find(d, "[role=option]") if one.text == "que"])[0].click()
    until(page, lambda d: "thu-vien=que" in d.current_url)
    page.refresh()
    until(page, lambda d: "Thư viện có 2 bài báo" in find(d, "body")[0].text)
    assert not page.execute_script("return document.querySelector('[data-testid=stChatMessage]')")


def test_on_a_phone_the_beginning_of_the_answer_is_in_sight(page: Any) -> None:
    on_a_phone(page)
    for count, question in ((1, ONE_SOURCE), (3, TWO_SOURCES)):
        ask(page, question)
        markers(page, count)
    time.sleep(5)  # by then a page that scrolls to its end has done so
    top, bottom = page.execute_script(
        "const box = arguments[0].parentElement.getBoundingClientRect(); return [box.top, box.bottom]",
        markers(page, 3)[1],
    )
    assert 0 < top < bottom < 667


def test_on_a_phone_the_sidebar_leaves_the_chosen_page_free(page: Any) -> None:
    on_a_phone(page)
    until(page, lambda d: find(d, "[data-testid=stExpandSidebarButton]"))[0].click()
    until(page, lambda d: [one for one in find(d, "[data-testid=stSidebarNavLink]") if one.is_displayed()])
    click(page, find(page, "[data-testid=stSidebarNavLink]")[1])
    # While the page changes there is no main part for a moment.
    until(
        page,
        lambda d: any("Bài báo trong thư viện" in main.text for main in find(d, "[data-testid=stMain]")),
    )
    until(page, lambda d: find(d, "[data-testid=stExpandSidebarButton]"), 20)
    until(page, lambda d: d.execute_script(
        "return document.elementFromPoint(100, 118).closest('[data-testid=stMain]') !== null"
    ), 20)  # fmt: skip
