"""Side by side in one run: this project and its peers, same corpus, same questions, same embedder.

    python -m benchmarks.compare --data ../shared/data --sizes 10000 100000

Every system runs in a process of its own, one after the other, with a time limit: one that does not finish
is reported with how far it got. Beside the times by the clock stand processor times, which say more on a
machine that others use too. Peers need `pip install -r benchmarks/requirements-peers.txt`, best in an
environment of their own that is named by `--peer-python`. Results go to benchmarks/results/compare.json;
rows of other sizes and systems that are there already stay.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import passages
from benchmarks.systems.base import folder_bytes

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = {
    "hoibao": ("benchmarks.systems.hoibao_system", "HoibaoSystem"),
    "LangChain": ("benchmarks.systems.langchain_system", "LangChainSystem"),
    "txtai": ("benchmarks.systems.txtai_system", "TxtaiSystem"),
    "LlamaIndex": ("benchmarks.systems.llamaindex_system", "LlamaIndexSystem"),
    "Haystack": ("benchmarks.systems.haystack_system", "HaystackSystem"),
}


class Memory(threading.Thread):
    """Watches the memory of this process and its children, five times a second; `peak` in bytes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self.start()

    def run(self) -> None:
        import psutil

        this = psutil.Process()
        while True:
            total = 0
            for process in [this, *this.children(recursive=True)]:
                with suppress(psutil.Error):
                    total += process.memory_info().rss
            self.peak = max(self.peak, total)
            time.sleep(0.2)


def measure(system: str, folder: Path, model: str, questions: int) -> dict[str, Any]:
    """Run one system in this process and return its figures. Prints progress as JSON lines."""
    import ir_measures
    from ir_measures import MRR, nDCG

    module, name = SYSTEMS[system]
    memory = Memory()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        instance = getattr(import_module(module), name)(model, Path(scratch), folder)
        _say(stage="ingest")
        start, used = time.perf_counter(), _processor_seconds()
        count = instance.ingest(passages.read_rows(folder))
        seconds, ingest_cpu = time.perf_counter() - start, _processor_seconds() - used
        _say(stage="search", passages=count, ingest_seconds=seconds)
        asked = [one for one in passages.read_questions(folder) if one.split == "test"]
        asked = random.Random(7).sample(asked, min(questions, len(asked)))
        for question in asked[:3]:
            instance.search(question.text, 10)  # the first call of a system pays for loading
        times: list[float] = []
        processor: list[float] = []
        run = []
        for question in asked:
            start, used = time.perf_counter(), _processor_seconds()
            found = instance.search(question.text, 10)
            times.append((time.perf_counter() - start) * 1000)
            processor.append((_processor_seconds() - used) * 1000)
            run += [
                ir_measures.ScoredDoc(question.id, name, 1.0 / (1 + rank)) for rank, name in enumerate(found)
            ]
        judged = [ir_measures.Qrel(question.id, question.gold, 1) for question in asked]
        scores = ir_measures.calc_aggregate([nDCG @ 10, MRR @ 10], judged, run)
        return {
            "system": system,
            "passages": count,
            "ingest_per_second": count / seconds,
            "ingest_cpu_ms_per_passage": ingest_cpu / count * 1e3,
            "query_p50_ms": float(np.percentile(times, 50)),
            "query_p95_ms": float(np.percentile(times, 95)),
            "query_cpu_p50_ms": float(np.percentile(processor, 50)),
            "peak_memory_mb": memory.peak / 1e6,
            "disk_mb": folder_bytes(Path(scratch)) / 1e6,
            "ndcg@10": float(scores[nDCG @ 10]),
            "mrr@10": float(scores[MRR @ 10]),
            "questions": len(asked),
        }


def _processor_seconds() -> float:
    """Processor time of this process and of its children that have ended, in seconds."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


def run_all(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Run every system at every size, each in a process of its own."""
    results: list[dict[str, Any]] = []
    for size in arguments.sizes:
        folder = arguments.work / str(size)
        if not (folder / "questions.jsonl").exists():
            passages.write(arguments.data, folder, size)
        for system in arguments.systems:
            python = sys.executable if system == "hoibao" else arguments.peer_python
            command = [python, "-m", "benchmarks.compare", "--one", system, "--work", str(folder)]
            command += ["--model", str(arguments.model), "--questions", str(arguments.questions)]
            load = os.getloadavg()[0]
            result = _child(command, arguments.time_limit)
            result = {"size": size, "system": system, "load_before": load, **result}
            results.append(result)
            print(json.dumps(result), flush=True)  # noqa: T201
            _keep(result, arguments.out)
    return results


def _keep(result: dict[str, Any], file: Path) -> None:
    """Write a row into the file of results, in place of the one of the same system at the same size."""
    rows = json.loads(file.read_text("utf-8")) if file.exists() else []
    rows = [row for row in rows if (row["size"], row["system"]) != (result["size"], result["system"])]
    names = list(SYSTEMS)
    rows = sorted([*rows, result], key=lambda row: (row["size"], names.index(row["system"])))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _child(command: list[str], limit: float) -> dict[str, Any]:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, timeout=limit, capture_output=True, text=True, check=False
        )
        output, failure = done.stdout, done.stderr[-400:] if done.returncode else ""
    except subprocess.TimeoutExpired as late:
        output = late.stdout.decode() if isinstance(late.stdout, bytes) else late.stdout or ""
        failure = f"stopped after {time.perf_counter() - start:.0f} s"
    reached: dict[str, Any] = {}
    for line in output.splitlines():
        if line.startswith("{"):
            reached |= json.loads(line)
    return reached | ({"failure": failure} if failure else {})


def _say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)  # noqa: T201


def table(results: list[dict[str, Any]]) -> str:
    """Return the results as a Markdown table."""
    head = "| passages | system | ingest/s | p50 ms | p95 ms | memory MB | disk MB | nDCG@10 |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for row in results:
        if "ndcg@10" not in row:
            lines.append(
                f"| {row['size']:,} | {row['system']} "
                f"| {row.get('failure', '?')} at {row.get('stage')} | | | | | |"
            )
            continue
        lines.append(
            f"| {row['size']:,} | {row['system']} "
            f"| {row['ingest_per_second']:,.0f} | {row['query_p50_ms']:.1f} "
            f"| {row['query_p95_ms']:.1f} | {row['peak_memory_mb']:,.0f} | {row['disk_mb']:,.0f} "
            f"| {row['ndcg@10']:.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Command line of the comparison; `--one` is how it calls itself for a single system."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".work/compare"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--time-limit", type=float, default=1200.0, help="seconds for one system at one size")
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/compare.json"))
    parser.add_argument("--one", choices=list(SYSTEMS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        _say(**measure(arguments.one, arguments.work, str(arguments.model), arguments.questions))
        return
    if arguments.model is None:
        from models.embed import SHIPPED

        arguments.model = SHIPPED
    arguments.work = arguments.work.resolve()
    results = run_all(arguments)
    print(table(results))  # noqa: T201


if __name__ == "__main__":
    main()
