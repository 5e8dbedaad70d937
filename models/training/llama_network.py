"""A small llama in torch, tensor for tensor what llama.cpp runs, and a start that already knows how to copy.

Rotary embeddings are interleaved (pairs 2i, 2i+1), as llama.cpp computes them for this architecture, so the
weights go into a GGUF file as they are. This module knows no text.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.tiny_llama import TinyConfig


class Attention(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        kv_width = config.kv_heads * config.head_width
        self.config = config
        self.q = nn.Linear(config.width, config.width, bias=False)
        self.k = nn.Linear(config.width, kv_width, bias=False)
        self.v = nn.Linear(config.width, kv_width, bias=False)
        self.output = nn.Linear(config.width, config.width, bias=False)

    def forward(self, states: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, width = states.shape
        shape = (batch, length, -1, self.config.head_width)
        q, k, v = (layer(states).view(shape).transpose(1, 2) for layer in (self.q, self.k, self.v))
        q, k = rotate(q, cosine, sine), rotate(k, cosine, sine)
        repeat = self.config.heads // self.config.kv_heads
        if repeat > 1:
            k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
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

    def forward(self, states: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor | None) -> Tensor:
        states = states + self.attention(self.attn_norm(states), cosine, sine, mask)
        normed = self.ffn_norm(states)
        result: Tensor = states + self.down(functional.silu(self.gate(normed)) * self.up(normed))
        return result


class Llama(nn.Module):
    """A llama; with `tied` one matrix serves as embedding and for the output."""

    def __init__(self, config: TinyConfig, vocabulary_size: int, *, tied: bool = True) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(vocabulary_size, config.width)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.output = None if tied else nn.Linear(config.width, vocabulary_size, bias=False)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width, eps=1e-5)
        angles = torch.outer(torch.arange(config.context).float(), frequencies(config))
        self.register_buffer("cosine", angles.cos(), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)

    def states(self, tokens: Tensor, positions: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Return the last states (batch, length, width), normed, for token ids (batch, length).

        `positions` (batch, length) count from 0, by default along the row. `mask` (batch, length, length) is
        True where a token (second axis) may see another (third); by default all before it and itself.
        """
        states = self.embedding(tokens)
        cosine, sine = self.get_buffer("cosine"), self.get_buffer("sine")
        if positions is None:
            cosine, sine = cosine[: tokens.shape[1]], sine[: tokens.shape[1]]
        else:
            cosine, sine = cosine[positions][:, None], sine[positions][:, None]
        for block in self.blocks:
            states = block(states, cosine, sine, None if mask is None else mask[:, None])
        result: Tensor = self.norm(states)
        return result

    def logits(self, states: Tensor) -> Tensor:
        """Return logits (…, vocabulary) for states (…, width)."""
        matrix = self.embedding.weight if self.output is None else self.output.weight
        return functional.linear(states, matrix)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits (batch, length, vocabulary) for token ids (batch, length)."""
        return self.logits(self.states(tokens))

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the weights by llama.cpp tensor name."""
        names = {"embedding.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}
        if self.output is not None:
            names["output.weight"] = "output.weight"
        for layer in range(self.config.layers):
            for ours, theirs in (
                ("attn_norm", "attn_norm"), ("attention.q", "attn_q"), ("attention.k", "attn_k"),
                ("attention.v", "attn_v"), ("attention.output", "attn_output"), ("ffn_norm", "ffn_norm"),
                ("gate", "ffn_gate"), ("up", "ffn_up"), ("down", "ffn_down"),
            ):  # fmt: skip
                names[f"blocks.{layer}.{ours}.weight"] = f"blk.{layer}.{theirs}.weight"
        state = self.state_dict()
        return {theirs: state[ours].numpy().astype(np.float32) for ours, theirs in names.items()}


def frequencies(config: TinyConfig) -> Tensor:
    """Return the angle per position of each pair of a head, the fastest first."""
    pairs = torch.arange(0, config.head_width, 2).float() / config.head_width
    return config.rope_base**-pairs


@torch.no_grad()
def teach_copying(
    model: Llama, vectors: npt.NDArray[np.float32] | None = None, *, first: int = 0, seed: int = 0
) -> None:
    """Set the first weights so that heads for copying exist before training does anything.

    Copying needs two steps that gradient descent finds late (induction heads, 2209.11895): a head that
    brings each token the one before it, and heads in later layers that look for the place whose token before
    is the current one, and bring what stands there. Here the first head of layer `first` and three heads
    of the next begin as just that; in the next two layers one does, weakly, and two look for the same
    token. All of it is free to change. `vectors` (vocabulary, width), unit rows, are mixed into the random
    embeddings, so that like words begin alike.
    """
    config = model.config
    width, head = config.width, config.head_width
    if config.kv_heads != config.heads or config.heads < 4:
        raise ValueError("copying heads need at least four heads, each with keys of its own")
    draw = torch.Generator().manual_seed(seed)
    fast = [i for i, angle in enumerate(frequencies(config).tolist()) if angle > 0.01]
    slow = [i for i, angle in enumerate(frequencies(config).tolist()) if angle <= 0.005]
    slow_rows = [row for i in slow for row in (2 * i, 2 * i + 1)]

    embedding = torch.randn(model.embedding.weight.shape, generator=draw) / math.sqrt(width)
    if vectors is not None:
        embedding = 0.7 * embedding + 0.7 * torch.from_numpy(vectors)
    constant = torch.zeros(width)
    constant[0] = 1.0  # a direction that every token shares: what "the token before, whichever" is asked by
    embedding[:, 0] = 0.5
    model.embedding.weight.copy_(embedding)

    def orthogonal() -> Tensor:
        rows = torch.linalg.qr(torch.randn(width, width, generator=draw)).Q
        rows[:, 0] = 0.0
        return rows[:head]

    blocks = [cast(Block, block) for block in model.blocks]
    for block in blocks:  # all that is random begins quietly
        block.attention.output.weight.mul_(0.2)
        block.down.weight.mul_(0.2)
    # What a copying head brings is turned, and only the output matrix turns it back: the token that stands
    # there already does not count as a prediction of itself.
    turn = torch.eye(width)
    if model.output is not None:
        turn = torch.linalg.qr(torch.randn(width, width, generator=draw)).Q
        model.output.weight.copy_(embedding @ turn.T)
    read, write = orthogonal(), orthogonal()
    earliest = blocks[first].attention
    earliest.q.weight[:head] = 0.0
    earliest.k.weight[:head] = 0.0
    for i in fast:
        angle = frequencies(config)[i]
        earliest.k.weight[2 * i] = 2.0 * constant
        earliest.q.weight[2 * i] = 2.0 * angle.cos() * constant
        earliest.q.weight[2 * i + 1] = -2.0 * angle.sin() * constant
    earliest.v.weight[:head] = read
    earliest.output.weight[:, :head] = 0.2 * write.T
    for layer, block in enumerate(blocks[first + 1 : first + 4]):
        attention = block.attention
        values = torch.linalg.qr(torch.randn(width, width, generator=draw)).Q
        values[:, 0] = 0.0
        for number in range(3):
            rows = slice(number * head, (number + 1) * head)
            q, k = torch.zeros(head, width), torch.zeros(head, width)
            if layer == 0 or number == 0:  # looks for the token after an equal one
                q[slow_rows], k[slow_rows] = 2.0 * read[: len(slow_rows)], 2.0 * write[: len(slow_rows)]
            else:  # looks for an equal token
                same = orthogonal()
                q[slow_rows], k[slow_rows] = same[: len(slow_rows)], same[: len(slow_rows)]
            noise = 0.01
            attention.q.weight[rows] = q + noise * torch.randn(q.shape, generator=draw)
            attention.k.weight[rows] = k + noise * torch.randn(k.shape, generator=draw)
            attention.v.weight[rows] = values[rows]
            strength = 0.4 if layer == 0 else 0.05
            attention.output.weight[:, rows] = strength * turn @ values[rows].T
