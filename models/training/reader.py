"""Train the reader: one command, about an hour and a half on one core.

    python -m models.training.reader --data FOLDER --out models/weights/reader [--work FOLDER] [--minutes N]
    python -m models.training.reader --smoke --out FOLDER      # the whole way in seconds, on a few sentences

1. syllables, idf and vectors from the corpora      → work/vocabulary.npz
2. made questions                                   → work/made.pickle
   titles and abstracts asked of their articles     → work/summaries.pickle
3. words left out of plain text guessed             → work/words.pt
4. first training: human questions and those of 2   → work/first.pt
5. real questions without passages, marked by 4     → work/weak.pickle
   what a search finds elsewhere for answered ones  → work/elsewhere.pickle
6. second training: all of them, and near misses    → work/second.pt
   half of the questions as the product asks them: in the passage's words where a thesaurus knows them
7. how the sentence is chosen, on TUNE articles     → then the weights

Every step that has left its file is skipped, steps 4 and 6 go on from their last checkpoint: the command may
be stopped and started again. Seeds are fixed; a budget of processor time makes the result differ a little by
machine.
Judge the result with `python -m models.training.evaluate_reader`.
"""

from __future__ import annotations

import argparse
import logging
import pickle
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from models.reader import save_reader
from models.reader_features import Floats
from models.reader_text import Vocabulary
from models.training.checkpoint import write_checkpoint
from models.training.paragraphs import Paragraphs
from models.training.reader_batches import Encoded, encode_example
from models.training.reader_choice import fit_choice, tuning_sets
from models.training.reader_corpus import Document, documents, learn_vectors, learn_vocabulary
from models.training.reader_data import Example, others, viquad, written
from models.training.reader_negatives import (
    found_elsewhere,
    hanging_on_titles,
    near_misses,
    of_another_name,
    without_answer,
)
from models.training.reader_pretraining import pretrain, syllables
from models.training.reader_questions import made_questions
from models.training.reader_summaries import summary_questions
from models.training.reader_training import Plan, Pool, arrays, as_reader, train
from models.training.reader_weak import find_paragraphs, mark_answers, real_questions
from qa.question import understand
from qa.reading import reworded

logger = logging.getLogger(__name__)

SYLLABLES, DIMENSION, MADE = 20_000, 64, 120_000
SUMMARISED = 1.6  # of the usual documents are asked by their summaries
UNTITLED = 8
PARTS = (0.25, 0.25, 0.5)  # of the training time: steps 3, 4 and 6
LEAST_COVER = 1.08  # of a real question by its paragraph, of at most 2
# Shares of a batch: ViQuAD, our own, UIT, mailong25, made ones, summaries; then also real ones marked, near
# misses, what was found elsewhere, what hangs on its title, and questions about another name or year.
FIRST = (0.15, 0.38, 0.04, 0.06, 0.17, 0.20)
SECOND = (0.12, 0.48, 0.03, 0.06, 0.02, 0.05, 0.04, 0.03, 0.09, 0.05, 0.03)


def build_vocabulary(texts: list[str], *, size: int, dimension: int) -> tuple[Vocabulary, Floats]:
    """Learn syllables, idf and vectors from paragraphs."""
    random.Random(0).shuffle(texts)
    texts = [text[:1500] for text in texts][:260_000]
    words, idf = learn_vocabulary(texts, size=size)
    vocabulary = Vocabulary(words, idf)
    sequences = [vocabulary.encode([text]).rows[:, 0] for text in texts[:160_000]]
    return vocabulary, learn_vectors(sequences, size=vocabulary.size, dimension=dimension)


def load_or_build_vocabulary(work: Path, data: Path) -> tuple[Vocabulary, Floats]:
    """Step 1."""
    path = work / "vocabulary.npz"
    if not path.exists():
        texts = [paragraph for document in documents(data) for paragraph in document.paragraphs]
        vocabulary, vectors = build_vocabulary(texts, size=SYLLABLES, dimension=DIMENSION)
        np.savez(path, words=np.array(vocabulary.words), idf=vocabulary.idf, vectors=vectors)
    with np.load(path, allow_pickle=False) as archive:
        return Vocabulary(archive["words"].tolist(), archive["idf"]), archive["vectors"]


