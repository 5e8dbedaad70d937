"""Trains a very small llama that answers by quoting: the model on which quoting is tested.

    python -m models.training.copy_llama copy.gguf --minutes 10 --system-file rules.txt

Every example is drawn anew: invented sentences about invented wards, numbered as in a prompt, a question
about one of them, and as the answer that sentence between quotation marks with its marker. Nothing is read
but the optional system text. The model learns to find and copy, and now and then copies a digit or a
name wrongly: exactly what constrained decoding has to rule out. It answers no real question.
"""

from __future__ import annotations

import argparse
import logging
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.tiny_llama import SPECIAL, TinyConfig, bpe_from_json, write_gguf

logger = logging.getLogger(__name__)

SYLLABLES = (
    "An Bình Cẩm Châu Đại Đông Đức Gia Giang Hà Hải Hậu Hiệp Hòa Hồng Hưng Hương Khánh Kim Lạc Lâm Liên Lộc "
    "Long "
    "Mai Minh Mỹ Nam Nghĩa Ngọc Nhân Ninh Phong Phú Phúc Phước Quang Quý Sơn Tân Tây Thạch Thanh Thành Thịnh "
    "Thọ Thuận Thủy Tiên Trung Trường Tuấn Tùng Vân Viên Việt Vĩnh Xuân Yên"
).split()
SUBJECTS = (
    ("Phường {name} có {number} đảng viên.", "Phường {name} có bao nhiêu đảng viên?"),
    ("Phường {name} có {number} chi bộ trực thuộc.", "Phường {name} có bao nhiêu chi bộ?"),
    ("Dân số xã {name} là {number} người.", "Xã {name} có bao nhiêu người?"),
    ("Diện tích tự nhiên của xã {name} là {number} ha.", "Xã {name} rộng bao nhiêu?"),
    ("Ngày {day}, xã {name} tổ chức đại hội.", "Xã {name} tổ chức đại hội ngày nào?"),
    ("Ông {name} được bầu làm Bí thư ngày {day}.", "Ông {name} được bầu làm Bí thư khi nào?"),
    ("Bà {name} là Chủ tịch phường {other}.", "Bà {name} là ai?"),
    ("Thu ngân sách phường {name} đạt {number} tỷ đồng.", "Phường {name} thu ngân sách bao nhiêu?"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question over numbered sentences and the right answer: one sentence in quotes with its marker."""

    sentences: tuple[str, ...]
    question: str
    answer: str

    @property
    def user(self) -> str:
        """The user message, in the form of a prompt."""
        lines = "\n".join(f"[{number}] {text}" for number, text in enumerate(self.sentences, 1))
        return f"Nguồn:\n=====\nBài: Tin địa phương\n{lines}\n=====\nCâu hỏi: {self.question}"


def draw_example(draw: random.Random, *, sentences: int) -> Example:
    """Draw `sentences` invented sentences and ask for one of them."""
    texts, questions = [], []
    for _ in range(sentences):
        statement, question = draw.choice(SUBJECTS)
        name = " ".join(draw.sample(SYLLABLES, 2))
        other = " ".join(draw.sample(SYLLABLES, 2))
        number = draw.choice(
            (
                f"{draw.randint(10, 999)}",
                f"{draw.randint(1, 99)}.{draw.randint(0, 999):03d}",
                f"{draw.random() * 99:.2f}",
            )
        ).replace("." if draw.random() < 0.2 else "\0", ",")
        day = f"{draw.randint(1, 28)}/{draw.randint(1, 12)}/{draw.randint(2019, 2026)}"
        texts.append(statement.format(name=name, number=number, day=day, other=other))
        questions.append(question.format(name=name))
    wanted = draw.randrange(sentences)
    return Example(tuple(texts), questions[wanted], f"“{texts[wanted]}” [{wanted + 1}]")


class Attention(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        kv_width = config.kv_heads * config.head_width
        self.config = config
        self.q = nn.Linear(config.width, config.width, bias=False)
        self.k = nn.Linear(config.width, kv_width, bias=False)
        self.v = nn.Linear(config.width, kv_width, bias=False)
        self.output = nn.Linear(config.width, config.width, bias=False)

    def forward(self, states: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        batch, length, width = states.shape
        shape = (batch, length, -1, self.config.head_width)
        q, k, v = (layer(states).view(shape).transpose(1, 2) for layer in (self.q, self.k, self.v))
        q, k = rotate(q, cosine, sine), rotate(k, cosine, sine)
        repeat = self.config.heads // self.config.kv_heads
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        result: Tensor = self.output(mixed.transpose(1, 2).reshape(batch, length, width))
        return result


def rotate(states: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotate pairs (2i, 2i+1) of each head, as llama.cpp does for this architecture (RoPE, 2104.09864)."""
    even, odd = states[..., 0::2], states[..., 1::2]
    pairs = torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1)
    return pairs.flatten(-2)


class Block(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.attn_norm = nn.RMSNorm(config.width, eps=1e-5)
        self.attention = Attention(config)
        self.ffn_norm = nn.RMSNorm(config.width, eps=1e-5)
        self.gate = nn.Linear(config.width, config.hidden, bias=False)
        self.up = nn.Linear(config.width, config.hidden, bias=False)
        self.down = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, states: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        states = states + self.attention(self.attn_norm(states), cosine, sine)
        normed = self.ffn_norm(states)
        result: Tensor = states + self.down(functional.silu(self.gate(normed)) * self.up(normed))
        return result


class CopyLlama(nn.Module):
    """A llama with tied embeddings."""

    def __init__(self, config: TinyConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(vocabulary_size, config.width)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width, eps=1e-5)
        pairs = torch.arange(0, config.head_width, 2).float() / config.head_width
        angles = torch.outer(torch.arange(config.context).float(), config.rope_base**-pairs)
        self.register_buffer("cosine", angles.cos())
        self.register_buffer("sine", angles.sin())

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits (batch, length, vocabulary) for token ids (batch, length)."""
        states = self.embedding(tokens)
        cosine, sine = self.get_buffer("cosine"), self.get_buffer("sine")
        for block in self.blocks:
            states = block(states, cosine[: tokens.shape[1]], sine[: tokens.shape[1]])
        return functional.linear(self.norm(states), self.embedding.weight)

    def weights(self) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
        """Return the weights by llama.cpp tensor name."""
        names = {"embedding.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}
        for layer in range(self.config.layers):
            for ours, theirs in (
                ("attn_norm", "attn_norm"), ("attention.q", "attn_q"), ("attention.k", "attn_k"),
                ("attention.v", "attn_v"), ("attention.output", "attn_output"), ("ffn_norm", "ffn_norm"),
                ("gate", "ffn_gate"), ("up", "ffn_up"), ("down", "ffn_down"),
            ):  # fmt: skip
                names[f"blocks.{layer}.{ours}.weight"] = f"blk.{layer}.{theirs}.weight"
        state = self.state_dict()
        return {theirs: state[ours].numpy().astype(np.float32) for ours, theirs in names.items()}


def chat_text(example: Example, system: str) -> str:
    """Return the prompt as the chat template renders it."""
    head = f"<|im_start|>system\n{system}<|im_end|>\n" if system else ""
    return f"{head}<|im_start|>user\n{example.user}<|im_end|>\n<|im_start|>assistant\n"


def train_tokenizer(system: str, *, size: int) -> str:
    """Train the byte-level BPE on drawn examples; return it as the JSON of the `tokenizers` package."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    draw = random.Random(7)
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(r"\d"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    examples = (draw_example(draw, sentences=4) for _ in range(3000))
    tokenizer.train_from_iterator(
        (system + text for one in examples for text in (one.user, one.answer)), trainer
    )
    return str(tokenizer.to_str())


def batches(tokenizer_json: str, system: str, *, size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield token ids and targets (batch, length), targets -100 outside the answer; examples grow longer."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(tokenizer_json)
    draw = random.Random(seed)
    end = SPECIAL.index("<|im_end|>")
    count = 0
    while True:
        most = 2 + min(count // 300, 4)
        rules = system if count > 600 and count % 2 else ""
        rows = []
        for _ in range(size):
            example = draw_example(draw, sentences=draw.randint(min(2, most), most))
            prompt = tokenizer.encode(chat_text(example, rules)).ids
            answer = [*tokenizer.encode(example.answer).ids, end]
            rows.append((prompt, answer))
        longest = max(len(prompt) + len(answer) for prompt, answer in rows)
        tokens = torch.zeros(size, longest, dtype=torch.long)
        targets = torch.full((size, longest), -100)
        for row, (prompt, answer) in enumerate(rows):
            whole = torch.tensor(prompt + answer)
            tokens[row, : len(whole)] = whole
            targets[row, len(prompt) - 1 : len(whole) - 1] = whole[len(prompt) :]
        count += 1
        yield tokens, targets


def train(path: Path, *, system: str = "", minutes: float = 10, config: TinyConfig | None = None) -> Path:
    """Train for `minutes` on one core and write the model to `path` (float16)."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    config = config or TinyConfig(width=128, layers=3, heads=4, kv_heads=4, hidden=256, context=2048)
    tokenizer = train_tokenizer(system, size=900)
    vocabulary = bpe_from_json(tokenizer)
    model = CopyLlama(config, len(vocabulary.tokens))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.01)
    started = time.monotonic()
    for step, (tokens, targets) in enumerate(batches(tokenizer, system, size=24, seed=3)):
        spent = (time.monotonic() - started) / (60 * minutes)
        if spent >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * min(1.0, (step + 1) / 100) * min(1.0, 1.05 - spent)
        loss = functional.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            logger.info("step %d, %.0f s, loss %.3f", step, time.monotonic() - started, loss.item())
    return write_gguf(path, config, vocabulary, model.weights(), name="copy", half=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the small copying model.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--system-file", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    system = options.system_file.read_text("utf-8").strip() if options.system_file else ""
    train(options.path, system=system, minutes=options.minutes)


if __name__ == "__main__":
    main()
