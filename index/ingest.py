"""From an article to what the indexes take: passages, terms, signatures, texts to embed.

This is the part of adding that costs the most time in Python and needs nothing from the library, so that it
can run in other processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.chunk import passages_of
from index.cluster import signature
from index.normalize import canonical
from index.store import NewPassage
from index.tokens import passage_terms
from index.types import Article


@dataclass(frozen=True, slots=True)
class PassageText:
    """The terms of a passage, joined by blanks per field, and the text that the embedder gets."""

    accented: str
    toneless: str
    pairs: str
    toneless_pairs: str
    embedded: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be stored and indexed; `passages` and `texts` have the same length."""

    article: Article
    passages: tuple[NewPassage, ...]
    texts: tuple[PassageText, ...]
    title: str
    toneless_title: str


def prepare(article: Article) -> Prepared:
    """Split an article into passages and make everything that is derived from their text."""
    title = canonical(article.title)
    title_terms = passage_terms(title)
    passages, texts = [], []
    for passage in passages_of(article):
        text = canonical(passage.text)
        terms = passage_terms(text)
        passages.append(NewPassage(passage, signature(terms.toneless)))
        texts.append(
            PassageText(
                " ".join(terms.accented),
                " ".join(terms.toneless),
                " ".join(terms.accented_pairs),
                " ".join(terms.toneless_pairs),
                embedded_text(title, text),
            )
        )
    return Prepared(
        article,
        tuple(passages),
        tuple(texts),
        " ".join(title_terms.accented),
        " ".join(title_terms.toneless),
    )


def embedded_text(title: str, text: str) -> str:
    """Return what the embedder gets for a passage: a passage alone often does not say what it is about."""
    return f"{title}. {text}" if title and not text.startswith(title) else text


def prepare_all(articles: Sequence[Article]) -> list[Prepared]:
    """Prepare several articles: the unit of work of another process."""
    return [prepare(article) for article in articles]