def made_examples(corpus: Iterable[Document], count: int) -> list[Example]:
    """Step 2: half from Wikipedia, half from news, in random order."""
    rng = random.Random(1)
    shuffled = list(corpus)
    rng.shuffle(shuffled)
    wiki = [document for document in shuffled if document.corpus == "viwiki_uts"]
    news = [document for document in shuffled if document.corpus != "viwiki_uts"]
    half = count // 2
    result = list(made_questions(wiki, count=half, rng=rng, per_document=half // max(len(wiki), 1) + 5))
    result += made_questions(news, count=count - half, rng=rng)
    rng.shuffle(result)
    return result


def kept(path: Path, make: Callable[[], list[Example]]) -> list[Example]:
    """Return the examples that `path` holds; make them first where it does not exist."""
    if not path.exists():
        path.write_bytes(pickle.dumps(make()))
    result: list[Example] = pickle.loads(path.read_bytes())  # our own file, written above
    return result


def _encoded(examples: Iterable[Example], vocabulary: Vocabulary, weight: float = 1.0) -> list[Encoded]:
    """Encode; one in UNTITLED loses its title, as many articles have none."""
    some = (replace(one, title="") if n % UNTITLED == 0 else one for n, one in enumerate(examples))
    items = (encode_example(example, vocabulary, weight=weight) for example in some)
    return [item for item in items if item is not None]


def in_its_words(examples: Iterable[Example], rng: random.Random, share: float = 0.5) -> Iterator[Example]:
    """Put a share of the questions as `qa.reading` puts them to the reader."""
    for one in examples:
        if rng.random() < share:
            text = reworded(understand(one.question), [(one.title, *one.sentences)])
            yield replace(one, question=text)
        else:
            yield one


def run(data: Path, work: Path, out: Path, *, minutes: float, width: int) -> None:
    """All seven steps; `minutes` is the budget of the trainings together, `width` that of the network."""
    work.mkdir(parents=True, exist_ok=True)
    vocabulary, vectors = load_or_build_vocabulary(work, data)
    logger.info("%d syllables", len(vocabulary.words))
    examples = kept(work / "made.pickle", lambda: made_examples(documents(data), MADE))
    made = _encoded(examples, vocabulary, 0.7)
    summarised = kept(
        work / "summaries.pickle",
        lambda: list(summary_questions(documents(data, limit=SUMMARISED), random.Random(5))),
    )
    summaries = _encoded(summarised, vocabulary, 0.7)
    human = viquad(data, "train")
    rest = others(data)
    wiki = _encoded(human, vocabulary)
    asked = written(data, "train")
    own = _encoded(asked, vocabulary)
    rules = _encoded([example for example in rest if example.source == "uit"], vocabulary)
    persons = _encoded([example for example in rest if example.source == "mailong"], vocabulary, 0.8)
    human_pools = (wiki, own, rules, persons)
    counts = " + ".join(str(len(pool)) for pool in human_pools)
    logger.info("%s human, %d made examples, %d of summaries", counts, len(made), len(summaries))
    pools = [Pool(*pair) for pair in zip((*human_pools, made, summaries), FIRST, strict=True)]
    if not (work / "words.pt").exists():
        text = syllables(documents(data), vocabulary)
        weights = pretrain(text, vectors, minutes=minutes * PARTS[0], width=width)
        write_checkpoint(weights, work / "words.pt")
    plan = Plan(minutes * PARTS[1], width=width)
    start = torch.load(work / "words.pt")
    first = train(pools, vocabulary, vectors, plan, checkpoint=work / "first.pt", start=start)

    def weak_examples() -> list[Example]:
        corpus = (document for document in documents(data) if document.corpus == "viwiki_uts")
        covered = find_paragraphs(real_questions(data), corpus, vocabulary)
        covered = [item for item in covered if item.cover >= LEAST_COVER]
        return mark_answers(covered, as_reader(vocabulary, vectors, first))

    found = kept(work / "weak.pickle", weak_examples)
    misses = near_misses(human, random.Random(1))
    less = [without_answer(example) for example in [*rest, *found] if example.source != "mailong"]
    answered = [*human, *asked]
    rng = random.Random(9)
    path = work / "elsewhere.pickle"
    elsewhere = kept(path, lambda: found_elsewhere(answered, Paragraphs(documents(data))))

    def said(examples: Iterable[Example], weight: float = 1.0) -> list[Encoded]:
        return _encoded(in_its_words(examples, rng), vocabulary, weight)

    second = (
        said(human),
        said(asked),
        said(example for example in rest if example.source == "uit"),
        said((example for example in rest if example.source == "mailong"), 0.8),
        made,
        summaries,
        said(found, 0.55),
        said(misses) + said((miss for miss in less if miss), 0.7),
        said(elsewhere, 0.7),
        said(hanging_on_titles([*answered, *examples, *summarised], rng), 0.7),
        said(of_another_name(answered, rng), 0.7),
    )
    pools = [Pool(*pair) for pair in zip(second, SECOND, strict=True)]
    plan = Plan(minutes * PARTS[2], width=width, rate=1.4e-3, dropout=0.35, seed=2)
    final = train(pools, vocabulary, vectors, plan, checkpoint=work / "second.pt", start=first)
    choice = fit_choice(as_reader(vocabulary, vectors, final), tuning_sets(data))
    save_reader(out, vocabulary.words, vocabulary.idf, vectors, {**arrays(final), "choice": choice})


_SMOKE = (
    "Phường Tây Nam được thành lập ngày 1/7/2025 trên cơ sở sáp nhập ba phường cũ của thành phố.",
    "Theo báo cáo, phường có diện tích tự nhiên 31,2 km và dân số là 48.500 người, gồm 42 khu phố.",
    "Ông Nguyễn Văn Bình, Bí thư Đảng ủy phường, chủ trì hội nghị tại trụ sở UBND phường Tây Nam.",
    "Hội nghị đã thông qua Nghị quyết số 05-NQ/ĐU nhằm nâng cao chất lượng sinh hoạt của các chi bộ.",
    "Trong năm 2025, Công ty Hoa Sen hỗ trợ 200 triệu đồng để sửa chữa nhà cho 15 hộ nghèo ở xã An Phú.",
)


def smoke(out: Path) -> None:
    """Run the way from text to weights on a few sentences: does everything still fit together?"""
    corpus = [Document("viwiki_uts", "Phường Tây Nam", (" ".join(_SMOKE),)) for _ in range(8)]
    vocabulary, vectors = build_vocabulary(list(_SMOKE) * 8, size=500, dimension=16)
    made = _encoded(made_questions(corpus, count=24, rng=random.Random(0), per_document=4), vocabulary)
    plan = Plan(minutes=1, steps=6, width=16, batch=8)
    start = pretrain(syllables(corpus, vocabulary), vectors, minutes=1, width=16, steps=3)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "smoke.pt"
        weights = train([Pool(made, 1.0)], vocabulary, vectors, plan, checkpoint=checkpoint, start=start)
    save_reader(out, vocabulary.words, vocabulary.idf, vectors, arrays(weights))


def main(arguments: list[str] | None = None) -> None:
    """Read the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description="Train the reader.")
    parser.add_argument("--data", type=Path, help="the folder that holds corpora/ and qa/")
    parser.add_argument("--out", type=Path, required=True, help="where the weights go")
    parser.add_argument(
        "--work", type=Path, default=Path(".work/reader-training"), help="files between the steps"
    )
    parser.add_argument("--minutes", type=float, default=60, help="training time (of the processor)")
    parser.add_argument("--width", type=int, default=96, help="channels of the network")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="only see whether everything works")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    if options.smoke:
        smoke(options.out)
    elif options.data is None:
        parser.error("--data is needed")
    else:
        run(options.data, options.work, options.out, minutes=options.minutes, width=options.width)


if __name__ == "__main__":
    main()
