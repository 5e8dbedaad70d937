"""Names of wards, districts and provinces before and after the merger of July 2025.

`related_places` says what else a named place is or was called. Ward names repeat all over the country, so a
ward counts only with its kind ("phường Tân Khánh"), and a province or district in the same question decides
between namesakes. The table is index/data/places.tsv.gz (its source and licence: index/data/README.md).
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from index.normalize import canonical, strip_tones

Level = Literal["province", "district", "ward"]


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """`question[start:end]` (canonical text) names a place that `alternatives` name too, wholly or in part.

    `relation`: "now" if the alternatives are today's names of an old place, "formerly" if they are the old
    units that a place of today was made of. `ambiguous` is true where namesakes could not be told apart.
    """

    start: int
    end: int
    original: str
    level: Level
    relation: Literal["now", "formerly"]
    alternatives: tuple[str, ...]
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class _Unit:
    """One old ward and what it became part of."""

    province: str
    district: str
    ward: str
    new_ward: str
    new_province: str


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    """Names (lower case, with and without marks) → units. Districts also go by their name without kind."""

    old_wards: dict[str, list[_Unit]]
    new_wards: dict[str, list[_Unit]]
    districts: dict[str, list[_Unit]]
    bare_districts: dict[str, list[_Unit]]
    old_provinces: dict[str, str]
    new_provinces: dict[str, tuple[str, ...]]


_KINDS = {
    "phường": "ward", "xã": "ward", "thị trấn": "ward", "đặc khu": "ward", "quận": "district",
    "huyện": "district", "thị xã": "district", "thành phố": "district", "tỉnh": "province",
}  # fmt: skip
_SHORT_KINDS = {"p": "phường", "q": "quận", "tp": "thành phố", "tx": "thị xã", "tt": "thị trấn", "h": "huyện"}
_WRITTEN_KINDS = {strip_tones(kind): kind for kind in reversed(_KINDS)} | {kind: kind for kind in _KINDS}
_CITY_NAMES = {
    "tphcm": "hồ chí minh", "tp hcm": "hồ chí minh", "sài gòn": "hồ chí minh", "sai gon": "hồ chí minh",
    "vũng tàu": "bà rịa vũng tàu", "brvt": "bà rịa vũng tàu", "tt huế": "huế", "thừa thiên huế": "huế",
}  # fmt: skip
_ORDINARY_WORDS = frozenset({"hòa bình", "hoa binh", "thái bình", "thai binh", "bình định", "binh dinh"})
_MOST_NAMESAKES = 3
_MOST_ALTERNATIVES = 12
_WORD = re.compile(r"[^\W_]+")
KIND_OF_PLACE = re.compile(r"^(?:Phường|Xã|Thị trấn|Đặc khu|Quận|Huyện|Thị xã|Thành phố|Tỉnh) ")


def _key(name: str) -> str:
    return " ".join(_WORD.findall(name.lower()))


@lru_cache(maxsize=1 << 14)
def _keys(name: str) -> frozenset[str]:
    key = _key(name)
    return frozenset((key, strip_tones(key))) - {""}


@lru_cache(maxsize=1)
def _gazetteer() -> _Gazetteer:
    old_wards: dict[str, list[_Unit]] = defaultdict(list)
    new_wards: dict[str, list[_Unit]] = defaultdict(list)
    districts: dict[str, list[_Unit]] = defaultdict(list)
    bare_districts: dict[str, list[_Unit]] = defaultdict(list)
    old_provinces: dict[str, str] = {}
    parts: dict[str, set[str]] = defaultdict(set)
    data = gzip.decompress((files("index") / "data" / "places.tsv.gz").read_bytes()).decode()
    previous = [""] * 5
    for line in data.splitlines():
        previous = [new or old for new, old in zip(line.split("\t"), previous, strict=True)]
        unit = _Unit(*("" if field == "-" else field for field in previous))
        for name, table in (
            (unit.ward, old_wards), (unit.new_ward, new_wards), (unit.district, districts),
        ):  # fmt: skip
            for key in _keys(name):
                table[key].append(unit)
        for key in _keys(KIND_OF_PLACE.sub("", unit.district)):
            if not key.isdigit():
                bare_districts[key].append(unit)
        for key in _keys(KIND_OF_PLACE.sub("", unit.province)):
            old_provinces[key] = unit.new_province
        parts[unit.new_province].add(unit.province)
    new_provinces = {
        key: tuple(sorted(olds - {new}))
        for new, olds in parts.items()
        for key in _keys(KIND_OF_PLACE.sub("", new))
    }
    return _Gazetteer(
        dict(old_wards), dict(new_wards), dict(districts), dict(bare_districts), old_provinces, new_provinces
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a question, lower case, with their places."""

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]

    def phrase(self, first: int, last: int) -> str:
        return " ".join(self.words[first:last])

    def capitalised(self, first: int, last: int) -> bool:
        return all(self.text[self.starts[i]].isupper() for i in range(first, last))


def is_unit(name: str) -> bool:
    """Return whether a ward, district or the like is called just so, with its kind: "phường Tân Định"."""
    table, key = _gazetteer(), _key(name)
    return key in table.old_wards or key in table.new_wards or key in table.districts


def related_places(question: str) -> list[RelatedPlace]:
    """Return the places of a question that have other names; offsets are into `canonical(question)`."""
    text = canonical(question[:5000])
    matches = list(_WORD.finditer(text))
    words = _Words(
        text, [m[0].lower() for m in matches], [m.start() for m in matches], [m.end() for m in matches]
    )
    context = _key(text)
    found: list[RelatedPlace] = []
    at = 0
    while at < len(words.words):
        place, used = _at(words, at, context)
        found += place
        at += max(used, 1)
    return found


