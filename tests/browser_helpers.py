"""The chat in a real headless Chromium: the server, the browser, and what hands and eyes do there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ui.launch import HERE, HOST, free_port, streamlit_arguments

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
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
MARKERS = """
const found = [];
const walk = root => {
  found.push(...root.querySelectorAll(".hb-answer button"));
  for (const element of root.querySelectorAll("*")) if (element.shadowRoot) walk(element.shadowRoot);
};
walk(document);
return found;
"""


@contextmanager
def served(library: Path, home: Path, script: Path = HERE / "app.py") -> Iterator[str]:
    """Serve the chat, or a script in its place; yield its address."""
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
    try:
        _wait_for(address + "/_stcore/health")
        yield address
    finally:
        process.kill()
        process.wait(10)


def _wait_for(url: str) -> None:
    for _ in range(720):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("the chat did not start in time")


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser; yield its driver."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


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
