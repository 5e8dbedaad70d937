"""What a library costs as it grows: adding, opening, asking, memory, disk.

    python -m benchmarks.scale --data DATA --work FOLDER --sizes 10000 100000 1000000

News articles of the corpora go through `Library.add` as one .jsonl. Opening, asking and adding 100 articles
are measured in a process of their own each, so that its peak memory means something; the questions are
those of the ViQuAD test articles. Prints a table and writes benchmarks/results/scale.json with the load of
the machine; sizes that stand there already stay. Beside the times by the clock stand processor times.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.corpora import NEWS, kept_fields, rows, viquad
from index import Library
from index.chunk import passages_of
from index.read.build import Stated, build_article
from models.embed import load_embedder

ENCYCLOPAEDIA = "viwiki_uts"  # taken where the news does not suffice
SOURCES = (*NEWS, ENCYCLOPAEDIA)
RESERVED = 25  # articles of each corpus that are added at last
MARGIN = 1.02  # the number of passages is estimated
TARGETS = {
    "ingest_per_second": "≥ 1500", "open_seconds": "≤ 1", "query_p95_ms": "≤ 40", "query_memory_mb": "≤ 2048",
    "add_100_seconds": "≤ 5",
}  # fmt: skip


def per_article(data: Path, name: str, sample: int = 300) -> float:
    """Return how many passages an article of a corpus becomes, by its first articles."""
    found = [
        len(passages_of(build_article(kept["text"], Stated(title=kept["title"]), path=data, name_date=False)))
        for row in rows(data / "corpora", name, stop=sample)
        if (kept := kept_fields(row, name))["text"].strip()
    ]
    return float(np.mean(found))


def articles(data: Path, *, start: int = 0, stop: int | None = None) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield articles, each with its corpus: one of each corpus of news in turn, then the encyclopaedia."""
    turns = {name: rows(data / "corpora", name, start=start, stop=stop) for name in NEWS}
    while turns:
        for name in list(turns):
            if (row := next(turns[name], None)) is None:
                del turns[name]
            else:
                yield name, row
    yield from ((ENCYCLOPAEDIA, row) for row in rows(data / "corpora", ENCYCLOPAEDIA, start=start, stop=stop))


def write_articles(data: Path, target: Path, *, passages: int) -> None:
    """Write articles for about so many passages, as far as the corpora go."""
    each = {name: per_article(data, name) for name in SOURCES}
    reached = 0.0
    with target.open("w", encoding="utf-8") as out:
        for name, row in articles(data, start=RESERVED):
            if reached >= passages * MARGIN:
                return
            kept = kept_fields(row, name)
            if kept["text"].strip():
                out.write(json.dumps(kept, ensure_ascii=False) + "\n")
                reached += each[name]


def write_more(data: Path, target: Path, count: int = 100) -> None:
    """Write articles that `write_articles` leaves out."""
    with target.open("w", encoding="utf-8") as out:
        for name, row in islice(articles(data, stop=RESERVED), count):
            out.write(json.dumps(kept_fields(row, name), ensure_ascii=False) + "\n")


