"""Passages: consecutive sentences of one article, the unit that is indexed and ranked.

A passage runs over paragraphs, for those of news are short, but never over a heading, and it never cuts a
sentence. The captions of an article, which lie outside its body, make passages of their own at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import split_sentences
from index.types import Article, Passage, Sentence, Span

CHUNKER_VERSION = 1
"""Goes up with every change that makes other passages out of the same article."""

TARGET = 110
"""Syllables after which a passage ends with its paragraph."""

LIMIT = 160
"""Syllables that a passage does not exceed, unless a single sentence does or short rests are taken in.

That of a long paragraph and that of the article, each of `TAIL` at most.
"""

TAIL = 35
"""A last passage with fewer syllables joins the one before."""

_LIST_ITEM = re.compile(r"[-–•+*▪]\s|(?:\d{1,2}|[a-zđ])[.)]\s")


def passages_of(article: Article) -> list[Passage]:
    """Return the passages of an article, in order, each with the id -1; the captions' passages come last."""
    groups = _grouped(article.text, article.body)
    if article.captions:
        groups.extend(_caption_groups(article.text, article.captions))
    return [_passage(article, position, blocks) for position, blocks in enumerate(groups)]


def is_caption(passage: Passage, article: Article) -> bool:
    """Is this a passage of captions rather than of the body?"""
    return any(caption.start <= passage.start < caption.end for caption in article.captions)


def is_heading(text: str) -> bool:
    """Is a whole block a heading (short, no end mark) rather than a paragraph?"""
    return (
        len(text) <= 120
        and text[-1:] not in '.!?…:;,”")'
        and text.count(" ") < 20
        and text[:1] not in "-–•+*|"
    )


_Block = list[Sentence]


@dataclass(slots=True)
class _Unit:
    """Blocks that stay together: a heading and its paragraph, a list and the line that announces it."""

    blocks: list[_Block]
    size: int  # syllables
    opens: bool  # begins with a heading


def _units(text: str, spans: Sequence[Span]) -> list[_Unit]:
    units: list[_Unit] = []
    joins = False  # the last block wants what follows
    for span in spans:
        block = split_sentences(text, span.start, span.end)
        if not block:
            continue
        size = _syllables(text, span.start, span.end)
        last = block[-1].text
        heading = len(block) == 1 and is_heading(last)
        if joins or (units and units[-1].size + size <= LIMIT and _LIST_ITEM.match(last)):
            units[-1].blocks.append(block)
            units[-1].size += size
        else:
            units.append(_Unit([block], size, heading))
        joins = heading or last.endswith(":")
    return units


def _grouped(text: str, spans: Sequence[Span]) -> list[list[_Block]]:
    """Paragraphs with their sentences, packed to passages."""
    groups: list[list[_Block]] = []
    group: list[_Block] = []
    size = 0
    for unit in _units(text, spans):
        full = size >= TARGET or (size >= TAIL and (unit.opens or size + unit.size > LIMIT))
        if group and full:
            groups.append(group)
            group, size = [], 0
        if size + unit.size <= LIMIT:
            group.extend(unit.blocks)
            size += unit.size
            continue
        rest = unit.size
        for block in unit.blocks:
            group, size, rest = _packed(text, block, groups, group, size, rest)
    if group and groups and size < TAIL and not is_heading(group[0][0].text):
        groups[-1].extend(group)
    elif group:
        groups.append(group)
    return groups


def _packed(
    text: str, sentences: _Block, groups: list[list[_Block]], group: list[_Block], size: int, rest: int
) -> tuple[list[_Block], int, int]:
    """Spread a block of a unit that is too long over passages.

    `size`: syllables of the passage that is open; `rest`: syllables of the unit still to come. Returns the
    open passage with both counts.
    """
    block: _Block = []
    group.append(block)
    for sentence in sentences:
        length = _syllables(text, sentence.start, sentence.end)
        if size >= TAIL and rest > TAIL and (size >= TARGET or size + length > LIMIT):
            groups.append([part for part in group if part])
            block = []
            group, size = [block], 0
        block.append(sentence)
        size += length
        rest -= length
    return group, size, rest


def _caption_groups(text: str, captions: Sequence[Span]) -> list[list[_Block]]:
    groups: list[list[_Block]] = []
    size = LIMIT
    for caption in captions:
        length = _syllables(text, caption.start, caption.end)
        if size + length > LIMIT:
            groups.append([])
            size = 0
        groups[-1].append([Sentence(text[caption.start : caption.end], caption.start, caption.end)])
        size += length
    return groups


def _syllables(text: str, start: int, end: int) -> int:
    return text.count(" ", start, end) + 1


def _passage(article: Article, position: int, blocks: list[_Block]) -> Passage:
    return Passage(
        id=-1,
        article_id=article.id,
        position=position,
        text="\n".join([" ".join([sentence.text for sentence in block]) for block in blocks]),
        start=blocks[0][0].start,
        end=blocks[-1][-1].end,
        sentences=tuple([sentence for block in blocks for sentence in block]),
    )
