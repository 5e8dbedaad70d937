"""What `--json` prints: the fields of the Python API, but articles as references, without their whole text.

Knows the types of the index and of answers. What comes out is dicts and lists, ready for `json`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields

from index.types import Article, Hit
from qa.types import Answer, ArticleRef
from ui.view import jsonable

Json = dict[str, object]
LINE = 160
_LONG = frozenset({"hits", "explanation", "timings"})
"""Fields of an answer that are printed in short, or only where they are asked for."""


def rendered(value: object, *, indent: int = 0) -> str:
    """Return JSON that people can read, too: what fits on a line stands on one."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + indent <= LINE or not isinstance(value, dict | list) or not value:
        return short
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [
            f"{json.dumps(key, ensure_ascii=False)}: {rendered(item, indent=indent + 2)}"
            for key, item in value.items()
        ]
    else:
        lines = [rendered(item, indent=indent + 2) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(lines) + f"\n{' ' * indent}{closing}"


def answer_json(answer: Answer, *, explain: bool = False) -> Json:
    """Return an answer: text, citations, confidence; how it was found only with `explain`."""
    shown: Json = {
        item.name: jsonable(getattr(answer, item.name)) for item in fields(answer) if item.name not in _LONG
    }
    shown["hits"] = [hit_json(hit, text=explain) for hit in answer.hits]
    if explain:
        shown["timings"] = jsonable(answer.timings)
        shown["explanation"] = jsonable(answer.explanation)
    return shown


def hits_json(hits: Sequence[Hit]) -> list[Json]:
    """Return hits with the text of their passages."""
    return [hit_json(hit, text=True) for hit in hits]


def hit_json(hit: Hit, *, text: bool) -> Json:
    """Return a hit: which part of which article, how good.

    With `text` also the passage's text, what the score was made of, and all that identifies the article.
    """
    passage: Json = {name: getattr(hit.passage, name) for name in ("id", "position", "start", "end")}
    article = article_json(hit.article)
    shown: Json = {"article": article, "passage": passage, "score": jsonable(hit.score)}
    if text:
        passage["text"] = hit.passage.text
        shown["parts"] = jsonable(hit.parts)
    else:
        shown["article"] = {name: article[name] for name in ("id", "title", "date")}
    shown["reprints"] = jsonable(hit.reprints)
    return shown


def article_json(article: Article) -> Json:
    """Return what identifies an article."""
    return {item.name: jsonable(getattr(article, item.name)) for item in fields(ArticleRef)}


def listed_json(article: Article) -> Json:
    """Return an article as `hoibao list` shows it."""
    return {**article_json(article), "date_inferred": article.date_inferred, "byline": article.byline}
