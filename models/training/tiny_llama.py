"""Builds small llama-architecture GGUF files that the real llama.cpp loads: for tests and experiments.

The file layout is the public GGUF v3 (written by the `gguf` package); tensor names and shapes are those of
llama.cpp's `llama` architecture. Rotary embeddings are interleaved ("norm"), as llama.cpp computes them for
this architecture, so weights trained with `copy_llama.py` need no permutation.

This module knows no article and no question: it turns a vocabulary and arrays into a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


class Store(Enum):
    """How matrices are kept in a file."""

    F32 = auto()
    F16 = auto()
    Q8_0 = auto()


Weights = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class TinyConfig:
    """Shape of a small llama. `width` must be a multiple of `heads`, and `heads` of `kv_heads`."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    hidden: int = 128
    context: int = 1024
    rope_base: float = 10000.0

    @property
    def head_width(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Tokens of a model: `kind` is "gpt2" (byte-level BPE, `merges`) or "llama" (pieces, `scores`)."""

    kind: str
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    bos: int = 0
    eos: int = 2
    unknown: int | None = None


def train_bpe(texts: Iterable[str], *, size: int) -> str:
    """Train a byte-level BPE of `size` tokens; `SPECIAL` come first, digits stay single. Returns its JSON."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\d"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return str(tokenizer.to_str())


def bpe_vocabulary(texts: Iterable[str], *, size: int = 600) -> Vocabulary:
    """Train a byte-level BPE of `size` tokens on `texts` and return it as a vocabulary."""
    return bpe_from_json(train_bpe(texts, size=size))


def bpe_from_json(text: str) -> Vocabulary:
    """Return the vocabulary of a byte-level BPE saved by the `tokenizers` package (its JSON)."""
    import json

    model = json.loads(text)["model"]
    tokens = tuple(sorted(model["vocab"], key=model["vocab"].__getitem__))
    control, normal = int(gguf.TokenType.CONTROL), int(gguf.TokenType.NORMAL)
    merges = tuple(merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"])
    types = tuple(control if token in SPECIAL else normal for token in tokens)
    return Vocabulary("gpt2", tokens, types, merges=merges, bos=0, eos=tokens.index("<|im_end|>"))


def piece_vocabulary(texts: Iterable[str], *, size: int = 500) -> Vocabulary:
    """Return a SentencePiece-like vocabulary: control and byte tokens, characters, word beginnings."""
    counts: Counter[str] = Counter()
    for text in texts:
        for word in text.split():
            for end in range(1, min(len(word), 6) + 1):
                counts["▁" + word[:end]] += 1
            counts.update(word)
    control, byte, normal = int(gguf.TokenType.CONTROL), int(gguf.TokenType.BYTE), int(gguf.TokenType.NORMAL)
    names = ["<unk>", "<s>", "</s>", *SPECIAL[1:], *(f"<0x{value:02X}>" for value in range(256)), "▁"]
    types = [int(gguf.TokenType.UNKNOWN), *[control] * 4, *[byte] * 256, normal]
    scores = [0.0] * len(names)
    pieces = sorted(counts, key=lambda piece: (-counts[piece], piece))[: size - len(names)]
    names += pieces
    types += [normal] * len(pieces)
    scores += [-float(rank + 1) for rank in range(len(pieces))]
    return Vocabulary("llama", tuple(names), tuple(types), scores=tuple(scores), bos=1, eos=2, unknown=0)


def random_weights(config: TinyConfig, vocabulary_size: int, *, seed: int = 0) -> Weights:
    """Return untrained weights by tensor name: normal with standard deviation 0.1, norms at 1."""
    draw = np.random.default_rng(seed)

    def normal(*shape: int) -> npt.NDArray[np.float32]:
        return (draw.standard_normal(shape) * 0.1).astype(np.float32)

    kv_width = config.kv_heads * config.head_width
    ones = np.ones(config.width, dtype=np.float32)
    weights = {"token_embd.weight": normal(vocabulary_size, config.width), "output_norm.weight": ones}
    weights["output.weight"] = normal(vocabulary_size, config.width)
    for layer in range(config.layers):
        prefix = f"blk.{layer}."
        weights[prefix + "attn_norm.weight"] = ones
        weights[prefix + "attn_q.weight"] = normal(config.width, config.width)
        weights[prefix + "attn_k.weight"] = normal(kv_width, config.width)
        weights[prefix + "attn_v.weight"] = normal(kv_width, config.width)
        weights[prefix + "attn_output.weight"] = normal(config.width, config.width)
        weights[prefix + "ffn_norm.weight"] = ones
        weights[prefix + "ffn_gate.weight"] = normal(config.hidden, config.width)
        weights[prefix + "ffn_up.weight"] = normal(config.hidden, config.width)
        weights[prefix + "ffn_down.weight"] = normal(config.width, config.hidden)
    return weights


def write_gguf(
    path: str | Path,
    config: TinyConfig,
    vocabulary: Vocabulary,
    weights: Weights,
    *,
    chat_template: str | None = CHATML,
    name: str = "tiny",
    store: Store = Store.F32,
) -> Path:
    """Write one GGUF file and return its path.

    `weights` are float32 by llama.cpp tensor name, matrices as (out, in); `store` says how the matrices are
    kept (for Q8_0 their rows are multiples of 32). `chat_template` None leaves the template out.
    """
    path = Path(path)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(name)
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.width)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(config.head_width)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_vocab_size(len(vocabulary.tokens))
    writer.add_tokenizer_model(vocabulary.kind)
    writer.add_token_list(list(vocabulary.tokens))
    writer.add_token_types(list(vocabulary.types))
    if vocabulary.kind == "gpt2":
        # The pre-tokenizer that splits every digit off, as the vocabulary was trained.
        writer.add_tokenizer_pre("refact")
        writer.add_token_merges(list(vocabulary.merges))
    else:
        writer.add_token_scores(list(vocabulary.scores))
        writer.add_add_space_prefix(False)
    writer.add_bos_token_id(vocabulary.bos)
    writer.add_eos_token_id(vocabulary.eos)
    if vocabulary.unknown is not None:
        writer.add_unk_token_id(vocabulary.unknown)
    writer.add_add_bos_token(False)
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    for tensor_name, tensor in weights.items():
        if tensor.ndim != 2 or store is Store.F32:
            writer.add_tensor(tensor_name, tensor)
        elif store is Store.F16:
            writer.add_tensor(tensor_name, tensor.astype(np.float16))
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(tensor_name, gguf.quants.quantize(tensor, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
