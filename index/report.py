"""What adding says of itself: how far it has come, and what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.errors import InputError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far adding has come. `done` and `total` are bytes of files (articles, where there are
    no files); a `total` of 0 means that the end is not known."""

    done: int
    total: int
    articles: int
    passages: int
    seconds: float
    current: str = ""


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class AddReport:
    """What adding did, in articles. `unchanged` were there already, `duplicates` under another path.

    `removed` are articles that their changed file no longer holds; `failed` names what could not be read.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    removed: int = 0
    failed: tuple[InputError, ...] = ()
    passages: int = 0
    seconds: float = 0.0
