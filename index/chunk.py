"""Passages: consecutive sentences of one article, the unit that is indexed and ranked.

A passage runs over paragraphs, for those of news are short, but never over a heading, and it never cuts a
sentence. The captions of an article, which lie outside its body, make passages of their own at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.sentences import split_sentences
from index.types import Article, Passage, Sentence, Span

CHUNKER_VERSION = 1
"""Goes up with every change that makes other passages out of the same article."""

TARGET = 110
"""Syllables after which a passage ends with its paragraph."""

LIMIT = 160
"""Syllables that a passage does not exceed, unless a single sentence does or a short rest is taken in."""

TAIL = 35
"""A last passage with fewer syllables joins the one before."""


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


def _grouped(text: str, spans: Sequence[Span]) -> list[list[_Block]]:
    """Paragraphs with their sentences, packed to passages."""
    groups: list[list[_Block]] = []
    group: list[_Block] = []
    size = 0
    heading = False  # the last block taken is a heading: what follows stays with it
    for span in spans:
        sentences = split_sentences(text, span.start, span.end)
        if not sentences:
            continue
        length = _syllables(text, span.start, span.end)
        opens = len(sentences) == 1 and is_heading(sentences[0].text)
        if (
            group
            and not heading
            and (size >= TARGET or (opens and size >= TAIL) or (size + length > LIMIT and size >= TAIL))
        ):
            groups.append(group)
            group, size = [], 0
        if size + length <= LIMIT:
            group.append(sentences)
            size += length
        else:
            group, size = _packed(text, sentences, groups, group, size)
        heading = opens
    if group:
        if groups and size < TAIL and not is_heading(group[0][0].text):
            groups[-1].extend(group)
        else:
            groups.append(group)
    return groups


def _packed(
    text: str, sentences: _Block, groups: list[list[_Block]], group: list[_Block], size: int
) -> tuple[list[_Block], int]:
    """Spread a paragraph that is too long over passages; return the one that is still open."""
    block: _Block = []
    group.append(block)
    rest = sum(_syllables(text, sentence.start, sentence.end) for sentence in sentences)
    for sentence in sentences:
        length = _syllables(text, sentence.start, sentence.end)
        if size and rest > TAIL and (size + length > LIMIT or size >= TARGET) and size >= TAIL:
            groups.append([part for part in group if part])
            block = []
            group, size = [block], 0
        block.append(sentence)
        size += length
        rest -= length
    return group, size


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