def memory_mb() -> float:
    """Return the memory that this process holds now, in MB (Linux; elsewhere its peak)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def fill(folder: Path, file: Path, embedder: str | None) -> dict[str, Any]:
    """Add a file to an empty library."""
    library = Library.open(folder, create=True, embedder=load_embedder(embedder))
    before = os.times()
    report = library.add(file)
    after = os.times()
    library.close()
    cpu = sum(after[:4]) - sum(before[:4])  # with the processes that helped, which have ended
    return {
        "passages": report.passages,
        "articles": report.added,
        "failed": len(report.failed),
        "ingest_seconds": report.seconds,
        "ingest_per_second": report.passages / report.seconds,
        "ingest_cpu_ms_per_passage": cpu / max(report.passages, 1) * 1e3,
        "ingest_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "disk_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6,
    }


def ask(folder: Path, questions: list[str], embedder: str | None) -> dict[str, Any]:
    """Open the library and ask; memory is counted over the interpreter with its models."""
    model = load_embedder(embedder)
    model.encode_queries(["khởi động"])
    Library  # noqa: B018  imports FAISS and tantivy now: they belong to the interpreter, not to the library
    base = memory_mb()
    begun = time.perf_counter()
    library = Library.open(folder, embedder=model)
    opened = time.perf_counter() - begun
    for question in questions[:30]:
        library.search(question)
    times, cpu = [], []
    for question in questions:
        begun, used = time.perf_counter(), time.process_time()
        library.search(question)
        times.append((time.perf_counter() - begun) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
    return {
        "open_seconds": opened,
        "query_p50_ms": float(np.percentile(times, 50)),
        "query_p95_ms": float(np.percentile(times, 95)),
        "query_cpu_p50_ms": float(np.percentile(cpu, 50)),
        "query_cpu_p95_ms": float(np.percentile(cpu, 95)),
        "query_memory_mb": memory_mb() - base,
        "query_load": os.getloadavg()[0],
    }


def add_more(folder: Path, file: Path, embedder: str | None) -> dict[str, Any]:
    """Add a hundred articles to the library."""
    library = Library.open(folder, embedder=load_embedder(embedder))
    used = time.process_time()
    report = library.add(file)
    return {
        "add_100_seconds": report.seconds,
        "add_100_cpu_seconds": time.process_time() - used,
        "add_100_added": report.added,
    }


def main() -> None:
    """Measure all sizes; with --step, one measurement in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--embedder")
    parser.add_argument(
        "--library",
        type=Path,
        help="measure asking and adding on a library that is there; of --sizes the last names its row",
    )
    parser.add_argument("--step", choices=["fill", "ask", "add"], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "scale.json")
    arguments = parser.parse_args()
    if arguments.step:
        folder = arguments.library
        questions = viquad(arguments.data / "qa" / "viquad2.dev.json").questions
        asked = [question.text for question in questions if question.split == "test"][:300]
        done = {
            "fill": lambda: fill(folder, arguments.file, arguments.embedder),
            "ask": lambda: ask(folder, asked, arguments.embedder),
            "add": lambda: add_more(folder, arguments.work / "more.jsonl", arguments.embedder),
        }[arguments.step]()
        print(json.dumps(done))  # noqa: T201  the answer to the process that asked
        return
    arguments.work.mkdir(parents=True, exist_ok=True)
    write_more(arguments.data, arguments.work / "more.jsonl")
    results = []
    for size in arguments.sizes if arguments.library is None else arguments.sizes[-1:]:
        folder = arguments.library or arguments.work / f"library-{size}"
        row: dict[str, Any] = {"size": size, "load_before": os.getloadavg()[0]}
        if arguments.library is None:
            arguments.file = arguments.work / f"articles-{size}.jsonl"
            if not arguments.file.exists():
                write_articles(arguments.data, arguments.file, passages=size)
            if folder.exists():  # of a run before: a full library would add nothing, and look fast
                shutil.rmtree(folder)
            row |= _step("fill", folder, arguments)
        row |= _step("ask", folder, arguments)
        row |= _step("add", folder, arguments)
        row["load_after"] = os.getloadavg()[0]
        results.append(row)
        _report(results)
        _keep(row, arguments.out)


def _keep(row: dict[str, Any], file: Path) -> None:
    """Write a row into the file of results; what was measured before at this size and is not now, stays."""
    found = json.loads(file.read_text("utf-8")) if file.exists() else []
    rows = {one["size"]: one for one in found}
    rows[row["size"]] = rows.get(row["size"], {}) | row
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([rows[size] for size in sorted(rows)], indent=1) + "\n", encoding="utf-8")


def _step(step: str, folder: Path, arguments: argparse.Namespace) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale", "--data", str(arguments.data)]
    command += ["--work", str(arguments.work), "--library", str(folder), "--step", step]
    command += ["--file", str(arguments.file)] if step == "fill" else []
    if arguments.embedder:
        command += ["--embedder", arguments.embedder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _report(results: list[dict[str, Any]]) -> None:
    table = Table("", *(f"{row.get('passages') or row['size']:,}" for row in results), "wanted")
    for name in dict.fromkeys(name for row in results for name in row):
        cells = [f"{row[name]:,.2f}" if name in row else "" for row in results]
        table.add_row(name, *cells, TARGETS.get(name, ""))
    Console().print(table)


if __name__ == "__main__":
    main()
