"""Train the static embedder: a table of token vectors, learned so that a question finds its passage.

    python -m models.training.embedder --data ../shared/data --out models/weights/<name> [--smoke]

1. vocabulary   syllables and compounds of the corpora, toneless forms beside them (vocabulary.py)
2. token store  the corpora as token ids (token_store.py); no text is kept
3. training     InfoNCE (van den Oord 2018) over in-batch negatives: title → lead, lead → body,
                worn sentence → its passage among others of the same article, people's questions →
                passages; a part of the queries toneless; half of the title batches are made of
                neighbourhoods of similar stories, whose leads are then hard negatives of each other
4. turning      the table is rotated to its principal axes: the first k dimensions are then the best k,
                and of those of the training `kept` are written
5. folder       float16 safetensors and tokenizer.json, as sentence-transformers loads them

Steps 1 and 2 are kept in --work and reused; training resumes from its last checkpoint there.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from torch.nn import functional

from models.training.checkpoint import write_checkpoint
from models.training.corpus import SOURCES, Document, Question, data_folder, read_documents, read_questions
from models.training.token_store import Bags, PairStore, make_toneless, write_store
from models.training.vocabulary import build_vocabulary, count_phrases

logger = logging.getLogger(__name__)
LEADS_EVERY = 250  # steps after which the vectors that neighbours are found by are made anew
SAME_STORY = 0.9  # cosine of two passages above which neither is a negative of the other's question
_MODULES = "sentence_transformers.models"  # what every release from 3 on understands


@dataclass(frozen=True, slots=True)
class Recipe:
    """All numbers of a training run."""

    words: int = 26_000
    compounds: int = 20_000
    pieces: int = 6_000
    dimension: int = 512
    kept: int = 384
    steps: int = 2_400
    batch: int = 1_536
    learning_rate: float = 0.006
    temperature: float = 0.05
    toneless: float = 0.3
    hard_share: float = 0.5
    neighbours: int = 24
    every: int = 1
    news_characters: int = 1_500
    seed: int = 20
    title_share: float = 0.35
    lead_share: float = 0.10
    cloze_share: float = 0.45
    human_share: float = 0.10


SMOKE = Recipe(words=800, compounds=200, pieces=100, dimension=16, steps=12, batch=32, every=1)


def prepare(data: Path, work: Path, recipe: Recipe) -> None:
    """Steps 1 and 2: write tokenizer, rows, frequencies and the token store to `work`."""
    if (work / "prepared.json").exists():
        return
    work.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    reading = read_documents(data, every=recipe.every, news_characters=recipe.news_characters)
    documents = [document for document in reading if not document.held_out]
    logger.info("%d documents read in %.0f s", len(documents), time.perf_counter() - start)
    if not (work / "tokenizer.json").exists():
        prepare_vocabulary(documents, work, recipe)
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    count = write_store(work, tokenizer, documents, SOURCES)
    (work / "prepared.json").write_text(json.dumps({"documents": count, **asdict(recipe)}), "utf-8")
    logger.info("token store written, %.0f s", time.perf_counter() - start)


def prepare_vocabulary(documents: Sequence[Document], work: Path, recipe: Recipe) -> None:
    """Step 1: learn the vocabulary from a third of the documents."""
    sample = islice(documents, 0, None, 1 if len(documents) < 10_000 else 3)
    counts = count_phrases(f"{d.title}\n.{d.lead}\n.{d.text[:6000]}" for d in sample)
    vocabulary = build_vocabulary(
        counts, words=recipe.words, compounds=recipe.compounds, pieces=recipe.pieces
    )
    logger.info("vocabulary: %d tokens, %d rows", len(vocabulary.rows), vocabulary.row_count)
    np.save(work / "rows.npy", np.array(vocabulary.rows, np.int64))
    np.save(work / "frequency.npy", np.array(vocabulary.frequency))
    vocabulary.tokenizer.save(str(work / "tokenizer.json"), pretty=False)  # last: it says that all is there


def human_questions(data: Path) -> list[Question]:
    """People's questions that have an answer; of ViQuAD only the articles for training."""
    found = read_questions(data, "viquad2.dev", split="train")
    for name in ("mailong25.train", "uit_train_reg", "uit_train_wiki"):
        if (data / "qa" / f"{name}.json").exists():
            found += read_questions(data, name)
    return [q for q in found if q.answers and len(q.passage) > 60]


