"""Whose figure is it? The name that governs a place in an article, and whether it is the one asked about.

News says "Phường Tây Nam có …" once and goes on with "Tổng số đảng viên toàn phường là 900 đồng chí".
A figure belongs to the nearest ward (district, province) named before it, in its sentence or in an earlier
one; where another one of the same level stands nearer, the figure is that one's, not ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from index.normalize import canonical
from index.types import Article
from qa.align import contains
from qa.candidates import CAPITAL
from qa.names import Name, NameKind, name_of, names_in
from qa.subjects import AS_OLD, MERGED, UNITS, going_on
from qa.words import Words, read_words, word_set

_WINDOW = 20_000
_LEVELS = (
    frozenset({"phường", "xã", "thị trấn", "đặc khu"}),
    frozenset({"quận", "huyện", "thị xã", "thành phố", "tp"}),
    frozenset({"tỉnh", "thành phố", "tp"}),
    frozenset({"khu phố", "ấp", "thôn", "khóm"}),
)
# "91,3% cử tri xã Bãi Dài": a place right behind what is counted is whose figure it is.
_COUNTED = re.compile(
    r"(?:(?:hơn|gần|khoảng|trên|dưới)\s+)?\d[\d.,]*\s*%?"
    r"(?:\s+(?!(?:và|với|có|còn|thì|mà|nay|giao)\s)[^\W\d_]+){0,5}\s+(?:(?:của|tại|ở|thuộc)\s+)?",
    re.I,
)
_JOINT = re.compile(r"\s*(?:,|và|hay|với|cùng|lẫn|-)?\s*(?:,|và|hay|với)?\s*", re.IGNORECASE)


class Standing(IntEnum):
    """How surely a place in an article speaks of a name; from HERE on upwards it does."""

    ABSENT = 0
    RIVAL = 1
    ARTICLE = 2
    INHERITED = 3
    HERE = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in an article; `start`, `end` count code points of the article's text, head included."""

    name: Name
    start: int
    end: int


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[Words, tuple[Mention, ...]]:
    words: Words = read_words.__wrapped__(text)
    mentions = []
    for name in names_in(words):
        first = words.words[name.start]
        start = first.start - len(name.head) - 1 if name.head else first.start
        begin, end = words.original_span(max(0, start), words.words[name.end - 1].end)
        mentions.append(Mention(name, begin, end))
    return words, tuple(mentions)


@lru_cache(maxsize=256)
def mentions_in(article: Article) -> tuple[Mention, ...]:
    """Return the names of an article in order (its first 20,000 characters).

    Also those of wards and the like that a sentence goes on about without saying them (see `subjects`); not
    those of units that were merged into another, where more than that is told of it.
    """
    said = _read(article.text[:_WINDOW])[1]
    meant = []
    for start, completion in going_on(article).items():
        at = start + len(article.text[start:]) - len(article.text[start:].lstrip())
        opening = article.text[at : at + completion.at + 1]
        said_head = _UNIT_LAST.search(opening.lower().rstrip())
        head = said_head[1] if said_head else ""
        if head and start < _WINDOW:
            words = read_words(f"{head} {completion.text.strip()}")
            name = name_of(words, NameKind.PLACE, head, len(head.split()), len(words.words))
            meant.append(Mention(name, at + completion.at - len(head), at + completion.at))
    return tuple(sorted((*said, *meant), key=lambda one: one.start))


def _still_meant(name: Name, mentions: list[Mention], article: Article) -> list[Mention]:
    """Return the mentions that a later sentence may go on about; all where none is left.

    A merged unit is meant later only where the new one bears its name.
    """
    old = _merged(article)
    lives_on = any(m.start not in old and is_name(name, m.name, toneless=False) for m in mentions)
    kept = [m for m in mentions if m.start not in old or (lives_on and is_name(name, m.name, toneless=False))]
    return kept or mentions


@lru_cache(maxsize=256)
def _merged(article: Article) -> frozenset[int]:
    """Return the starts of the mentions of units that were merged: no later figure is their own."""
    text = article.text
    return frozenset(
        m.start
        for m in mentions_in(article)
        if MERGED.search(text[max(0, m.start - 90) : m.start]) or AS_OLD.match(text, m.end)
    )


def same_level(head: str, other: str) -> bool:
    """Return whether two administrative heads name units of one level."""
    return head == other or any(head in level and other in level for level in _LEVELS)


