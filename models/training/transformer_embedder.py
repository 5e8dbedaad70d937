"""Train the transformer candidate: a few layers of attention over the static embedder's token vectors.

    python -m models.training.transformer_embedder --static models/weights/hoibao-static-vi --out FOLDER

1. token store   as for the static embedder, with its tokenizer (embedder.py, kept in --work)
2. start         a ModernBERT encoder (Warner 2024, arXiv:2412.13663) whose tokens are the static vectors and
                 whose layers add nothing yet; a weight for each token is the length of its static vector, so
                 that the mean of the tokens is the static embedder's vector to begin with
3. pretraining   masked tokens are told from their neighbours, among the tokens of the batch
4. pairs         InfoNCE over the same pairs as the static embedder
5. folder        Transformer, WordWeights, Pooling, Normalize, as sentence-transformers loads them

Token vectors stay as they are; layers and weights are learned. Training resumes from its checkpoint in
--work; `--smoke` is a run of seconds.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from transformers import ModernBertConfig, ModernBertModel, PreTrainedTokenizerFast

from models.training.checkpoint import write_checkpoint
from models.training.corpus import data_folder
from models.training.embedder import SMOKE, Recipe, contrastive_loss, human_questions, prepare
from models.training.token_store import Bags, PairStore, make_toneless

logger = logging.getLogger(__name__)
_CHECKPOINT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """All numbers of a run; `masked_minutes` and `pair_minutes` are processor time of one thread."""

    layers: int = 4
    heads: int = 6
    hidden: int = 512
    longest: int = 128
    masked_minutes: float = 8.0
    pair_minutes: float = 30.0
    masked_batch: int = 48
    batch: int = 160
    rate: float = 5e-4
    temperature: float = 0.05
    toneless: float = 0.3
    seed: int = 21


class Candidate(torch.nn.Module):
    """The encoder, the weights of tokens, and the vector that stands for a masked one."""

    def __init__(self, vectors: Tensor, plan: Plan) -> None:
        super().__init__()
        lengths = vectors.norm(dim=1)
        width = vectors.shape[1]
        config = ModernBertConfig(
            vocab_size=len(vectors), hidden_size=width, num_hidden_layers=plan.layers,
            num_attention_heads=plan.heads, intermediate_size=plan.hidden, max_position_embeddings=512,
            pad_token_id=0, bos_token_id=0, eos_token_id=0, cls_token_id=0, sep_token_id=0,
        )  # fmt: skip
        self.encoder = ModernBertModel(config)
        with torch.no_grad():
            scale = width**0.5 / lengths.clamp_min(1e-6)  # what the first normalisation would do
            self.encoder.embeddings.tok_embeddings.weight.copy_(vectors * scale[:, None])
            for name, parameter in self.encoder.named_parameters():
                if name.endswith("Wo.weight"):  # nothing is added to the token vectors yet
                    parameter.zero_()
        self.encoder.embeddings.tok_embeddings.weight.requires_grad_(False)
        self.weights = torch.nn.Embedding.from_pretrained(lengths[:, None].clone(), freeze=False)
        self.mask = torch.nn.Parameter(torch.zeros(width))

    def tokens(self, ids: Tensor, held: Tensor, masked: Tensor | None = None) -> Tensor:
        """Return `(n, t, d)` states of `(n, t)` token ids; `held` marks real tokens, `masked` hidden ones."""
        vectors = self.encoder.embeddings.tok_embeddings(ids)
        if masked is not None:
            vectors = torch.where(masked[:, :, None], self.mask, vectors)
        states: Tensor = self.encoder(inputs_embeds=vectors, attention_mask=held.long()).last_hidden_state
        return states

    def embed(self, ids: Tensor, held: Tensor) -> Tensor:
        """Return `(n, d)` unit vectors."""
        weight = self.weights(ids) * held[:, :, None]
        return functional.normalize((self.tokens(ids, held) * weight).sum(dim=1), eps=1e-6)


def padded(bags: Bags, longest: int) -> tuple[Tensor, Tensor]:
    """Return the bags as `(n, t)` token ids and a mask of what is there, each cut at `longest` tokens."""
    lengths = np.minimum(np.diff(bags.starts), longest)
    held = np.arange(max(1, lengths.max(initial=1))) < np.maximum(lengths, 1)[:, None]
    ids = np.zeros(held.shape, np.int64)
    places = np.arange(held.shape[1]) + bags.starts[:-1, None]
    inside = held & (lengths[:, None] > 0)
    ids[inside] = bags.tokens[places[inside]]
    return torch.from_numpy(ids), torch.from_numpy(held)


class Trainer:
    """The candidate, its optimiser and the pairs."""

    def __init__(self, data: Path, work: Path, static: Path, plan: Plan) -> None:
        self.plan = plan
        torch.manual_seed(plan.seed)
        tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        self.store = PairStore(work, tokenizer, human_questions(data), seed=plan.seed)
        self.rng = np.random.default_rng(plan.seed + 1)
        tensors = load_file(static / "model.safetensors")
        vectors = tensors["embeddings"].astype(np.float32)[tensors["mapping"]]
        self.model = Candidate(torch.from_numpy(vectors), plan)
        learned = [p for p in self.model.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(learned, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.spent = 0.0  # minutes of processor time

    def masked_loss(self) -> Tensor:
        """Loss of telling masked tokens of passages, among all tokens of the batch."""
        _, passages, _ = self.store.cloze(self.plan.masked_batch)
        ids, held = padded(passages, self.plan.longest)
        masked = held & torch.from_numpy(self.rng.random(ids.shape) < 0.2)
        states = self.model.tokens(ids, held, masked)[masked]
        among, target = ids[held].unique(return_inverse=True)
        place = torch.zeros_like(ids)
        place[held] = target
        table = self.model.encoder.embeddings.tok_embeddings(among)
        logits = functional.normalize(states, dim=1) @ functional.normalize(table, dim=1).T / 0.07
        return functional.cross_entropy(logits, place[masked])

    def pair_loss(self) -> Tensor:
        """InfoNCE of one batch of pairs."""
        store, plan = self.store, self.plan
        kind = int(self.rng.choice(4, p=(0.35, 0.10, 0.40, 0.15)))
        queries, passages, labels = (store.titles, store.leads, store.cloze, store.human)[kind](plan.batch)
        queries = make_toneless(queries, self.rng.random(len(queries)) < plan.toneless, store.toneless)
        found = self.model.embed(*padded(passages, plan.longest))
        logits = self.model.embed(*padded(queries, 64)) @ found.T / plan.temperature
        return contrastive_loss(logits, torch.from_numpy(labels[:, None] == labels[None, :]))

    def step(self) -> float:
        """Take one step of the stage that the time spent is in; return its loss."""
        masked = self.spent < self.plan.masked_minutes
        begin = 0.0 if masked else self.plan.masked_minutes
        share = (self.spent - begin) / (self.plan.masked_minutes if masked else self.plan.pair_minutes)
        warm = min(1.0, share / 0.05 + 0.05)
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * warm * max(0.02, 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))
        started = time.process_time()
        loss = self.masked_loss() if masked else self.pair_loss()
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.spent += (time.process_time() - started) / 60
        return float(loss.detach())

    def save(self, file: Path) -> None:
        """Write a checkpoint."""
        state = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        write_checkpoint({**state, "spent": self.spent}, file)

    def resume(self, file: Path) -> None:
        """Go on from a checkpoint; the pairs drawn from there on are fresh ones."""
        state = torch.load(file, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.spent = float(state["spent"])
        self.rng = np.random.default_rng([self.plan.seed, int(self.spent * 60)])
        self.store.rng = np.random.default_rng([self.plan.seed, int(self.spent * 60), 1])


def train(trainer: Trainer, checkpoint: Path) -> None:
    """Train to the end, from the checkpoint if there is one."""
    if checkpoint.exists():
        trainer.resume(checkpoint)
        logger.info("resumed after %.1f minutes", trainer.spent)
    plan, losses, saved, steps = trainer.plan, list[float](), time.monotonic(), 0
    while trainer.spent < plan.masked_minutes + plan.pair_minutes:
        losses.append(trainer.step())
        steps += 1
        if steps % 25 == 0:
            message = "step %d  %.1f of %.1f minutes  loss %.3f"
            total = plan.masked_minutes + plan.pair_minutes
            logger.info(message, steps, trainer.spent, total, np.mean(losses[-25:]))
        if time.monotonic() - saved > _CHECKPOINT_SECONDS:
            trainer.save(checkpoint)
            saved = time.monotonic()
    trainer.save(checkpoint)


def write_model(model: Candidate, tokenizer_file: Path, out: Path) -> None:
    """Write the folder that SentenceTransformer(path) loads, in float16."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    fast = PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer_file), pad_token="<unk>", unk_token="<unk>", model_max_length=256
    )
    vocabulary = sorted(fast.get_vocab(), key=fast.get_vocab().__getitem__)
    weights = model.weights.weight.detach().squeeze(1).tolist()
    with tempfile.TemporaryDirectory() as core:
        model.encoder.half().save_pretrained(core)
        fast.save_pretrained(core)
        parts = [
            modules.Transformer(core),
            modules.WordWeights(vocabulary, dict(zip(vocabulary, weights, strict=True))),
            modules.Pooling(model.mask.shape[0]),
            modules.Normalize(),
        ]
        SentenceTransformer(modules=parts, device="cpu").save(str(out))


