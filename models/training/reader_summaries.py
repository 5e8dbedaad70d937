"""Questions from what newspapers say twice: title and abstract asked of the body of their article.

A question made from a sentence is in that sentence's words. A title or an abstract tells the same fact again
in others, as a person would who asks about it: "Tạm giữ [ai] đốt nhà vì ghen" is answered by "Công an đang
tạm giữ Mai Hữu Đại để điều tra về hành vi phóng hỏa". After the summaries of Hermann et al. 2015 ("Teaching
machines to read and comprehend"), where whole names are cut out; here whatever `find_gaps` finds is.

What the summary says and no sentence of a stretch of the body does makes near misses: the rest of the article
around it is about the very subject.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from models.reader_text import tokens_of
from models.training.reader_corpus import Document
from models.training.reader_data import Example, Span, part_of, split_plain
from models.training.reader_gaps import LIGHT, Gap, Tokens, find_gaps, tokens

LONGEST, FEWEST = 190, 40  # syllables of a stretch of the body
_IN_SENTENCE, _AROUND = 0.25, 0.45  # least share of the question's words there
_MISSES = 0.25  # of the questions that a stretch without the answer could be asked
_SURE = frozenset({"person", "name", "named", "document", "role"})  # said in one form only
_SHARE = {
    "phrase": 0.8, "number": 1.0, "time": 0.4, "name": 0.6, "person": 1.0, "place": 0.8, "named": 0.8,
    "role": 2.0, "document": 2.0,
}  # fmt: skip
_WHOLE = 24  # tokens of a summary that is asked whole; of a longer one the clauses around the gap


def summary_questions(
    documents: Iterable[Document], rng: random.Random, *, per_document: int = 2
) -> Iterator[Example]:
    """Yield answered questions and near misses, at most `per_document` of an article of news.

    Articles whose titles stand for tuning or testing among the project's own questions are left out.
    """
    for document in documents:
        if document.corpus == "viwiki_uts" or part_of(document.title) != "train":
            continue
        body = document.paragraphs[1:] if document.abstract else document.paragraphs
        text = " ".join(body)[:6000]
        sentences = [text[a:b] for a, b in split_plain(text)]
        if len(sentences) < 3:
            continue
        words = [_content(sentence) for sentence in sentences]
        summaries = [document.title, *(document.abstract[a:b] for a, b in split_plain(document.abstract))]
        taken = 0
        for summary in rng.sample(summaries, len(summaries)):
            example = _from_summary(summary, document, sentences, words, rng)
            if example is not None and taken < per_document:
                taken += 1
                yield example


def _from_summary(
    summary: str, document: Document, sentences: Sequence[str], words: Sequence[set[str]], rng: random.Random
) -> Example | None:
    cut = tokens(summary)
    if not 6 <= len(cut.words) <= 60:
        return None
    gaps = [gap for gap in find_gaps(cut, rng, summary) if gap.kind in _SHARE and _telling(cut, gap)]
    rng.shuffle(gaps)
    gaps.sort(key=lambda gap: -_SHARE[gap.kind] * rng.random())
    for gap in gaps[:4]:
        answer = summary[cut.starts[gap.start] : cut.ends[gap.end - 1]]
        content = _content(" ".join(cut.words[: gap.cut_start] + cut.words[gap.cut_end :]))
        if len(content) < 4:
            continue
        title = document.title if summary is not document.title else ""
        question = _asked(cut, gap, rng)
        if not 5 <= len(question.split()) <= 40:
            continue
        source = f"summary:{document.corpus}:{gap.kind}"
        found = _answering(answer, content, sentences, words)
        if found is None and not _never(answer, gap, sentences):
            continue
        if found is None or rng.random() < _MISSES:
            example = _miss(question, answer, content, sentences, words, source, title)
        else:
            number, start = found
            low, high = _stretch(sentences, number, rng)
            span = Span(number - low, start, start + len(answer))
            golds = (sentences[number][start : start + len(answer)],)
            example = Example(question, tuple(sentences[low:high]), (span,), golds, source, title)
        if example is not None:
            return example
    return None


def _telling(cut: Tokens, gap: Gap) -> bool:
    """Tell whether the answer is long enough to be found again: no lone digit, no lone syllable of a name."""
    answer = cut.words[gap.start : gap.end]
    if gap.kind == "number":
        return len(answer) > 1 or len(answer[0]) > 1
    if gap.kind in ("name", "person"):  # a name of three syllables is a person's
        return len(answer) > 2 or (gap.kind == "person" and len(answer) > 1)
    return sum(word.lower() not in LIGHT for word in answer) > 1


def _asked(cut: Tokens, gap: Gap, rng: random.Random) -> str:
    """Return the summary with the question word in place of the answer: its words are other words already."""
    low, high = 0, len(cut.words)
    if high > _WHOLE:
        breaks = [i for i, word in enumerate(cut.words) if word in ",;:()–-"]
        low = max((i + 1 for i in breaks if i < gap.cut_start), default=0)
        high = min((i for i in breaks if i >= gap.cut_end), default=high)
        if high - low < 8 and rng.random() < 0.7:  # too little: one clause more before it
            low = max((i + 1 for i in breaks if i < low - 1), default=0)
    words = ("ai",) if gap.kind == "name" else gap.words
    said = [*cut.words[low : gap.cut_start], *words, *cut.words[gap.cut_end : high]]
    text = " ".join(word for word in said if word not in "\"'“”‘’.…!?()")
    text = " ".join(text.split()).replace(" ,", ",").strip(" ,:;–-")
    if rng.random() < 0.1:
        text = text.lower()
    return text[:1].upper() + text[1:] + "?"


def _answering(
    answer: str, content: set[str], sentences: Sequence[str], words: Sequence[set[str]]
) -> tuple[int, int] | None:
    """Return the sentence that says the answer and most of the rest, and where in it the answer starts."""
    pattern = re.compile(rf"(?<![\w.,]){re.escape(answer)}(?!\w|[.,]\d)", re.IGNORECASE)
    best: tuple[float, int, int] | None = None
    for number, sentence in enumerate(sentences):
        match = pattern.search(sentence)
        if match is None:
            continue
        inside = len(content & words[number]) / len(content)
        around = len(content & set().union(*words[max(0, number - 2) : number + 2])) / len(content)
        if inside >= _IN_SENTENCE and around >= _AROUND and (best is None or inside + around > best[0]):
            best = (inside + around, number, match.start())
    return None if best is None else best[1:]


def _never(answer: str, gap: Gap, sentences: Sequence[str]) -> bool:
    """Tell whether surely no sentence says the answer: neither its numbers nor any of its words."""
    text = " ".join(sentences).lower()
    if gap.kind == "number":
        return all(len(n) > 1 and n not in text for n in re.findall(r"\d[\d.,]*\d|\d", answer))
    return gap.kind in _SURE and not any(word in text for word in _content(answer))


def _miss(
    question: str,
    answer: str,
    content: set[str],
    sentences: Sequence[str],
    words: Sequence[set[str]],
    source: str,
    title: str,
) -> Example | None:
    """Return the question with the stretch that says most of it but not the answer."""
    held = [answer.lower() in sentence.lower() for sentence in sentences]
    best: tuple[float, int, int] | None = None
    for low in range(len(sentences)):
        high, length, said = low, 0, set[str]()
        while high < len(sentences) and not held[high] and length < LONGEST - 60:
            length += sentences[high].count(" ") + 1
            said |= words[high]
            high += 1
        cover = len(content & said) / len(content)
        if length >= FEWEST and high - low > 1 and cover >= _AROUND and (best is None or cover > best[0]):
            best = (cover, low, high)
    if best is None:
        return None
    return Example(question, tuple(sentences[best[1] : best[2]]), (), (), source + ":missing", title)


def _stretch(sentences: Sequence[str], number: int, rng: random.Random) -> tuple[int, int]:
    """Return a range of sentences around one, as long as a passage is."""
    low, high = number, number + 1
    limit = rng.randint(FEWEST, LONGEST)
    length = sentences[number].count(" ") + 1
    while length < limit and (low > 0 or high < len(sentences)):
        if high == len(sentences) or (low > 0 and rng.random() < 0.5):
            low -= 1
            length += sentences[low].count(" ") + 1
        else:
            length += sentences[high].count(" ") + 1
            high += 1
    return low, high


def _content(text: str) -> set[str]:
    """Return the words of a text that say something, in lower case."""
    found = (match.group().lower() for match in tokens_of(text))
    return {word for word in found if word[0].isalnum() and word not in LIGHT}
