"""Draws the charts and writes the tables of docs/search.md from benchmarks/results; measures nothing.

    python -m benchmarks.charts
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "search.md"
CHART = ROOT / "docs" / "search.svg"
BEGIN, END = "<!-- {name}: made by benchmarks/charts.py -->", "<!-- end of {name} -->"
OURS = "hoibao"
COLOURS = {
    OURS: "#b3261e", "Haystack": "#1f6f8b", "txtai": "#7a5195", "LlamaIndex": "#c98b1b",
    "LangChain": "#5a7d3a",
}  # fmt: skip
INK, QUIET = "#333333", "#8a8a8a"
Row = dict[str, Any]


def load(name: str) -> Any:
    """Return a file of results; nothing if it is not there yet."""
    file = RESULTS / name
    return json.loads(file.read_text("utf-8")) if file.exists() else []


def draw(compared: list[Row], scale: list[Row]) -> None:
    """Draw quality, ingest and query time side by side."""
    pyplot.rcParams.update({
        "font.size": 9, "svg.fonttype": "none", "svg.hashsalt": OURS, "text.color": INK,
        "axes.edgecolor": QUIET, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    })  # fmt: skip
    figure, (quality, ingest, query) = pyplot.subplots(1, 3, figsize=(11.5, 3.6), layout="constrained")
    _quality(quality, [row for row in compared if "ndcg@10" in row])
    extended = compared + [
        {**row, "system": OURS, "size": row["passages"]}
        for row in scale
        if row.get("passages", 0) > 200_000 and "query_p50_ms" in row
    ]
    _lines(ingest, extended, "ingest_per_second", "passages a second")
    ingest.set_title("Ingest", loc="left", fontweight="bold")
    _lines(query, extended, "query_p50_ms", "milliseconds", upper="query_p95_ms")
    query.set_title("Question, p50 to p95", loc="left", fontweight="bold")
    figure.savefig(CHART, metadata={"Date": None}, facecolor="white")
    pyplot.close(figure)


def _quality(axes: Axes, rows: list[Row]) -> None:
    size = max(row["size"] for row in rows)
    of_size = sorted((row for row in rows if row["size"] == size), key=lambda row: row["ndcg@10"])
    names = [row["system"] for row in of_size]
    values = [row["ndcg@10"] for row in of_size]
    axes.barh(names, values, color=[COLOURS[name] for name in names], height=0.62)
    for at, value in enumerate(values):
        axes.text(value + 0.01, at, f"{value:.3f}", va="center")
    axes.set_xlim(0, 1)
    axes.set_title(f"nDCG@10, {size:,} passages", loc="left", fontweight="bold")
    _plain(axes)


def _lines(axes: Axes, rows: list[Row], field: str, unit: str, *, upper: str = "") -> None:
    for name, colour in COLOURS.items():
        mine = sorted(
            (row for row in rows if row["system"] == name and field in row), key=lambda row: row["size"]
        )
        if not mine:
            continue
        sizes, values = [row["size"] for row in mine], [row[field] for row in mine]
        axes.plot(sizes, values, color=colour, marker="o", markersize=4, linewidth=2 if name == OURS else 1.3)
        if upper:
            axes.vlines(sizes, values, [row[upper] for row in mine], color=colour, linewidth=3, alpha=0.35)
        end = (sizes[-1], values[-1])
        axes.annotate(name, end, xytext=(6, 0), textcoords="offset points", color=colour, va="center")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.margins(x=0.25)
    axes.set_xlabel("passages")
    axes.set_ylabel(unit)
    _plain(axes)


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def comparison(rows: list[Row]) -> str:
    """Return the comparison as a Markdown table."""
    shown = {
        "questions": ("questions", "{:,.0f}"), "ndcg@10": ("nDCG@10", "{:.3f}"),
        "ingest_per_second": ("ingest, passages/s", "{:,.0f}"),
        "ingest_cpu_ms_per_passage": ("processor time a passage, ms", "{:.2f}"),
        "query_p50_ms": ("p50 ms", "{:,.1f}"), "query_p95_ms": ("p95 ms", "{:,.1f}"),
        "query_cpu_p50_ms": ("processor time p50, ms", "{:,.1f}"),
        "peak_memory_mb": ("memory MB", "{:,.0f}"), "disk_mb": ("disk MB", "{:,.0f}"),
        "load_before": ("load", "{:.1f}"),
    }  # fmt: skip
    lines = [
        f"| passages | system | {' | '.join(label for label, _ in shown.values())} |",
        "|---" * (len(shown) + 2) + "|",
    ]
    for row in rows:
        head = f"| {row['size']:,} | {row['system']} "
        if "ndcg@10" in row:
            cells = [how.format(row[name]) if name in row else "" for name, (_, how) in shown.items()]
        else:
            reached = f"{row['stage']}: {row['failure'].strip().splitlines()[-1]}"
            cells = [reached, *[""] * (len(shown) - 1)]
        lines.append(f"{head}| {' | '.join(cells)} |")
    return "\n".join(lines)


def parts(measured: Row) -> str:
    """Return what each part of the search adds, as a Markdown table."""
    rows = measured["rows"]
    whole = next(row for row in rows if row["group"] == "ablation" and row["name"] == OURS)
    lines = ["| search | questions | nDCG@10 | to the whole | R@50 |", "|---|---|---|---|---|"]
    for row in rows:
        loss = f"{row['ndcg'] - whole['ndcg']:+.3f}" if row["group"] == "ablation" else ""
        name = row["name"] if row["group"] in ("ablation", "all") else f"{row['group']}: {row['name']}"
        lines.append(
            f"| {name} | {row['questions']} | {row['ndcg']:.3f} | {loss} | {row['recall50']:.3f} |"
        )
    return "\n".join(lines)


def growth(rows: list[Row]) -> str:
    """Return what a library costs as it grows, as a Markdown table."""
    shown = {
        "passages": "passages", "ingest_per_second": "ingest, passages/s",
        "ingest_cpu_ms_per_passage": "processor time a passage, ms",
        "open_seconds": "opening, s", "query_p50_ms": "question p50, ms", "query_p95_ms": "question p95, ms",
        "query_cpu_p95_ms": "question p95, processor time, ms",
        "query_memory_mb": "memory over interpreter and models, MB",
        "add_100_seconds": "adding 100 articles, s", "disk_mb": "disk, MB",
        "ingest_memory_mb": "memory while adding, with the interpreter, MB",
        "load_before": "load of the machine before", "query_load": "and while asking",
    }  # fmt: skip
    lines = ["| |" + " |" * len(rows), "|---|" + "---|" * len(rows)]
    for field, label in shown.items():
        cells = [_cell(row.get(field)) for row in rows]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def places(measured: Row) -> str:
    """Return what other names of places add, as a Markdown table."""
    lines = ["| titles | questions | nDCG@10 | R@10 |", "|---|---|---|---|"]
    for row in measured["rows"]:
        lines.append(f"| {row['name']} | {row['questions']} | {row['ndcg']:.3f} | {row['recall10']:.3f} |")
    return "\n".join(lines)


def main() -> None:
    """Draw and write."""
    compared, scale = load("compare.json"), load("scale.json")
    draw(compared, scale)
    tables = {"comparison": comparison(compared), "parts": parts(load("retrieval.json"))}
    if scale:
        tables["growth"] = growth(scale)
    if measured := load("places.json"):
        tables["places"] = places(measured)
    page = PAGE.read_text("utf-8")
    for name, table in tables.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"docs/search.md has no place for {name}")
        page = f"{before}{begin}\n{table}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
