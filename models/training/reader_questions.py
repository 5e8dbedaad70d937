"""Training questions made in place from plain text, and made hard.

Plain replacement ("11.472,75 ha" → "bao nhiêu") is too easy: the network learns to copy. So questions lose
words, change their order, take other words for the same thing, borrow their subject from the title, and the
passages are chosen so that other candidates of the same kind stand near. One in eight passages loses the
answering sentence: then the right reply is "not here".
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.training.reader_corpus import Document
from models.training.reader_data import Example, Span, split_plain
from models.training.reader_gaps import LIGHT, Gap, Tokens, find_gaps, tokens

_GROUPS = (Path(__file__).parent / "synonyms.txt").read_text(encoding="utf-8").splitlines()[1:]
_SYNONYMS: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
for _group in _GROUPS:
    _items = [tuple(item.split()) for item in _group.split("|") if item]
    for _item in _items:
        _SYNONYMS.setdefault(_item, []).extend(other for other in _items if other != _item)

_PRONOUNS = {"ông", "bà", "anh", "chị", "họ", "nó", "cô", "đây", "ngài"}
_BREAKS = {",", ";", ":", "–", "-"}


def _clauses(sentence: Tokens) -> list[tuple[int, int]]:
    """Ranges of the clauses of a sentence, without marks; parentheses are clauses of their own."""
    result: list[tuple[int, int]] = []
    start = 0
    for i, word in enumerate([*sentence.words, "."]):
        if word in _BREAKS or word in '().…!?“”"':
            if i > start:
                result.append((start, i))
            start = i + 1
    return result


def _soften(words: list[str], fixed: int, rng: random.Random) -> list[str]:
    """Change words outside of the first `fixed` positions' neighbourhood: drop, replace, add."""
    result: list[str] = []
    strength = rng.choice((0.4, 1.0, 1.6))
    i = 0
    while i < len(words):
        if i == fixed:
            result.append(words[i])
            i += 1
            continue
        for width in (3, 2, 1):
            piece = tuple(w.lower() for w in words[i : i + width])
            if piece in _SYNONYMS and not (i <= fixed < i + width):
                if rng.random() < 0.55 * strength:
                    result += rng.choice(_SYNONYMS[piece])
                else:
                    result += words[i : i + width]
                i += width
                break
        else:
            if (
                not (words[i].lower() in LIGHT and rng.random() < 0.22 * strength)
                and rng.random() > 0.03 * strength
            ):
                result.append(words[i])
            i += 1
    return result


def ask(sentence: Tokens, gap: Gap, rng: random.Random, title: str) -> str:
    """Return a question for the gap."""
    if gap.ready and rng.random() < (0.8 if gap.kind in ("role", "subject") else 0.35):
        return " ".join(rng.choice(gap.ready).split())
    clauses = _clauses(sentence)
    own = [c for c in clauses if c[0] < gap.cut_end and c[1] > gap.cut_start]
    if not own:
        own = [(gap.cut_start, gap.cut_end)]
    low, high = min(own[0][0], gap.cut_start), max(own[-1][1], gap.cut_end)
    asked = "\0".join(gap.words)  # kept together as one item until the end
    main = [*sentence.words[low : gap.cut_start], asked, *sentence.words[gap.cut_end : high]]
    others = [c for c in clauses if c[1] <= low or c[0] >= high]
    content = sum(1 for w in main if w.lower() not in LIGHT) - 1
    extra: list[list[str]] = []
    for c in others:
        near = c[1] >= low - 2 or c[0] <= high + 2
        if rng.random() < (0.75 if content < 4 and near else 0.22 if near else 0.1):
            extra.append(sentence.words[c[0] : c[1]])
            content += c[1] - c[0]
    if len(main) > 16 and rng.random() < 0.6:  # cut far ends of a long clause
        at = main.index(asked)
        left, right = rng.randint(4, 12), rng.randint(4, 12)
        main = main[max(0, at - left) : at + right + 1]
    if main and main[0].lower() in _PRONOUNS and title and rng.random() < 0.7:
        main = title.split() + main[1:] if main[0] != asked else main
    elif title and content < 5 and rng.random() < 0.5 and len(title.split()) < 8:
        extra.append([rng.choice(("của", "tại", "trong", "ở", "về")), *title.split()])
    if rng.random() < 0.85:
        main = _soften(main, main.index(asked), rng)
    at = main.index(asked)
    words = gap.words
    if gap.kind == "time" and rng.random() < 0.45:  # the adjunct goes to the front or to the end
        rest = main[:at] + main[at + 1 :]
        while rest and rest[-1].lower() in ("vào", "từ", "ngày", "năm", "trong", "đến", "lúc"):
            rest = rest[:-1]
        if at and at <= len(rest) and rest[at - 1 : at] and rest[at - 1].lower() in ("vào", "từ", "trong"):
            del rest[at - 1]
        if rng.random() < 0.5:
            main = [rng.choice(("Vào", "")), asked, rng.choice((",", "thì", "")), *rest]
        else:
            main = [*rest, rng.choice(("vào", "từ", "")), asked]
    elif gap.kind in ("person", "name") and at == 0 and words == ("ai",) and rng.random() < 0.5:
        main = rng.choice((["Ai", "là", "người"], ["Người", "nào"], ["Ai"])) + main[1:]
        asked = main[0]
    elif at == 0 and words in (("ai",), ("gì",)) and rng.random() < 0.35:
        main = [rng.choice(("Người", "Điều")) if words == ("ai",) else "Cái", *main[1:], "là", asked]
    elif gap.kind == "number" and at >= 3 and rng.random() < 0.3:
        for i in range(at - 1, 0, -1):
            if main[i].lower() in ("có", "đạt", "là", "rộng", "khoảng", "với"):
                main = [*main[i + 1 : at], *main[at + 1 :], "của", *main[:i], "là", asked]
                break
    elif words and words[0] in ("vì", "tại", "do") and len(words) > 1 and rng.random() < 0.6:
        main = [asked, *main[:at], *main[at + 1 :]]
    elif gap.kind == "phrase" and words == ("gì",) and rng.random() < 0.25:
        main = [*main[:at], rng.choice(("những gì", "điều gì", "cái gì", "gì")), *main[at + 1 :]]
    pieces = [main]
    for piece in extra:
        piece = _soften(piece, -1, rng)
        if rng.random() < 0.6:
            pieces.insert(0, [*piece, *([","] if rng.random() < 0.6 else [])])
        else:
            pieces.append(piece)
    text = " ".join(" ".join(piece).replace("\0", " ") for piece in pieces)
    text = " ".join(text.split()).replace(" ,", ",")
    if rng.random() < 0.06:
        text = text.lower()
    text = text[:1].upper() + text[1:] if rng.random() < 0.9 else text
    return text + ("?" if rng.random() < 0.9 else "")