def _at(words: _Words, at: int, context: str) -> tuple[list[RelatedPlace], int]:
    """Return the places that begin at a word, and how many words they take."""
    kind, kind_length = _kind_at(words, at)
    for length in range(min(6, len(words.words) - at - kind_length), 0, -1):
        first, last = at + kind_length, at + kind_length + length
        name = words.phrase(first, last)
        if kind and (places := _with_kind(words, at, last, kind, name, context)):
            return places, last - at
        if (kind in ("", "tỉnh", "thành phố") and length > 1) or name in ("tphcm", "huế"):
            capitalised = words.capitalised(first, last)
            follows = words.words[last] if last < len(words.words) else ""
            if not kind and (follows in ("dương", "duong") or (name in _ORDINARY_WORDS and not capitalised)):
                return [], last - at + 1  # "Thái Bình Dương" is no Bình Dương either
            if places := _province(words, at, last, name):
                return places, last - at
            units = _gazetteer().districts.get(f"thành phố {name}", [])
            known = name in _gazetteer().new_provinces  # Cao Bằng: the province, not its city
            if capitalised and not known and (places := _old_district(words, at, last, units, context)):
                return places, last - at
    return [], max(kind_length, 1)


def _kind_at(words: _Words, at: int) -> tuple[str, int]:
    for length in (2, 1):
        if kind := _WRITTEN_KINDS.get(words.phrase(at, at + length)):
            return kind, length
    return (_SHORT_KINDS[words.words[at]], 1) if words.words[at] in _SHORT_KINDS else ("", 0)


def _with_kind(words: _Words, at: int, last: int, kind: str, name: str, context: str) -> list[RelatedPlace]:
    gazetteer = _gazetteer()
    name = name.lstrip("0") or name
    key = f"{kind} {name}"
    tables = (gazetteer.old_wards, gazetteer.new_wards, gazetteer.districts)
    if name.isascii() and not any(key in table for table in tables):
        key = f"{strip_tones(kind)} {name}"
    level = _KINDS[kind]
    if level == "district":
        units = gazetteer.districts.get(key) or gazetteer.bare_districts.get(name, [])
        return _old_district(words, at, last, units, context)
    if level != "ward":
        return []
    old = _told_apart(gazetteer.old_wards.get(key, []), context, old=True)
    new = _told_apart(gazetteer.new_wards.get(key, []), context, old=False)
    same = _key(f"{kind} {name}")
    now = _unique(unit.new_ward for unit in old if _key(unit.new_ward) != same)
    formerly = _unique(
        f"{unit.ward} {unit.district}" if re.search(r"\d", unit.ward) else unit.ward
        for unit in new
        if unit.ward and _key(unit.ward) != same
    )
    namesakes = len({(unit.district, unit.province) for unit in old}) > 1 or bool(new)
    places = _place(words, at, last, "ward", "now", now, namesakes)
    return places + _place(
        words, at, last, "ward", "formerly", formerly, len({unit.new_province for unit in new}) > 1
    )


def _told_apart(units: list[_Unit], context: str, *, old: bool) -> list[_Unit]:
    """Keep the namesakes that the question's other places allow; none if too many are left."""
    if not units:
        return []
    plain = strip_tones(context) if context.isascii() else context

    def named(name: str) -> bool:
        key = _key(KIND_OF_PLACE.sub("", name)) if not re.search(r"\d", name) else _key(name)
        return bool(key) and (f" {key} " in f" {plain} " or f" {strip_tones(key)} " in f" {plain} ")

    for chosen in (
        [unit for unit in units if named(unit.district)],
        [unit for unit in units if named(unit.province)],
        [unit for unit in units if named(unit.new_province) or _is_city(unit.new_province, plain)],
    ):
        if chosen:
            units = chosen
            break
    places = {(unit.district, unit.province) if old else (unit.new_ward, unit.new_province) for unit in units}
    return units if len(places) <= _MOST_NAMESAKES else []


def _is_city(province: str, context: str) -> bool:
    return "hcm" in context and province.endswith("Chí Minh")


def _old_district(words: _Words, at: int, last: int, units: list[_Unit], context: str) -> list[RelatedPlace]:
    units = _told_apart(units, context, old=True)
    names = _unique(unit.new_ward for unit in units)
    if len(names) > _MOST_ALTERNATIVES:
        names = ()
    ambiguous = len({unit.province for unit in units}) > 1
    return _place(words, at, last, "district", "now", names, ambiguous)


def _province(words: _Words, at: int, last: int, name: str) -> list[RelatedPlace]:
    gazetteer = _gazetteer()
    name = _CITY_NAMES.get(name, name)
    places = []
    new = gazetteer.old_provinces.get(name)
    if new is not None and strip_tones(_key(KIND_OF_PLACE.sub("", new))) != strip_tones(name):
        places += _place(words, at, last, "province", "now", (new,), False)
    if olds := gazetteer.new_provinces.get(name):
        places += _place(words, at, last, "province", "formerly", olds, False)
    return places


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _place(
    words: _Words,
    at: int,
    last: int,
    level: Level,
    relation: Literal["now", "formerly"],
    names: tuple[str, ...],
    ambiguous: bool,
) -> list[RelatedPlace]:
    if not names:
        return []
    start, end = words.starts[at], words.ends[last - 1]
    return [
        RelatedPlace(
            start, end, words.text[start:end], level, relation, names[:_MOST_ALTERNATIVES], ambiguous
        )
    ]