def main(arguments: list[str] | None = None) -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data")
    parser.add_argument("--static", type=Path, required=True, help="folder of the static embedder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/transformer"))
    parser.add_argument("--smoke", action="store_true", help="a run of seconds, to see that everything works")
    parser.add_argument("--threads", type=int, default=1)
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    smoke = {"layers": 1, "hidden": 16, "masked_minutes": 0.02, "pair_minutes": 0.03, "heads": 2}
    given = {name: v for name in asdict(Plan()) if (v := getattr(options, name)) is not None}
    plan = Plan(**{**(smoke if options.smoke else {}), **given})
    options.work.mkdir(parents=True, exist_ok=True)
    wanted, there = options.static / "tokenizer.json", options.work / "tokenizer.json"
    if not there.exists():
        there.write_bytes(wanted.read_bytes())
    elif json.loads(there.read_text("utf-8")) != json.loads(wanted.read_text("utf-8")):
        parser.error(f"{there} is not the tokenizer of {options.static}: pass another --work")
    data = data_folder(options.data)
    prepare(data, options.work, replace(SMOKE, every=400) if options.smoke else Recipe())
    trainer = Trainer(data, options.work, options.static, plan)
    train(trainer, options.work / f"{options.out.name}.checkpoint")
    write_model(trainer.model, there, options.out)
    logger.info("written to %s", options.out)


if __name__ == "__main__":
    main()
