"""Train the generator: one command, about an hour on one core.

    python -m models.training.generator --data FOLDER --out FOLDER [--work FOLDER]
    python -m models.training.generator --smoke --out FOLDER      # the whole way in seconds, five sentences

1. a byte-level BPE vocabulary, every word with and without a space   → work/vocabulary.json
2. vectors of its tokens, from what stands near what (no gradient)     → work/vectors.npy
3. passages of the corpora with questions made in place                → work/made.pickle
4. people's questions without passages, marked by the shipped reader   → work/real.pickle
5. training: a llama that reads numbered sentences, best first as in   → work/training.pt, then the GGUF file
   the product, and quotes the one that answers, or refuses

Every step that has left its file is skipped, and training goes on from its last checkpoint. Seeds are fixed;
a budget in minutes makes the result differ a little by machine. Judge it with `benchmarks/generator.py` and
`python -m models.training.memorisation`.
"""

from __future__ import annotations

import argparse
import json
import logging
import pickle
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from models.reader import load_reader
from models.training.generator_batches import START, Pool
from models.training.generator_data import (
    Pack,
    answer_text,
    corpus_documents,
    human_packs,
    made_packs,
    question_text,
    sources_text,
)
from models.training.generator_evidence import Ranking
from models.training.generator_judging import calibrate, hold_quotes, judge
from models.training.generator_training import Plan, train
from models.training.generator_vocabulary import token_vectors, train_vocabulary
from models.training.llama_matching import teach_matching
from models.training.llama_network import Llama, teach_copying
from models.training.reader_corpus import Document, documents
from models.training.reader_data import others, viquad
from models.training.reader_negatives import near_misses, other_passages
from models.training.reader_weak import find_paragraphs, mark_answers, real_questions
from models.training.tiny_llama import Store, TinyConfig, bpe_from_json, write_gguf

logger = logging.getLogger(__name__)

NAME = "hoibao-mini-vi"
CONFIG = TinyConfig(width=256, layers=5, heads=4, kv_heads=4, hidden=512, context=2048, rope_base=100_000.0)
VOCABULARY, EVERY = 7_000, 24  # tokens; one news item in so many is read
LEAST_COVER = 1.08  # of a real question by its paragraph, of at most 2
# Tuned to one task, the model needs no rules: system messages are left out, which saves reading them.
TEMPLATE = (
    "{% for message in messages %}{% if message.role != 'system' %}"
    "<|im_start|>{{ message.content }}<|im_end|>"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>{% endif %}"
)


def pack_texts(packs: Iterable[Pack]) -> Iterator[str]:
    """Yield the texts of prompts, for the vocabulary."""
    for pack in packs:
        markers = range(1, len(pack.sentences) + 1)
        yield sources_text([pack.title] * len(pack.sentences), pack.sentences, markers)
        for ask in pack.asks:
            yield question_text(ask.question)
            yield answer_text(ask, pack.sentences, markers)


def real_packs(data: Path) -> list[Pack]:
    """Return real questions without passages, each with the paragraph that the shipped reader is sure of."""
    reader = load_reader()
    wiki = takewhile(lambda document: document.corpus == "viwiki_uts", documents(data))  # they come first
    found = find_paragraphs(real_questions(data), wiki, reader.vocabulary)
    return human_packs(mark_answers([one for one in found if one.cover >= LEAST_COVER], reader))


def kept(path: Path, make: Callable[[], list[Pack]]) -> list[Pack]:
    """Return the packs that `path` holds; make them first where it does not exist."""
    if not path.exists():
        logger.info("making %s", path.name)
        path.write_bytes(pickle.dumps(make()))
    result: list[Pack] = pickle.loads(path.read_bytes())  # our own file, written above
    logger.info("%s: %d passages, %d questions", path.name, len(result), sum(len(p.asks) for p in result))
    return result


def asked_by_people(data: Path) -> tuple[list[Pack], list[Pack]]:
    """Return the questions that people wrote about given passages, with near misses; those on persons apart.

    Of the questions on persons most have no answer. Drawn from a pool of their own, as often with an answer
    as all others, they do not teach that "ai" is to be refused.
    """
    human = viquad(data, "train")
    rest = others(data)
    misses = near_misses([*human, *(one for one in rest if one.source == "uit")], random.Random(1))
    persons = [one for one in rest if one.source == "mailong"]
    return human_packs([*human, *(one for one in rest if one.source == "uit"), *misses]), human_packs(persons)


