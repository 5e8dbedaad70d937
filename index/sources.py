"""Names of sources, as people type them: without capitals, without tone marks, or only nearly right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from index.normalize import canonical, strip_tones


def named(name: str, sources: Iterable[str]) -> frozenset[str]:
    """Return the sources that a name means: without regard to capitals, and where none fits, to marks."""
    wanted = _lower(name)
    known = [source for source in sources if source]
    exact = frozenset(source for source in known if _lower(source) == wanted)
    return exact or frozenset(source for source in known if _plain(source) == _plain(name))


def nearest(name: str, sources: Iterable[str], *, count: int = 3) -> list[str]:
    """Return the sources whose names are like this one or hold it, the nearest first."""
    wanted = _plain(name)
    known = {_plain(source): source for source in sources if source}
    near = difflib.get_close_matches(wanted, known, n=count, cutoff=0.6)
    near += [one for one in known if one not in near and wanted and (wanted in one or one in wanted)]
    return [known[one] for one in near[:count]]


def _lower(name: str) -> str:
    return " ".join(canonical(name).lower().split())


def _plain(name: str) -> str:
    return strip_tones(_lower(name))
