"""Near misses: questions whose passage does not answer, though it is about the same thing.

A reader that only ever sees passages that answer learns to point at something always. So human questions are
also asked of their own passage without the answering sentences, of the passage of the same article that
covers most of the question without holding the answer, of what a search finds elsewhere, of their own
passage under the title of another subject, where only the title names it; and their passage is asked about
another name or year.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from models.reader_text import tokens_of
from models.training.paragraphs import Paragraphs
from models.training.reader_data import Example, split_plain
from models.training.reader_score import normalize_answer

_NAME = re.compile(r"(?<!\w)[^\W\d_a-zà-ỹđ]\w*(?:\s[^\W\d_a-zà-ỹđ]\w*)+")  # capitals in a row


def without_answer(example: Example) -> Example | None:
    """Return the example without its answering sentences; None where too little is left."""
    answering = {span.sentence for span in example.spans}
    rest = tuple(text for number, text in enumerate(example.sentences) if number not in answering)
    if not example.spans or len(rest) < 2 or _holds(rest, example):
        return None
    return replace(example, sentences=rest, spans=(), golds=(), source=example.source + ":removed")


def other_passages(examples: Sequence[Example], rng: random.Random, *, tries: int = 12) -> list[Example]:
    """Return answered examples with the other passage of their article that covers most of the question."""
    by_title: dict[str, list[tuple[str, ...]]] = {}
    for example in examples:
        passages = by_title.setdefault(example.title, [])
        if example.sentences not in passages:
            passages.append(example.sentences)
    result: list[Example] = []
    for example in examples:
        others = [p for p in by_title[example.title] if p != example.sentences and not _holds(p, example)]
        if not example.spans or not others:
            continue
        some = rng.sample(others, min(tries, len(others)))
        words = _words((example.question,))
        best = max(some, key=lambda passage: sum(len(word) for word in words & _words(passage)))
        result.append(replace(example, sentences=best, spans=(), golds=(), source=example.source + ":other"))
    return result


def near_misses(examples: Sequence[Example], rng: random.Random) -> list[Example]:
    """Return both kinds of near misses of the answered examples."""
    removed = [miss for miss in map(without_answer, examples) if miss is not None]
    return removed + other_passages(examples, rng)


def found_elsewhere(
    examples: Sequence[Example], paragraphs: Paragraphs, *, count: int = 2, looked_at: int = 8
) -> list[Example]:
    """Return answered examples with what a search finds for them in other articles, without the answer."""
    result: list[Example] = []
    for example in examples:
        own = " ".join(example.sentences)
        misses: list[Example] = []
        for title, text in paragraphs.search(example.question, looked_at) if example.spans else ():
            plain = " ".join(text.split())
            same = plain[:60] in own or own[:60] in plain or plain[-60:] in own
            sentences = tuple(plain[a:b] for a, b in split_plain(plain))
            if not same and len(sentences) > 1 and not _holds(sentences, example):
                source = example.source + ":found"
                misses.append(
                    replace(example, sentences=sentences, spans=(), golds=(), source=source, title=title)
                )
        result += misses[:count]
    return result


def hanging_on_titles(examples: Sequence[Example], rng: random.Random) -> list[Example]:
    """Return answered examples of which only the title names the subject, and the same under another's name.

    "Trường Gò Sen có bao nhiêu học sinh?" over "Năm học này, nhà trường có 812 học sinh" is answered under
    the title "Trường Gò Sen khai giảng" and not under "Trường Bến Mây khai giảng". Other sentences of it
    that say the name are left out; an example whose answering sentence says it is not used.
    """
    names = sorted({name.group() for one in examples for name in _NAME.finditer(one.title)})
    result: list[Example] = []
    for one in examples:
        asked = one.question.lower()
        found = [name for name in _NAME.finditer(one.title) if name.group().lower() in asked]
        if not one.spans or not found:
            continue
        name = max(found, key=lambda match: len(match.group()))
        telling = _words((name.group(),))
        answering = {span.sentence for span in one.spans}
        kept = [n for n, text in enumerate(one.sentences) if n in answering or not telling & _words((text,))]
        if any(telling & _words((one.sentences[n],)) for n in answering):
            continue
        place = {old: new for new, old in enumerate(kept)}
        spans = tuple(replace(span, sentence=place[span.sentence]) for span in one.spans)
        alone = replace(one, sentences=tuple(one.sentences[n] for n in kept), spans=spans)
        other = rng.choice(names)
        title = one.title[: name.start()] + other + one.title[name.end() :]
        if not telling & _words((other,)):
            source = one.source + ":renamed"
            result += [alone, replace(alone, title=title, spans=(), golds=(), source=source)]
    return result


_YEAR = re.compile(r"(?<![\w/.-])(?:19|20)\d\d(?![\w/.-])")


def of_another_name(examples: Sequence[Example], rng: random.Random) -> list[Example]:
    """Return answered examples asked about another name or year, which neither passage nor title says.

    The names are those of other questions, as long as the one they replace and behind the same word.
    """
    alike: dict[tuple[str, int], list[str]] = {}
    for one in examples:
        for key, name in _named(one):
            alike.setdefault(key, []).append(name)
    result: list[Example] = []
    for one in examples:
        text = " ".join((one.title, *one.sentences)).lower()
        names = [(key, name) for key, name in _named(one) if name.lower() in text and len(alike[key]) > 8]
        years = [year for year in _YEAR.findall(one.question) if year in text]
        if not one.spans or not (names or years):
            continue
        if years and (not names or rng.random() < 0.5):
            old = rng.choice(years)
            new = str(int(old) + rng.choice((-2, -1, 1, 2)))
        else:
            key, old = rng.choice(names)
            new = rng.choice(alike[key])
        if new.lower() not in text:
            question = one.question.replace(old, new)
            source = one.source + ":swapped"
            result.append(replace(one, question=question, spans=(), golds=(), source=source))
    return result


def _named(example: Example) -> list[tuple[tuple[str, int], str]]:
    """Return the names in a question, each with the word before it and its length in words."""
    return [
        ((example.question[: match.start()].split()[-1].lower(), len(match.group().split())), match.group())
        for match in _NAME.finditer(example.question)
        if match.start() > 0
    ]


def _holds(sentences: Sequence[str], example: Example) -> bool:
    text = normalize_answer(" ".join(sentences))
    return any(normalize_answer(gold) in text for gold in example.golds)


def _words(sentences: Sequence[str]) -> set[str]:
    return {m.group().lower() for text in sentences for m in tokens_of(text)}
