"""Evidence for tests of the prompt and of generation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date

from index.types import Article, Hit, Passage, Sentence
from qa.types import Evidence


def evidence_for(
    texts: Sequence[str],
    *,
    title: str = "Tin địa phương",
    date: Date | None = None,
    scores: Sequence[float] | None = None,
) -> tuple[Evidence, ...]:
    """Return evidence whose sentences are `texts`, numbered from 1, in one article."""
    sentences, text = [], ""
    for one in texts:
        sentences.append(Sentence(one, len(text), len(text) + len(one)))
        text += one + "\n"
    article = Article(id="a", title=title, text=text, date=date)
    passage = Passage(1, "a", 0, text, 0, len(text), tuple(sentences))
    hit = Hit(passage, article, 0.9)
    values = scores or [0.9 - 0.01 * number for number in range(len(texts))]
    return tuple(
        Evidence(number, sentence, article, hit, value)
        for number, (sentence, value) in enumerate(zip(sentences, values, strict=True), 1)
    )
