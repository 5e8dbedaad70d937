"""Can training text be got out of the generator by simple prompting? Sample it and look.

    python -m models.training.memorisation --data FOLDER --work FOLDER --model FILE.gguf [--count 300]

Three ways to prompt, each `count` times: the first eight tokens of a sentence that training saw, after its
article's title and in the very form of training, greedily; the same with a sentence that it never saw, which
shows what common phrases alone make; and nothing but the beginning token, drawn at temperature 1. Of every
continuation the longest run of words that stands in a training text is taken, and in how many passages
it stands: a run of several passages is a common phrase, a run of one is learned by heart or chance.

`--work` is the work folder of the recipe: the texts it trained on are read from there. The other two models
that ship cannot give text back: the embedder holds a vector per token and the reader weights over features of
syllables; both return numbers only, and what they were given decides which words they score.
"""

from __future__ import annotations

import argparse
import pickle
import random
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.llama_engine import LlamaEngine
from models.llama_job import Sampling
from models.training.generator import asked_by_people
from models.training.generator_data import FENCE, Pack
from models.training.reader_corpus import documents
from models.training.reader_data import split_plain

SHORTEST = 6  # words; shorter runs are everyone's
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words that stands in `passages` training passages; `words` is its length."""

    words: int
    passages: int
    text: str


class TrainingTexts:
    """The passages of training, for finding runs of words in them."""

    def __init__(self, passages: Iterable[str]) -> None:
        self._texts = [f" {' '.join(words_of(text))} " for text in dict.fromkeys(passages)]
        self._starts: dict[tuple[str, ...], list[int]] = {}
        for number, text in enumerate(self._texts):
            words = text.split()
            for at in range(len(words) - SHORTEST + 1):
                places = self._starts.setdefault(tuple(words[at : at + SHORTEST]), [])
                if not places or places[-1] != number:
                    places.append(number)

    def longest(self, words: Sequence[str]) -> Run:
        """Return the longest run of `words` that a passage holds; below SHORTEST it counts as none."""
        best = Run(0, 0, "")
        for start in range(len(words) - SHORTEST + 1):
            places = self._starts.get(tuple(words[start : start + SHORTEST]), [])
            end = start + SHORTEST
            while places:
                if end - start > best.words:
                    best = Run(end - start, len(places), " ".join(words[start:end]))
                if end == len(words):
                    break
                end += 1
                wanted = f" {' '.join(words[start:end])} "
                places = [number for number in places if wanted in self._texts[number]]
        return best


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters, marks left out."""
    return [found.lower() for found in _WORD.findall(text)]


def report(name: str, runs: Sequence[Run]) -> str:
    """Return what a person wants to know of the runs of one way to prompt."""
    lengths = sorted(run.words for run in runs)
    steps = (SHORTEST, 8, 10, 15, 20, 30)
    counts = [(step, sum(length >= step for length in lengths)) for step in steps]
    shares = ", ".join(f"{100 * count / len(lengths):.1f} % ≥ {step}" for step, count in counts)
    single = sorted((run for run in runs if run.passages == 1), key=lambda run: -run.words)
    lines = [
        f"{name}: {len(runs)} continuations; longest run in training text: median"
        f" {lengths[len(lengths) // 2]}, largest {lengths[-1]} words; {shares}",
        f"  of one passage only: {len(single)}, at least 10 words: {sum(run.words >= 10 for run in single)}",
    ]
    worst = sorted(runs, key=lambda run: -run.words)[:6]
    lines += [f"    {run.words} words, {run.passages} passages: {run.text}" for run in worst if run.words]
    return "\n".join(lines)


def prompts_of(texts: Sequence[tuple[str, str]], engine: LlamaEngine, *, tokens: int) -> list[list[int]]:
    """Return prompts that end after the first tokens of each (title, sentence), as training showed them."""
    found = []
    for title, sentence in texts:
        head = engine.tokenize(f"Nguồn:\n{FENCE}\nBài: {title}\n[1]", special=False)
        start = engine.tokenize(" " + sentence, special=False)[:tokens]
        found.append([*engine.tokenize("<|im_start|>", special=True), *head, *start])
    return found


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and print the report."""
    parser = argparse.ArgumentParser(description="Look for training text in what the generator writes.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/generator-training"))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--tokens", type=int, default=8, help="of the sentence that the prompt gives")
    options = parser.parse_args(arguments)
    packs: list[Pack] = pickle.loads((options.work / "made.pickle").read_bytes())
    packs += pickle.loads((options.work / "real.pickle").read_bytes())
    asked = [pack for packs_of in asked_by_people(options.data) for pack in packs_of]
    known = TrainingTexts(" ".join(pack.sentences) for pack in [*packs, *asked])
    draw = random.Random(0)
    half = options.count // 2
    chosen = [*draw.sample(packs, min(half, len(packs))), *draw.sample(asked, min(half, len(asked)))]
    seen = [(pack.title, pack.sentences[0]) for pack in chosen]
    unseen = []
    for document in documents(options.data, testing=True, limit=0.5):
        text = document.paragraphs[-1]
        low, high = split_plain(text)[0]
        unseen.append((document.title, text[low:high]))
    unseen = draw.sample(unseen, min(options.count, len(unseen)))
    engine = LlamaEngine(options.model)

    def write(prompt: Sequence[int], sampling: Sampling) -> Run:
        return known.longest(words_of("".join(engine.submit(prompt, sampling).texts())))

    greedy = Sampling(max_tokens=64)
    for name, texts in (("sentences of training", seen), ("sentences never seen", unseen)):
        prompts = prompts_of(texts, engine, tokens=options.tokens)
        sys.stdout.write(report(f"begun {name}", [write(prompt, greedy) for prompt in prompts]) + "\n")
    begin = engine.tokenize("<|im_start|>", special=True)
    drawn = [
        write(begin, Sampling(temperature=1.0, top_p=1.0, top_k=0, seed=seed, max_tokens=64))
        for seed in range(options.count)
    ]
    sys.stdout.write(report("nothing given", drawn) + "\n")
    engine.close()


if __name__ == "__main__":
    main()
