"""Mine "full form (ABBR)" and "ABBR (full form)" from corpora, as candidates for a person to check.

    python models/training/mine_abbreviations.py CORPUS.jsonl.xz… > candidates.tsv

Each output line: abbreviation, full form (lower case), documents, pattern. Pattern "initials" means
that the letters are the initials of the syllables; "context" means that the words only stand before the
bracket often enough. What a person accepted is index/data/abbreviations.tsv.
"""

from __future__ import annotations

import json
import lzma
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from index.normalize import canonical, strip_tones

_BRACKET = re.compile(r" \(([A-ZĐ][A-ZĐa-z0-9&.\-]{1,11})\)")
_CLAUSE_END = re.compile(r"[.;:!?()“”\"\n]")
_REVERSE = re.compile(r"(?<![\w-])([A-ZĐ][A-ZĐ&\-]{1,9}) \(([^\W\d_][^()]{5,80})\)")
_WORD = re.compile(r"[^\W_]+")
_SKIPPED = frozenset({"và", "của", "các", "về", "cho", "the", "of", "for", "and", "to", "on", "in"})


def match_initials(letters: str, words: list[str]) -> int | None:
    """Return the index of the first word of the suffix of `words` whose initials are `letters`."""
    at = len(words)
    for letter in reversed(letters.upper()):
        at -= 1
        plain = strip_tones(letter)
        while at > 0 and words[at].lower() in _SKIPPED and _initial(words[at]) not in (letter, plain):
            at -= 1
        if at < 0 or not (letter == words[at][0].upper() or plain == _initial(words[at])):
            return None
    return at


def _initial(word: str) -> str:
    return strip_tones(word[0]).upper()


def _texts(paths: list[str]) -> Iterator[str]:
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield canonical(". ".join(record.get(key) or "" for key in ("title", "abstract", "text")))


def main(paths: list[str]) -> None:
    """Write the candidates to standard output."""
    initials: Counter[tuple[str, str]] = Counter()
    contexts: dict[str, Counter[str]] = defaultdict(Counter)
    for text in _texts(paths):
        found: set[tuple[str, str]] = set()
        before: set[tuple[str, str]] = set()
        for match in _BRACKET.finditer(text):
            clause = _CLAUSE_END.split(text[max(0, match.start() - 90) : match.start()])[-1]
            words, abbreviation = _WORD.findall(clause), match[1]
            letters = "".join(c for c in abbreviation if c.isalpha())
            start = match_initials(letters, words)
            if start is not None and len(letters) > 1:
                found.add((abbreviation, " ".join(words[start:]).lower()))
            else:
                before |= {
                    (abbreviation, " ".join(words[-n:]).lower()) for n in range(2, min(9, len(words) + 1))
                }
        for match in _REVERSE.finditer(text):
            words = _WORD.findall(match[2])
            letters = "".join(c for c in match[1] if c.isalpha())
            if words and len(letters) > 1 and match_initials(letters, words) == 0:
                found.add((match[1], " ".join(words).lower()))
            elif len(words) <= 9:
                before.add((match[1], " ".join(words).lower()))
        initials.update(found)
        for abbreviation, words_before in before:
            contexts[abbreviation][words_before] += 1
    for (abbreviation, full), count in initials.most_common():
        if count >= 3:
            sys.stdout.write(f"{abbreviation}\t{full}\t{count}\tinitials\n")
    for abbreviation, counter in contexts.items():
        best = [(full, count) for full, count in counter.most_common(40) if count >= 8]
        top = best[0][1] if best else 0
        for full, count in sorted(best, key=lambda item: -len(item[0]))[:3]:
            if count >= top * 0.5:
                sys.stdout.write(f"{abbreviation}\t{full}\t{count}\tcontext\n")


if __name__ == "__main__":
    main([str(Path(argument)) for argument in sys.argv[1:]])
