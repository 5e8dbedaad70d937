"""Questions typed without tone marks, whole or in part, read as the articles that were found write them.

The search finds articles whether a question has marks or not; what it found says best which marks are meant:
"phuong tay nam" is "phường Tây Nam" where these articles speak of it. Words that stand beside each other in
the question and in an article take its form; a single word takes the form that is most probable
(index.toneless) and stands in the articles. Words that ask are never taken from articles: "bao nhieu" is "bao
nhiêu", whatever they write. Document numbers get their capitals back.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from index.normalize import canonical, strip_tones
from index.query_terms import question_phrases
from index.toneless import Word, detect
from index.types import Hit
from qa.history import Turn

_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,/:-]\d+)*|[^\w\s]")
_NUMBERED = re.compile(r"(?<!\w)\d+(?:/\d+)?[-/][^\W\d_]+(?:[-/][^\W\d_]+)*(?!\w)")  # 58-KH/TU
_LONGEST = 6  # words of a stretch that is taken over as one
_LOOKED_AT = 10  # hits
_UNLIKELY = 0.03  # the probability of a form that stands in the articles and is no probable reading
# "Con phuong Go Sen?" is "Còn phường Gò Sen?", whatever the syllable model says.
_CON = re.compile(r"^(?:(the|thế)\s+)?con\s+(?!ông|ong|bà|ba|trai|gái|gai|của|cua)", re.I)
_COUNTING = frozenset("co con duoc mat gom het lam".split())
_MACHINES = frozenset("moc bay tinh thong lanh in mac do ra man nao chuc chu thi sao".split())
_AMBIGUOUS = frozenset(
    ("hoi nao", "do dau", "cho nao", "tu dau", "vi dau", "lam sao", "trong bai", "theo tin")
)
_SENTENCE_END = frozenset('.!?…:“"”-–*•')
_HEADLINE = 0.7  # a text with more capitals says nothing about which words have one

Form = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words side by side as articles write them, and how often they do."""

    form: Form
    count: int


@dataclass(frozen=True, slots=True)
class _Written:
    """What articles write, by its form without marks in lower case: with marks, and with capitals."""

    forms: dict[Form, Counter[Form]] = field(default_factory=lambda: defaultdict(Counter))
    shown: dict[Form, Counter[Form]] = field(default_factory=lambda: defaultdict(Counter))
    numbers: dict[str, str] = field(default_factory=dict)

    def as_shown(self, form: Form) -> Form:
        """Return a form with the capitals it mostly has."""
        return self.shown[form].most_common(1)[0][0]


def lacks_tones(question: str) -> bool:
    """Return whether a word of the question lacks its tone marks."""
    return any(word.toneless for word in detect(question))


def with_tones(question: str, hits: Sequence[Hit]) -> str:
    """Return the question with the marks that its words lack, as the hits write them; else unchanged."""
    text = canonical(question)
    words = detect(text)
    if not any(word.toneless for word in words):
        return question
    written = _written(words, hits[:_LOOKED_AT])
    fixed = _asking(words) | _numbered(text, words, written)
    pieces, done, at = [], 0, 0
    for form in _best_cut(words, written, fixed):
        for word, new in zip(words[at:], form, strict=False):
            pieces += [text[done : word.start], _cased(new, word.text)]
            done = word.end
        at += len(form)
    return "".join((*pieces, text[done:]))


def _best_cut(words: Sequence[Word], written: _Written, fixed: Mapping[int, Form]) -> list[Form]:
    """Return the question as forms, cut so that stretches of the articles cover most of it.

    Each step from one word to the next inside of a stretch counts 1, and a little more the oftener it stands
    there: "so | dang vien" rather than "so dang | vien".
    """
    inside = {at + i for at, form in fixed.items() for i in range(len(form))}
    best: list[tuple[float, tuple[Form, ...]]] = [(0.0, ())]
    for end in range(1, len(words) + 1):
        at = end - 1
        options = []
        if at in inside:
            start = max(i for i in fixed if i <= at)
            if start + len(fixed[start]) == end:
                options.append((best[start][0], (*best[start][1], fixed[start])))
            else:
                options.append((-1.0, ()))  # no cut inside of what is fixed
        else:
            options.append((best[at][0], (*best[at][1], (_single(words[at], written),))))
            for start in range(at - 1, max(-1, end - _LONGEST - 1), -1):
                if start in inside:
                    break
                found = _stretch(words[start:end], written)
                if found is not None:
                    score = best[start][0] + (end - start - 1) + 0.1 * math.log(1 + found.count)
                    options.append((score, (*best[start][1], found.form)))
        best.append(max(options, key=lambda option: option[0]))
    return list(best[-1][1])


def conversation_with_tones(
    question: str, history: Sequence[Turn], search: Callable[[str], list[Hit]]
) -> tuple[str, Sequence[Turn]]:
    """Return a follow-up and what it follows with their tone marks; what follows nothing is left as it is.

    A follow-up says too little to be searched alone: the question before it is searched with it.
    """
    if not history:
        return question, history
    bare = lacks_tones(question)
    if not (bare or lacks_tones(history[-1][0])):
        return question, history
    hits = search(f"{history[-1][0]} {question}")
    if bare:
        question = _CON.sub("Còn ", canonical(question))
    return with_tones(question, hits), [(with_tones(asked, hits), answer) for asked, answer in history]