def is_name(name: Name, mention: Name, *, toneless: bool) -> bool:
    """Return whether a mention in an article names the asked one. "Hiếu" alone may be Dương Trọng Hiếu."""
    asked, said = (name.plain, mention.plain) if toneless else (name.core, mention.core)
    if name.head and mention.head and not same_level(name.head, mention.head):
        return False
    if asked == said or contains(said, asked):
        return True
    return name.kind is NameKind.PERSON and len(said) >= 2 and asked[-len(said) :] == said


_ADMINISTRATIVE = frozenset().union(*_LEVELS[:3])
_SORTS = word_set(
    "đình chợ cầu chùa đền miếu trường hồ đường sông núi đảo bến phà dinh cho cau chua den truong"
)
_UNIT_LAST = re.compile(rf"(?<!\w)(?<!hợp tác )({'|'.join(UNITS)})$")
_PLACED = re.compile(
    rf"(?<!\w)(?i:{'|'.join(sorted(_ADMINISTRATIVE))})\.?\s+{CAPITAL}[^\W\d_]*(?:\s+{CAPITAL}[^\W\d_]*){{1,4}}"
)


def places_of(articles: Iterable[Article], *, toneless: bool) -> dict[tuple[str, ...], str]:
    """Return the wards, districts and the like that articles name: their lower-case words, their heads.

    A name that is borne by places of several levels is left out: it is not known which one is meant.
    """
    heads: dict[tuple[str, ...], Counter[str]] = {}
    for article in articles:
        for said in _PLACED.findall(canonical(article.text[:_WINDOW])):  # reading all names takes too long
            for name in names_in(read_words(said)):
                if name.head in _ADMINISTRATIVE:
                    heads.setdefault(name.plain if toneless else name.core, Counter())[name.head] += 1
    found = {core: count.most_common(1)[0][0] for core, count in heads.items()}
    return {
        core: head for core, head in found.items() if all(same_level(head, other) for other in heads[core])
    }


def named_in(name: Name, text: str, *, toneless: bool) -> bool:
    """Return whether the words of the name stand in `text`, whatever their capitals."""
    words = read_words(text)
    return _says([word.plain if toneless else word.key for word in words.words], name, toneless=toneless)


def said_in(name: Name, article: Article, *, toneless: bool) -> bool:
    """Return whether the title or the text of an article says the words of a name."""
    if named_in(name, article.title, toneless=toneless):
        return True
    words, _ = _read(article.text[:_WINDOW])
    return _says([word.plain if toneless else word.key for word in words.words], name, toneless=toneless)


def _says(keys: Sequence[str], name: Name, *, toneless: bool) -> bool:
    """Return whether words hold a name; "Đình Đông Mỹ" is said by "đình làng Đông Mỹ"."""
    core = name.plain if toneless else name.core
    if contains(keys, core):
        return True
    return name.kind is NameKind.OTHER and len(core) > 2 and core[0] in _SORTS and contains(keys, core[1:])


