"""Articles prepared in other processes are the same as those prepared here, and the helpers end."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from index import Library, adding
from index.ingest import Preparer, prepare
from index.normalize import strip_tones
from index.types import Article, Span
from models.embed import load_embedder


def article(number: int) -> Article:
    text = f"Thôn {number} của xã Bình An có {number * 3} hộ dân, theo UBND xã. Trường học được xây năm 2024."
    return Article(id=f"a{number}", title=f"Thôn {number}", text=text, body=(Span(0, len(text)),))


def test_toneless_fields_are_the_accented_ones_without_marks() -> None:
    (prepared,) = prepare([article(7)], load_embedder())
    (passage,) = prepared.passages
    assert passage.toneless == strip_tones(passage.accented)
    assert passage.toneless_pairs == strip_tones(passage.pairs)
    assert prepared.toneless_title == strip_tones(prepared.title) == "thon 7"
    assert prepared.vectors.shape == (1, load_embedder().dimension)


def test_other_processes_give_the_same_in_the_same_order() -> None:
    batches = [[article(number), article(number + 100)] for number in range(12)]
    preparer = Preparer(load_embedder, workers=2)
    ready = []
    for batch in batches:
        preparer.give(batch)
        ready += preparer.take()
    ready += preparer.take(all_of_them=True)
    preparer.close()
    assert multiprocessing.active_children() == []
    here = [one for batch in batches for one in prepare(batch, load_embedder())]
    assert [one.article for one in ready] == [one.article for one in here]
    assert [one.passages for one in ready] == [one.passages for one in here]
    assert all((one.vectors == other.vectors).all() for one, other in zip(ready, here, strict=True))


def test_a_library_filled_in_parallel_answers_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "articles.jsonl"
    rows = [{"title": article(number).title, "text": article(number).text} for number in range(60)]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    found = []
    for limit in (1, 10**9):
        monkeypatch.setattr(adding, "PARALLEL", limit)
        with Library.open(tmp_path / f"library-{limit}", create=True) as library:
            assert library.add(file).passages == 60
            found.append([(hit.article.title, hit.score) for hit in library.search("Thôn 31 có mấy hộ?")])
    assert found[0] == found[1] and found[0][0][0] == "Thôn 31"


def test_helpers_of_a_killed_addition_end(tmp_path: Path) -> None:
    script = tmp_path / "adds.py"
    script.write_text(
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from index.ingest import Preparer\n"
        "from models.embed import load_embedder\n"
        "def main():\n"
        "    preparer = Preparer(load_embedder, workers=2)\n"
        "    preparer.give([])\n"
        "    preparer.take(all_of_them=True)\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    root = str(Path(adding.__file__).parent.parent)
    adder = subprocess.Popen(
        [sys.executable, str(script), root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert adder.stdout is not None and adder.stdout.readline() == "ready\n"
    helpers = psutil.Process(adder.pid).children(recursive=True)
    assert helpers
    adder.kill()
    adder.wait()
    deadline = time.monotonic() + 30
    while any(helper.is_running() for helper in helpers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [helper for helper in helpers if helper.is_running()]
