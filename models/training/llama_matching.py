"""First weights by hand for the first layer: does this word stand elsewhere in the prompt?

Attention mixes what it finds, and forgets how much it found: that no sentence speaks of what is asked leaves
no trace in a mean. Here each token looks for an equal one, but not at itself, and has the very first token to
look at where there is none. Whether it had to is written down in a direction of its own, so that what a
question has in common with the sentences can be read off its words. All of it is free to change.
"""

from __future__ import annotations

from typing import cast

import torch

from models.training.llama_network import Block, Llama, frequencies

# How strongly an equal token attracts, the first token of the prompt otherwise, and a token itself repels.
_EQUAL, _NONE, _ITSELF = 3.0, 2.0, 0.6


@torch.no_grad()
def teach_matching(model: Llama, *, start: int, seed: int = 0) -> None:
    """Let all heads of the first layer begin so; the layer does nothing else.

    `start` is the prompt's first token. The embeddings must have been set before (see `teach_copying`): they
    share a direction, which is used.
    """
    config, embedding = model.config, model.embedding.weight
    width, head = config.width, config.head_width
    block = cast(Block, model.blocks[0])
    attention = block.attention
    draw = torch.Generator().manual_seed(seed + 7)
    mean = embedding.mean(dim=0)
    shared = mean / mean.norm()
    first = embedding[start] - mean
    first = first / first.norm()
    apart = torch.randn(width, width - 2, generator=draw)
    rows = torch.linalg.qr(torch.cat((shared[:, None], first[:, None], apart), dim=1)).Q.T[2:]
    found = torch.randn(width, generator=draw)
    angles = frequencies(config).tolist()
    slow = [i for i, angle in enumerate(angles) if angle <= 0.005]
    matched = shared - first * (shared @ embedding[start]) / (first @ embedding[start])
    block.down.weight.zero_()
    attention.output.weight.zero_()
    attention.v.weight.mul_(0.5)
    each = min(2 * (len(slow) - 1), len(rows) // config.heads)  # rows of a head: other ones in each
    for number in range(config.heads):
        queries, keys = torch.zeros(head, width), torch.zeros(head, width)
        for place in range(each):
            row = 2 * slow[place // 2] + place % 2
            queries[row] = keys[row] = _EQUAL * rows[number * each + place]
        queries[2 * slow[-1]], keys[2 * slow[-1]] = shared, _NONE * first
        for i, angle in enumerate(angles):
            if angle > 0.05:
                queries[2 * i], keys[2 * i] = -_ITSELF * shared, _ITSELF * shared
        own = slice(number * head, (number + 1) * head)
        attention.q.weight[own], attention.k.weight[own] = queries, keys
        attention.v.weight[number * head] = matched
        attention.output.weight[:, number * head] = 0.05 * found / found.norm()