def _groups(mentions: list[Mention], text: str) -> list[list[Mention]]:
    """Join neighbours in an enumeration: "phường Tân Khánh và phường Tân Hiệp" governs as one."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups and _JOINT.fullmatch(text[groups[-1][-1].end : mention.start]):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return groups


def standing(
    name: Name,
    *,
    article: Article,
    sentence: tuple[int, int],
    at: int,
    toneless: bool = False,
    where: bool = False,
) -> Standing:
    """Tell whether position `at` in a sentence (both in the article's text) speaks of `name`.

    `where`: the place of something is asked, so what the sentence names behind "tại" is the answer, no rival.
    """
    mentions = mentions_in(article)
    start, end = sentence
    if name.kind is not NameKind.PLACE or not name.head:
        if named_in(name, article.text[start:end], toneless=toneless):
            return Standing.HERE
        if any(m.start < start and is_name(name, m.name, toneless=toneless) for m in mentions):
            return Standing.INHERITED
        return Standing.ARTICLE if said_in(name, article, toneless=toneless) else Standing.ABSENT
    kin = [
        m
        for m in mentions
        if is_name(name, m.name, toneless=toneless) or (m.name.head and same_level(name.head, m.name.head))
    ]
    inside = [m for m in kin if start <= m.start < end]
    if where and (located := _LOCATED.search(article.text, start, end)):
        inside = [m for m in inside if m.start < located.start()]
    before = [m for m in inside if m.start <= at]
    behind = [m for m in inside if m.start > at and _COUNTED.fullmatch(article.text[at : m.start])]
    for pool, found in (
        (behind[:1], Standing.HERE),
        (before, Standing.HERE),
        (inside, Standing.HERE),
        ([m for m in kin if m.start < start], Standing.INHERITED),
    ):
        if not pool:
            continue
        told = _still_meant(name, pool, article) if found is Standing.INHERITED else pool
        groups = _groups(told, article.text)
        nearest = groups[0] if pool is inside else groups[-1]
        if any(is_name(name, m.name, toneless=toneless) for m in nearest):
            joint = found is Standing.INHERITED and len({m.name.core for m in nearest}) > 1
            return Standing.ARTICLE if joint else found
        return Standing.RIVAL
    return Standing.ARTICLE if said_in(name, article, toneless=toneless) else Standing.ABSENT


_LOCATED = re.compile(r"(?<!\w)(?:tại|ở|nằm|tọa lạc|đặt|đóng|trên đường)(?!\w)")
_WHOLE = re.compile(
    r"(?<!\w)(?:toàn|cả|trên địa bàn|trong) (?:thành phố|tỉnh|quận|huyện|thị xã|tp)(?!\w)", re.I
)
_BELONGS = re.compile(r"[\s,(]*(?:thuộc|của)?\s*(?:\w+\s)?\W*", re.I)


def _of_a_part(name: Name, article: Article, start: int, at: int) -> bool:
    """Return whether a city or province is asked about and `at` speaks of one of its wards.

    "Đảng bộ phường Bến Mây (TP. Nguyệt Hải) có 1.284 đảng viên" says nothing of the city.
    """
    text, mentions = article.text, mentions_in(article)
    if name.head in _LEVELS[0] or name.head not in _ADMINISTRATIVE or _WHOLE.search(text[start:at]):
        return False
    wards = [m for m in mentions if m.name.head in _LEVELS[0] and m.start <= at]
    whole = [m for m in mentions if is_name(name, m.name, toneless=False) and m.start <= at]
    if not wards or (wards[-1].start < start and any(m.start >= start for m in whole)):
        return False
    if not whole or wards[-1].start > whole[-1].start:
        return True
    return _BELONGS.fullmatch(text[wards[-1].end : whole[-1].start]) is not None


def standing_among(
    names: Sequence[Name],
    *,
    article: Article,
    sentence: tuple[int, int],
    at: int,
    figure: bool,
    toneless: bool,
    where: bool = False,
) -> Standing:
    """Return the worst standing among the names that make a question another question.

    `figure`: a figure is asked for, and has one place. A name of another sort ("Nhà máy nước Suối Ngà") makes
    a question another one only where the article never says it.
    """
    found = [
        standing(name, article=article, sentence=sentence, at=at, toneless=toneless, where=where)
        for name in names
        if name.strong
    ]
    if figure and any(_of_a_part(name, article, sentence[0], at) for name in names):
        return Standing.RIVAL
    if not figure and max(found, default=Standing.HERE) >= Standing.INHERITED:
        # "trụ sở phường A làm trụ sở phường B": the other place of the question is no rival.
        found = [max(one, Standing.ARTICLE) if one is Standing.RIVAL else one for one in found]
    if any(
        len(name.core) > 1 and not name.strong and not said_in(name, article, toneless=toneless)
        for name in names
    ):
        found.append(Standing.ARTICLE)
    return min(found, default=Standing.HERE)


def governing(article: Article, *, sentence: tuple[int, int], at: int, head: str) -> Name | None:
    """Return the one name at the level of `head` that position `at` speaks of; None for none or several."""
    start, end = sentence
    kin = [m for m in mentions_in(article) if m.name.head and same_level(head, m.name.head)]
    inside = [m for m in kin if start <= m.start < end]
    pools = ([m for m in inside if m.start <= at], inside, [m for m in kin if m.start < start])
    for pool in pools:
        if pool:
            groups = _groups(pool, article.text)
            nearest = groups[0] if pool is inside else groups[-1]
            return nearest[0].name if len({m.name.core for m in nearest}) == 1 else None
    return None
