"""The local language model in figures: sources first, prefix cache, cost of checked quotes, memory, stops.

    python -m benchmarks.llm [--model FILE.gguf] [--questions 200] [--rounds 20]

Without `--model` an untrained stand-in is built: 12 layers of width 512 with a vocabulary of 151,936 tokens
(that of Qwen3), so that loading, decoding and masking cost what they cost on a real small model. What a model
says is measured on tests/data/copy.gguf, which learned to quote. llama.cpp runs on one thread and its times
are processor time of this process, so that a busy machine does not blur them; the other times are real
time. Prints one table; nothing uses the network.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from index import Library
from index.types import Article, Hit, Passage, Sentence
from models.constrain import QuoteConstraint
from models.llama_engine import LlamaEngine
from models.llm import LlamaChat
from models.training.copy_llama import draw_example
from models.training.tiny_llama import (
    Store,
    TinyConfig,
    Vocabulary,
    bpe_vocabulary,
    random_weights,
    write_gguf,
)
from qa import Assistant
from qa.generate import ModelGenerator
from qa.prompt import RULES, build_prompt
from qa.settings import Settings
from qa.types import Evidence, SourcesFound

ROOT = Path(__file__).parent.parent
COPY = ROOT / "tests" / "data" / "copy.gguf"
GOLD = ROOT / "tests" / "gold" / "samples.jsonl"
QWEN_VOCABULARY = 151_936
QUOTED = re.compile("“([^”]*)”")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: str
    wanted: str = ""


def stand_in(folder: Path) -> Path:
    """Build the untrained model of realistic size."""
    words = bpe_vocabulary([RULES] * 3, size=900)
    missing = QWEN_VOCABULARY - len(words.tokens)
    # Tokens of a real vocabulary's variety: words, code with brackets and quotation marks, pieces of both.
    draw = random.Random(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    made: set[str] = set()
    while len(made) < missing:
        word = "".join(draw.choices(letters, k=draw.randint(3, 9)))
        made.add(
            draw.choice(("", "Ġ", '"', "['", "(", "")) + word + draw.choice(("", "", "", '"', "]", "':"))
        )
    made -= set(words.tokens)
    tokens = (words.tokens + tuple(sorted(made)))[:QWEN_VOCABULARY]
    types = words.types + (1,) * (len(tokens) - len(words.types))
    vocabulary = Vocabulary("gpt2", tokens, types, words.merges, bos=words.bos, eos=words.eos)
    shape = TinyConfig(width=512, layers=12, heads=8, kv_heads=4, hidden=1536, context=4096)
    weights = random_weights(shape, len(tokens))
    return write_gguf(folder / "stand-in.gguf", shape, vocabulary, weights, store=Store.F16)


def evidence_of(texts: tuple[str, ...]) -> tuple[Evidence, ...]:
    """Return evidence in one article, one sentence each."""
    body = "\n".join(texts)
    article = Article("a", "Tin địa phương", body)
    found = []
    for marker, text in enumerate(texts, 1):
        start = body.index(text)
        sentence = Sentence(text, start, start + len(text))
        passage = Passage(marker, "a", marker, text, start, start + len(text), (sentence,))
        found.append(Evidence(marker, sentence, article, Hit(passage, article, 0.9), 0.9 - 0.01 * marker))
    return tuple(found)


def first_source(model: Path, questions: int) -> Iterator[Figure]:
    """Time from the question to the sources, the assistant warm and its model loaded."""
    gold = [json.loads(line)["question"] for line in GOLD.read_text("utf-8").splitlines()][:questions]
    times = []
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "l", create=True) as library:
        library.add([ROOT / "index" / "samples"])
        generator = ModelGenerator(Settings(home=Path(folder), model=str(model), answer_tokens=32))
        assistant = Assistant(library, settings=generator.settings, generate=generator)
        for question in [gold[0], *gold]:
            started = time.perf_counter()
            for event in assistant.stream(question):
                if isinstance(event, SourcesFound):
                    times.append((time.perf_counter() - started) * 1000)
                    break
        generator.close()
    times = sorted(times[1:])
    yield Figure(f"time to first source, p50 of {len(times)}", f"{statistics.median(times):.0f} ms")
    yield Figure("time to first source, p95", f"{times[int(0.95 * (len(times) - 1))]:.0f} ms", "≤ 150 ms")


def prefix_cache(model: Path) -> Iterator[Figure]:
    """Time to read a prompt whose rules are in the cache, against one whose rules are not."""
    draw = random.Random(1)
    cold, warm, share = [], [], []
    with LlamaChat(path=model, max_tokens=1, threads=1) as chat:
        for _ in range(8):
            example = draw_example(draw, sentences=6)
            prompt = build_prompt(example.question, evidence_of(example.sentences))
            messages = [("system", prompt.system), ("human", prompt.user)]
            chat.invoke([("human", example.question)])  # another beginning: the rules leave the cache
            started = time.process_time()
            chat.invoke(messages)
            cold.append(time.process_time() - started)
            chat.invoke([("system", prompt.system), ("human", example.question)])
            started = time.process_time()
            chat.invoke(messages)
            warm.append(time.process_time() - started)
            share.append(chat.last_usage.cached_tokens / chat.last_usage.prompt_tokens)
    before, after = statistics.median(cold), statistics.median(warm)
    yield Figure("reading the prompt, rules not in the cache", f"{before * 1000:.0f} ms")
    gain = (
        f"{after * 1000:.0f} ms ({1 - after / before:.0%} saved, {statistics.mean(share):.0%} of the tokens)"
    )
    yield Figure("reading the prompt, rules in the cache", gain)


def constraint_cost(model: Path, rounds: int = 6) -> Iterator[Figure]:
    """Milliseconds a token free, constrained, and in quotes; runs alternate, medians count."""
    draw = random.Random(3)
    example = draw_example(draw, sentences=20)
    ways = {"free": [], "constrained": [], "quotes only": []}  # type: dict[str, list[float]]
    with LlamaChat(path=model, max_tokens=64, temperature=0.8, threads=1) as chat:
        started = time.process_time()
        QuoteConstraint(chat.engine, example.sentences)
        table = time.process_time() - started
        chat.invoke(example.user)
        for number in range(rounds):
            for way, times in ways.items():

                def make(engine: LlamaEngine, way: str = way) -> QuoteConstraint:
                    only = way == "quotes only"
                    return QuoteConstraint(engine, example.sentences, quote_only=only, most_quotes=9)

                constraint = None if way == "free" else make
                ends = []
                for most in (1, 64):  # the difference is 63 tokens, without reading the prompt
                    started = time.process_time()
                    chat.invoke(example.user, seed=number, max_tokens=most, constraint=constraint)
                    ends.append((time.process_time() - started, chat.last_usage.completion_tokens))
                times.append((ends[1][0] - ends[0][0]) / max(ends[1][1] - ends[0][1], 1))
    free = statistics.median(ways["free"])
    yield Figure("token table of the vocabulary, once a model", f"{table * 1000:.0f} ms")
    yield Figure("writing a token, free", f"{free * 1000:.2f} ms")
    for way in ("constrained", "quotes only"):
        spent = statistics.median(ways[way])
        yield Figure(f"writing a token, {way}", f"{spent * 1000:.2f} ms ({spent / free - 1:+.1%})", "≤ +15 %")


def memory(model: Path, rounds: int) -> Iterator[Figure]:
    """Resident memory after each of `rounds` times load, answer, close."""
    process = psutil.Process()
    after = []
    for _ in range(rounds):
        with LlamaChat(path=model, max_tokens=4, mmap=False) as chat:
            chat.invoke("Chào")
            chat.engine.pieces()
            inside = process.memory_info().rss
        del chat
        gc.collect()
        after.append(process.memory_info().rss)
    mib = [size / 2**20 for size in after]
    yield Figure(
        "memory with the model open",
        f"{inside / 2**20:.0f} MiB (file {model.stat().st_size / 2**20:.0f} MiB)",
    )
    text = f"{mib[0]:.0f} → {mib[-1]:.0f} MiB"
    yield Figure(f"memory after closing, round 1 → {rounds}", text, "no growth")


def cancelling(model: Path) -> Iterator[Figure]:
    """Time from cancelling to an idle model, while it reads a long prompt and while it writes."""
    for what in ("reading", "writing"):
        times = []
        with LlamaChat(path=model, max_tokens=400, threads=1) as chat:
            for number in range(6):
                cancel = threading.Event()
                question = f"{number} " + (RULES * 8 if what == "reading" else "Chào")
                stream = chat.stream(question, cancel=cancel)
                reader = threading.Thread(target=lambda stream=stream: list(stream))
                reader.start()
                time.sleep(0.4)
                started = time.perf_counter()
                cancel.set()
                while chat.engine.busy:
                    time.sleep(0.001)
                times.append((time.perf_counter() - started) * 1000)
                reader.join()
        yield Figure(f"cancelled while {what}, worst of {len(times)}", f"{max(times):.0f} ms", "≤ 200 ms")


def quoting(questions: int) -> Iterator[Figure]:
    """What the copying model puts between quotation marks, free and constrained."""
    draw = random.Random(2026)
    examples = [draw_example(draw, sentences=5) for _ in range(questions)]
    with LlamaChat(path=COPY, max_tokens=60) as chat:
        for way in ("free", "constrained", "quotes only"):
            quotes = verbatim = right = 0
            for example in examples:

                def make(
                    engine: LlamaEngine, texts: tuple[str, ...] = example.sentences, way: str = way
                ) -> QuoteConstraint:
                    return QuoteConstraint(engine, texts, quote_only=way == "quotes only", most_quotes=1)

                answer = str(chat.invoke(example.user, constraint=None if way == "free" else make).content)
                found = QUOTED.findall(answer)
                quotes += len(found)
                verbatim += sum(any(quote in text for text in example.sentences) for quote in found)
                right += answer.strip() == example.answer
            yield Figure(
                f"{questions} questions, {way}",
                f"{verbatim} of {quotes} quotes verbatim, {right} answers exactly right",
                "" if way == "free" else "all verbatim",
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the local language model.")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or stand_in(Path(folder))
        figures: list[Figure] = []
        for measured in (
            prefix_cache(model),
            constraint_cost(model),
            cancelling(model),
            memory(model, options.rounds),
            quoting(options.questions),
            first_source(model, options.questions),
        ):
            for figure in measured:
                figures.append(figure)
                sys.stdout.write(f"{figure.name:<48} {figure.value:<56} {figure.wanted}\n")
                sys.stdout.flush()
    if options.json:
        table = [{"name": one.name, "value": one.value, "wanted": one.wanted} for one in figures]
        options.json.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
