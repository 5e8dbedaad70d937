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

import torch
from torch import Tensor
from torch.nn import functional

from models.training.llama_network import Llama
from models.training.tiny_llama import SPECIAL, Store, TinyConfig, bpe_from_json, train_bpe, write_gguf

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


def chat_text(example: Example, system: str) -> str:
    """Return the prompt as the chat template renders it."""
    head = f"<|im_start|>system\n{system}<|im_end|>\n" if system else ""
    return f"{head}<|im_start|>user\n{example.user}<|im_end|>\n<|im_start|>assistant\n"


def train_tokenizer(system: str, *, size: int) -> str:
    """Train the byte-level BPE on drawn examples; return it as the JSON of the `tokenizers` package."""
    draw = random.Random(7)
    examples = (draw_example(draw, sentences=4) for _ in range(3000))
    return train_bpe((system + text for one in examples for text in (one.user, one.answer)), size=size)


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
    model = Llama(config, len(vocabulary.tokens))
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
    return write_gguf(path, config, vocabulary, model.weights(), name="copy", store=Store.F16)


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