def _asking(words: Sequence[Word]) -> dict[int, Form]:
    """Return the phrases that ask, with their marks, by where they begin."""
    plain = tuple(strip_tones(word.text).lower() for word in words)
    table = question_phrases()
    longest = max(map(len, table))
    found: dict[int, Form] = {}
    at = 0
    for i in range(1, len(plain) - 1):  # "co may dang bo" is "có mấy đảng bộ", "co may moc" is not
        if (
            plain[i] == "may"
            and words[i].text.isascii()
            and plain[i - 1] in _COUNTING
            and plain[i + 1] not in _MACHINES
        ):
            found[i] = ("mấy",)
    while at < len(plain):
        for length in range(min(longest, len(plain) - at), 0, -1):
            form = table.get(plain[at : at + length])
            if " ".join(plain[at : at + length]) in _AMBIGUOUS:
                continue
            if form is not None and _allowed(words[at : at + length], form):
                found[at] = form
                at += length
                break
        else:
            at += 1
    return found


def _numbered(text: str, words: Sequence[Word], written: _Written) -> dict[int, Form]:
    """Return the words inside of document numbers, as the articles write the number or as they stand."""
    found: dict[int, Form] = {}
    for match in _NUMBERED.finditer(text):
        shown = written.numbers.get(strip_tones(match[0]).lower(), match[0])
        for at, word in enumerate(words):
            if match.start() <= word.start and word.end <= match.end():
                found[at] = (shown[word.start - match.start() : word.end - match.start()],)
    return found


def _written(words: Sequence[Word], hits: Sequence[Hit]) -> _Written:
    """Return what of the question stands in the hits: all stretches of it, its words and its numbers."""
    plain = tuple(strip_tones(word.text).lower() for word in words)
    sizes = range(1, _LONGEST + 1)
    wanted = {plain[at : at + size] for size in sizes for at in range(len(plain) - size + 1)}
    starts = set(plain)
    result = _Written()
    for text in _texts(hits):
        for match in _NUMBERED.finditer(text):
            result.numbers.setdefault(strip_tones(match[0]).lower(), match[0])
        tokens = _WORD.findall(text)
        lowered = [token.lower() for token in tokens]
        letters = [token for token in tokens if token[0].isalpha()]
        headline = sum(token[0].isupper() for token in letters) > _HEADLINE * len(letters)
        bare = [strip_tones(token) for token in lowered]
        for at, first in enumerate(bare):
            if first not in starts:
                continue
            shown = (lowered if headline else tokens)[at : at + _LONGEST]
            opens = at == 0 or tokens[at - 1] in _SENTENCE_END
            if opens and not (shown[0].isupper() and len(shown[0]) > 1):
                shown[0] = lowered[at]
            for size in sizes:
                key = tuple(bare[at : at + size])
                if key not in wanted:
                    break
                form = tuple(lowered[at : at + size])
                result.forms[key][form] += 1
                result.shown[form][tuple(shown[:size])] += 1
    return result


def _texts(hits: Sequence[Hit]) -> Iterator[str]:
    titled: set[str] = set()
    for hit in hits:
        yield canonical(hit.passage.text)
        if hit.article.id not in titled:
            titled.add(hit.article.id)
            yield canonical(hit.article.title)


def _allowed(words: Sequence[Word], form: Form) -> bool:
    """Return whether a form contradicts no mark that was typed."""
    return all(new == word.text.lower() or word.text.isascii() for new, word in zip(form, words, strict=True))


def _stretch(words: Sequence[Word], written: _Written) -> _Stretch | None:
    """Return how the articles write these words side by side, as typed if they do; None if they do not."""
    forms = written.forms.get(tuple(strip_tones(word.text).lower() for word in words))
    if forms is None:
        return None
    typed = tuple(word.text.lower() for word in words)
    if typed in forms and not any(word.toneless for word in words):
        return _Stretch(written.as_shown(typed), forms[typed])
    best = next((form for form, _ in forms.most_common() if _allowed(words, form)), None)
    return None if best is None else _Stretch(written.as_shown(best), forms[best])


def _single(word: Word, written: _Written) -> str:
    """Return the most probable reading of a word, of those that stand in the articles if any does."""
    if not word.toneless and len(word.readings) == 1:
        return word.text
    counts = written.forms.get((strip_tones(word.text).lower(),), Counter())
    probable = {form[0]: _UNLIKELY for form in counts if _allowed([word], form)}
    probable |= {one.text: one.probability for one in word.readings}
    return max(probable, key=lambda one: probable[one] * (0.05 + min(counts[(one,)], 5)))


def _cased(new: str, typed: str) -> str:
    """Give a word the capitals that were typed, and keep those it has."""
    if typed.isupper() and len(typed) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if typed[:1].isupper() else new