def run(data: Path, work: Path, out: Path, *, minutes: float, config: TinyConfig = CONFIG) -> Path:
    """All steps; `minutes` is the budget of the training itself."""
    work.mkdir(parents=True, exist_ok=True)

    def made_here() -> list[Pack]:
        rng = random.Random(1)
        packs = list(made_packs(corpus_documents(data, every=EVERY), rng))
        rng.shuffle(packs)
        return packs

    made = kept(work / "made.pickle", made_here)
    asked, persons = asked_by_people(data)
    vocabulary = work / "vocabulary.json"
    if not vocabulary.exists():
        texts = [*pack_texts(made[:15_000]), *pack_texts(asked), *pack_texts(persons)]
        vocabulary.write_text(train_vocabulary(texts, size=VOCABULARY), encoding="utf-8")
    tokenizer = Tokenizer.from_file(str(vocabulary))
    if not (work / "vectors.npy").exists():
        np.save(work / "vectors.npy", token_vectors(tokenizer, pack_texts(made[:12_000]), width=config.width))
    pools = [made, asked, persons, kept(work / "real.pickle", lambda: real_packs(data))]
    tune = viquad(data, "tune")
    tuning = human_packs([*tune, *other_passages(tune, random.Random(3))])
    plan, vectors = Plan(minutes=minutes), np.load(work / "vectors.npy")
    return finish(pools, tokenizer, vectors, config, plan, out, work / "training.pt", tuning)


def finish(
    pools: list[list[Pack]],
    tokenizer: Tokenizer,
    vectors: npt.NDArray[np.float32],
    config: TinyConfig,
    plan: Plan,
    out: Path,
    checkpoint: Path,
    tuning: list[Pack],
) -> Path:
    """Train and write the GGUF file into the folder `out`; return its path."""
    torch.manual_seed(plan.seed)
    model = Llama(config, tokenizer.get_vocab_size(), tied=False)
    teach_copying(model, vectors, first=1, seed=plan.seed)
    teach_matching(model, start=START, seed=plan.seed)
    logger.info("%.1f million parameters", sum(p.numel() for p in model.parameters()) / 1e6)
    ranking = Ranking(load_reader().vocabulary)
    drawn, judged = [Pool(one) for one in pools], Pool(tuning)
    train(model, tokenizer, drawn, ranking, plan, checkpoint=checkpoint, tuning=judged)
    logger.info("answers shifted by %.2f", calibrate(model, tokenizer, judged, ranking))
    hold_quotes(model, tokenizer, judged, ranking)
    logger.info("in the end: %s", judge(model, tokenizer, judged, ranking, most=1000))
    out.mkdir(parents=True, exist_ok=True)
    words = bpe_from_json(tokenizer.to_str())
    path = out / f"{NAME}.gguf"
    return write_gguf(
        path, config, words, model.weights(), chat_template=TEMPLATE, name=NAME, store=Store.Q8_0
    )


_SMOKE = (
    "Phường Tây Nam được thành lập ngày 1/7/2025 trên cơ sở sáp nhập ba phường cũ của thành phố.",
    "Theo báo cáo, phường có diện tích tự nhiên 31,2 km và dân số là 48.500 người, gồm 42 khu phố.",
    "Ông Nguyễn Văn Bình, Bí thư Đảng ủy phường, chủ trì hội nghị tại trụ sở UBND phường Tây Nam.",
    "Hội nghị đã thông qua Nghị quyết số 05-NQ/ĐU nhằm nâng cao chất lượng sinh hoạt của các chi bộ.",
    "Trong năm 2025, Công ty Hoa Sen hỗ trợ 200 triệu đồng để sửa chữa nhà cho 15 hộ nghèo ở xã An Phú.",
)


def smoke(out: Path, *, steps: int = 4) -> Path:
    """Run the way from text to a GGUF file on a few sentences: does everything still fit together?"""
    corpus = [Document("viwiki_uts", "Phường Tây Nam", (" ".join(_SMOKE),)) for _ in range(8)]
    packs = list(made_packs(corpus, random.Random(0)))
    tokenizer = Tokenizer.from_str(train_vocabulary([*pack_texts(packs)] * 2, size=500))
    config = TinyConfig(width=64, layers=3, heads=4, kv_heads=4, hidden=96, context=1024)
    vectors = token_vectors(tokenizer, pack_texts(packs), width=config.width)
    plan = Plan(minutes=1, steps=steps, tokens=1200)
    checkpoint = out / "training.pt"
    out.mkdir(parents=True, exist_ok=True)
    return finish([packs] * 4, tokenizer, vectors, config, plan, out, checkpoint, packs)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description="Train the generator.")
    parser.add_argument("--data", type=Path, help="the folder that holds corpora/ and qa/")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the GGUF file")
    parser.add_argument("--work", type=Path, default=Path(".work/generator-training"))
    parser.add_argument("--minutes", type=float, default=51, help="training time (wall clock)")
    parser.add_argument("--shape", type=json.loads, default={}, help='other sizes, as {"layers": 8}')
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="only see whether everything works")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    if options.smoke:
        smoke(options.out)
    elif options.data is None:
        parser.error("--data is needed")
    else:
        config = replace(CONFIG, **options.shape)
        run(options.data, options.work, options.out, minutes=options.minutes, config=config)


if __name__ == "__main__":
    main()