def initial_table(tokenizer: Tokenizer, work: Path, recipe: Recipe) -> NDArray[np.float32]:
    """Random directions scaled by inverse frequency; a compound starts near the sum of its syllables."""
    rows, frequency = np.load(work / "rows.npy"), np.load(work / "frequency.npy")
    rng = np.random.default_rng(recipe.seed)
    table = rng.standard_normal((int(rows.max()) + 1, recipe.dimension)).astype(np.float32)
    weight = np.zeros(len(table), np.float32)
    weight[rows] = (np.log(np.maximum(frequency, 1e-7)) / np.log(1e-7)) ** 2
    table *= weight[:, None] / np.sqrt(recipe.dimension)
    row_of = {tokenizer.id_to_token(i) or "": int(r) for i, r in enumerate(rows)}
    for piece, row in row_of.items():
        parts = [row_of.get("▁" + p) for p in piece.split("▁")[1:]]
        if len(parts) > 1 and all(p is not None for p in parts):
            table[row] = 0.5 * table[row] + 0.6 * table[[p for p in parts if p is not None]].sum(axis=0)
    table[0] = 0.0
    return table


def contrastive_loss(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """InfoNCE of `(n, n)` logits with the right passages on the diagonal, mostly from question to passage.

    Passages that `same` marks as right too, or as good as right, are no negatives.
    """
    others = same & ~torch.eye(len(same), dtype=torch.bool)
    logits = logits.masked_fill(others, -1e4)
    target = torch.arange(len(logits))
    return 0.75 * functional.cross_entropy(logits, target) + 0.25 * functional.cross_entropy(logits.T, target)


class Trainer:
    """The table, its optimiser and the pairs; one `step` is one batch."""

    def __init__(self, data: Path, work: Path, recipe: Recipe) -> None:
        self.recipe, self.work = recipe, work
        self.tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        self.rows = torch.from_numpy(np.load(work / "rows.npy"))
        self.store = PairStore(work, self.tokenizer, human_questions(data), seed=recipe.seed)
        self.rng = np.random.default_rng(recipe.seed + 1)
        self.table = torch.nn.Parameter(torch.from_numpy(initial_table(self.tokenizer, work, recipe)))
        self.optimiser = torch.optim.Adam(
            [self.table], lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True
        )
        self.done = 0
        self.leads = np.zeros((0, recipe.dimension), np.float16)
        self.leads_at = -LEADS_EVERY

    def embed(self, bags: Bags) -> torch.Tensor:
        """Return unit vectors of the bags."""
        rows = self.rows[torch.from_numpy(bags.tokens)]
        offsets = torch.from_numpy(bags.starts[:-1].copy())
        return functional.normalize(functional.embedding_bag(rows, self.table, offsets, mode="sum"), eps=1e-6)

    def draw(self) -> tuple[Bags, Bags, torch.Tensor]:
        """Draw a batch of one kind; part of the queries, and a few passages, lose their tone marks."""
        recipe, store = self.recipe, self.store
        shares = [recipe.title_share, recipe.lead_share, recipe.cloze_share, recipe.human_share]
        kind = int(self.rng.choice(4, p=np.array(shares) / sum(shares)))
        make = (store.titles, store.leads, store.cloze, store.human)[kind]
        hard = kind == 0 and self.done >= recipe.steps // 8 and self.rng.random() < recipe.hard_share
        queries, passages, labels = store.titles(0, self.similar_stories()) if hard else make(recipe.batch)
        queries = make_toneless(queries, self.rng.random(len(queries)) < recipe.toneless, store.toneless)
        passages = make_toneless(passages, self.rng.random(len(passages)) < 0.05, store.toneless)
        return queries, passages, torch.from_numpy(labels)

    def similar_stories(self) -> NDArray[np.int64]:
        """Return the documents of a batch of neighbourhoods: random stories, the most similar ones with each.

        The leads' vectors are renewed every LEADS_EVERY steps; neighbours are looked for in a random part.
        """
        titled, size = self.store.titled, self.recipe.neighbours
        if self.done >= self.leads_at + LEADS_EVERY:
            parts = []
            with torch.no_grad():
                for documents in np.array_split(titled, max(1, len(titled) // 8192)):
                    first = self.store.documents[documents]
                    parts.append(self.embed(self.store.sentence_bags(first + 1, first + 2)).half().numpy())
            self.leads, self.leads_at = np.concatenate(parts), self.done
        part = self.rng.choice(len(titled), min(20_000, len(titled)), replace=False)
        vectors = torch.from_numpy(self.leads[part]).float()
        seeds = vectors[: max(1, self.recipe.batch // size)]
        near = (seeds @ vectors.T).topk(min(size, len(part)), dim=1).indices.unique().numpy()
        return titled[part[near]]

    def step(self) -> float:
        """Take one step and return its loss."""
        progress = self.done / self.recipe.steps
        warm = min(1.0, (self.done + 1) / 100)
        rate = self.recipe.learning_rate * warm * max(0.02, 0.5 * (1 + math.cos(math.pi * progress)))
        for group in self.optimiser.param_groups:
            group["lr"] = rate  # a plain float: NumPy's would keep the checkpoint from being read again
        queries, passages, labels = self.draw()
        found = self.embed(passages)
        logits = self.embed(queries) @ found.T / self.recipe.temperature
        same = (labels[:, None] == labels[None, :]) | (found.detach() @ found.detach().T > SAME_STORY)
        loss = contrastive_loss(logits, same)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.table.grad is not None:
            self.table.grad[0] = 0.0
        self.optimiser.step()
        self.done += 1
        return float(loss.detach())

    def save(self, file: Path) -> None:
        """Write a checkpoint."""
        state = {"table": self.table.data, "optimiser": self.optimiser.state_dict(), "done": self.done}
        write_checkpoint(state, file)

    def resume(self, file: Path) -> None:
        """Go on from a checkpoint; the pairs drawn from there on are fresh ones."""
        state = torch.load(file, weights_only=True)
        self.table.data.copy_(state["table"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.done = int(state["done"])
        self.rng = np.random.default_rng(self.recipe.seed + 1 + self.done)
        self.store.rng = np.random.default_rng(self.recipe.seed + 2 + self.done)


def train(trainer: Trainer, checkpoint: Path, *, keep_every: int = 250) -> None:
    """Train to the end, from the checkpoint if there is one."""
    if checkpoint.exists():
        trainer.resume(checkpoint)
        logger.info("resumed at step %d", trainer.done)
    start, first, losses = time.perf_counter(), trainer.done, []
    while trainer.done < trainer.recipe.steps:
        losses.append(trainer.step())
        if trainer.done % 50 == 0:
            rate = (trainer.done - first) / (time.perf_counter() - start)
            left = (trainer.recipe.steps - trainer.done) / rate / 60
            loss = np.mean(losses[-50:])
            message = "step %d/%d  loss %.3f  %.2f steps/s  %.1f min left"
            logger.info(message, trainer.done, trainer.recipe.steps, loss, rate, left)
        if trainer.done % keep_every == 0 or trainer.done == trainer.recipe.steps:
            trainer.save(checkpoint)


def turned(table: NDArray[np.float32], weight: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rotate to the principal axes, most variance first: every dot product stays as it is."""
    scaled = table * np.sqrt(weight)[:, None]
    _, axes = np.linalg.eigh((scaled.T @ scaled).astype(np.float64))
    return np.asarray(table @ axes[:, ::-1], np.float32)


def write_model(table: NDArray[np.float32], work: Path, out: Path, *, kept: int) -> None:
    """Step 5: write the folder that SentenceTransformer(path) loads, in model2vec's layout.

    `kept` is the number of dimensions written, at most those of the table.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows, frequency = np.load(work / "rows.npy"), np.load(work / "frequency.npy")
    use = np.bincount(rows, frequency, minlength=len(table))
    best = turned(table, use + 1e-7)[:, :kept]
    tensors = {
        "embeddings": (best / np.abs(best).max()).astype(np.float16),
        "mapping": rows.astype(np.int32),
    }
    save_file(tensors, str(out / "model.safetensors"), metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)
    (out / "tokenizer.json").write_bytes((work / "tokenizer.json").read_bytes())
    kinds = ("StaticEmbedding", "Normalize")
    modules = [
        {"idx": n, "name": str(n), "path": f"{n}_{kind}" if n else "", "type": f"{_MODULES}.{kind}"}
        for n, kind in enumerate(kinds)
    ]
    (out / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", "utf-8")
    settings = {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine"}
    (out / "config_sentence_transformers.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/embedder"))
    parser.add_argument("--smoke", action="store_true", help="a run of seconds, to see that everything works")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--init", type=Path, help="checkpoint with the same vocabulary to start from")
    default = Recipe()
    for name, value in asdict(default).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    given = {name: v for name in asdict(default) if (v := getattr(options, name)) is not None}
    recipe = Recipe(**{**asdict(SMOKE if options.smoke else default), **given})
    data = data_folder(options.data)
    prepare(data, options.work, recipe)
    trainer = Trainer(data, options.work, recipe)
    if options.init is not None:
        trainer.table.data.copy_(torch.load(options.init, weights_only=True)["table"])
    train(trainer, options.work / f"{options.out.name}.checkpoint")
    write_model(trainer.table.detach().numpy(), options.work, options.out, kept=recipe.kept)
    logger.info("written to %s", options.out)


if __name__ == "__main__":
    main()
