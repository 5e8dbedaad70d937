"""Make index/data/places.tsv.gz out of the public table of administrative units before and after July 2025.

    python -m models.training.build_places admin_old_to_new_2025.csv

Rows: old province, old district, old ward, new ward, new province; a field equal to the row above is empty.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

from index.normalize import canonical

COLUMNS = ("province", "district", "ward", "newWard", "newProvince")


def main(source: Path, target: Path) -> None:
    """Write the compact table; the file is the same for the same source."""
    with source.open(encoding="utf-8", newline="") as handle:
        rows = sorted(
            {tuple(canonical(row[column]).strip() for column in COLUMNS) for row in csv.DictReader(handle)}
        )
    lines, previous = [], [""] * len(COLUMNS)
    for row in rows:
        lines.append(
            "\t".join("" if new == old else new or "-" for new, old in zip(row, previous, strict=True))
        )
        previous = list(row)
    target.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parents[2] / "index" / "data" / "places.tsv.gz")
