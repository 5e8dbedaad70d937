"""What other names of places add: news titles that name a ward or a province as it is not named in the lead.

Titles and leads of news that name a ward or province with another name before or after the merger of 2025.
Every title is asked as it stands; then with the other name, among leads as they were written; then as it
stands, among leads that carry the other name. Each with and without the expansion of places.

Held-out news has few such titles (`held-out`, whole search). All other news has many, but the embedder was
trained on them: there the dense leg is left out (`wards`, `provinces`). Prints the rows and writes
benchmarks/results/places.json.

    python -m benchmarks.places --data DATA
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmarks.abbreviations import items
from benchmarks.corpora import Question, rows
from benchmarks.measure import Result, run
from benchmarks.retrieval import ours
from index import Library, SearchSettings
from index.normalize import canonical
from index.places import related_places
from index.read.build import Stated, build_article
from models.embed import load_embedder

NEWS = ("rss2025", "vietnews", "baomoi2017")
MOST = 600  # titles of a set


@dataclass(frozen=True, slots=True)
class Item:
    """A title and its lead, both canonical, with a place of the title under both of its names."""

    title: str
    lead: str
    level: str
    written: str
    other: str

    def asked_otherwise(self) -> str:
        """Return the title with the other name."""
        return self.title.replace(self.written, self.other)

    def told_otherwise(self) -> str:
        """Return the lead with the other name."""
        return self.lead.replace(self.written, self.other)


def item(title: str, lead: str) -> Item | None:
    """Return an item if its title and its lead name one ward, or one province that is none any more."""
    title, lead = canonical(title), canonical(lead)
    for place in related_places(title):
        sure = not place.ambiguous and place.original in lead
        if place.level == "ward" and sure:
            return Item(title, lead, "ward", place.original, place.alternatives[0])
        if place.level == "province" and place.relation == "now" and sure:
            return Item(title, lead, "province", place.original, place.alternatives[0])
    return None


def of_all_news(data: Path, level: str) -> list[Item]:
    """Return items of one level, drawn from all news."""
    found = []
    for name in NEWS:
        for row in rows(data / "corpora", name):
            made = item(row.get("title") or "", row.get("abstract") or (row.get("text") or "")[:600])
            if made is not None and made.level == level:
                found.append(made)
    unique = list({one.title: one for one in found}.values())
    return random.Random(13).sample(unique, min(MOST, len(unique)))


def measure(name: str, chosen: list[Item], around: list[str], settings: SearchSettings) -> list[Result]:
    """Ask for the leads of the items among other leads, in all ways, with and without the expansion."""
    bare = replace(settings, fields=replace(settings.fields, places=0.0))
    as_written = [Question(str(n), one.title, f"item-{n}", "", ()) for n, one in enumerate(chosen)]
    otherwise = [replace(q, text=one.asked_otherwise()) for q, one in zip(as_written, chosen, strict=True)]
    results = []
    for told, leads, asked in (
        ("as written", [one.lead for one in chosen], {"as written": as_written, "another name": otherwise}),
        ("another name", [one.told_otherwise() for one in chosen], {"as written": as_written}),
    ):
        articles = [
            build_article(text, Stated(id=label), path=Path(name), name_date=False)
            for label, text in [
                *((f"item-{n}", lead) for n, lead in enumerate(leads)),
                *((f"other-{n}", lead) for n, lead in enumerate(around)),
            ]
        ]
        with (
            tempfile.TemporaryDirectory() as folder,
            Library.open(Path(folder) / "library", create=True, embedder=load_embedder()) as library,
        ):
            library.add_articles(articles)
            for wording, questions in asked.items():
                for label, used in (("expanded", settings), ("not expanded", bare)):
                    title = f"{name}: asked {wording}, told {told}, {label}"
                    results.append(run(title, ours(library, used), questions))
    return results


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "places.json")
    arguments = parser.parse_args()
    console = Console()
    held_out = items(arguments.data)
    around = [one.lead for one in held_out]
    known = [made for one in held_out if (made := item(one.title, one.lead)) is not None]
    mine = {one.lead for one in known}
    lexical = SearchSettings(legs={"lexical": 1.0, "dense": 0.0})
    written = []
    for name, chosen, settings in (
        ("held-out", known, SearchSettings()),
        ("wards", of_all_news(arguments.data, "ward"), lexical),
        ("provinces", of_all_news(arguments.data, "province"), lexical),
    ):
        others = [lead for lead in around if lead not in mine]
        for result in measure(name, chosen, others, settings):
            console.print(f"{result.name}: nDCG@10 {result.ndcg:.4f}, R@10 {result.recall10:.4f}")
            written.append({"questions": len(chosen), **asdict(result)})
    text = json.dumps({"leads": len(around), "rows": written}, ensure_ascii=False, indent=1)
    arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