def windows(document: Document, rng: random.Random) -> Iterator[list[str]]:
    """Passages of about 60 to 220 syllables out of a document."""
    for paragraph in document.paragraphs:
        pieces = [paragraph[a:b] for a, b in split_plain(paragraph)]
        window: list[str] = []
        length, limit = 0, rng.randint(70, 220)
        for piece in pieces:
            window.append(piece)
            length += piece.count(" ") + 1
            if length >= limit:
                yield window
                window, length, limit = [], 0, rng.randint(70, 220)
        if length > 25:
            yield window


# How often a kind is asked for where a sentence offers it.
_SHARE = {
    "phrase": 0.8,
    "number": 0.6,
    "time": 0.5,
    "name": 0.35,
    "person": 0.8,
    "place": 0.6,
    "named": 0.7,
    "role": 2.0,
    "document": 2.0,
    "subject": 0.6,
}


def made_questions(
    documents: Iterable[Document], *, count: int, rng: random.Random, per_document: int = 2
) -> Iterator[Example]:
    """Yield `count` examples, at most `per_document` of one document and one of a passage."""
    made = 0
    for document in documents:
        passages = [w for w in windows(document, rng) if sum(map(len, w)) < 1800]
        rng.shuffle(passages)
        taken = 0
        for sentences in passages:
            if taken >= per_document:
                break
            example = from_passage(sentences, document, rng)
            if example is not None:
                yield example
                taken += 1
                made += 1
                if made >= count:
                    return


_RARE = re.compile(
    r"\d[-/](?:NQ|CT|NĐ|QĐ|KH|TB|TT)|(?:Bí thư|Chủ tịch|Giám đốc|Trưởng) [^,.]{0,60}[,(–]"
    r"|\d%|\d (?:tỷ|tỉ|triệu|ha|km)"
)


def from_passage(sentences: list[str], document: Document, rng: random.Random) -> Example | None:
    number = rng.randrange(len(sentences))
    for _ in range(2):  # what newspapers are asked for is rare: look for it a little longer
        if _RARE.search(sentences[number]):
            break
        number = rng.randrange(len(sentences))
    text = sentences[number]
    sentence = tokens(text)
    if not 7 <= len(sentence.words) <= 90:
        return None
    gaps = find_gaps(sentence, rng, text)
    if not gaps:
        return None
    kinds = sorted({gap.kind for gap in gaps})
    kind = rng.choices(kinds, [_SHARE[k] for k in kinds])[0]
    gap = rng.choice([g for g in gaps if g.kind == kind])
    question = ask(sentence, gap, rng, document.title)
    if not 4 <= len(question.split()) <= 45:
        return None
    start, end = sentence.starts[gap.start], sentence.ends[gap.end - 1]
    source = f"made:{document.corpus}:{gap.kind}"
    if len(sentences) > 2 and rng.random() < 0.12:
        rest = tuple(sentences[:number] + sentences[number + 1 :])
        return Example(question, rest, (), (), source, document.title)
    span = Span(number, start, end)
    return Example(question, tuple(sentences), (span,), (text[start:end],), source, document.title)
