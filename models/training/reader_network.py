"""The reader's network in PyTorch, for training only; models/reader_network.py runs it with NumPy.

    syllable vectors ─▶ 2 gated separable convolutions (shared by question and passage) ─▶ attention of each
    passage token over the question ─▶ joined with measured features and a summary of the question ─▶ 6 more
    convolutions with a look at the whole sentence between ─▶ scores of spans, of sentences, and of "not
    answered here"

In the manner of DrQA (Chen et al. 2017) and QANet (Yu et al. 2018), small enough for one CPU core.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.reader_features import QUESTION_FEATURES, SENTENCE_FEATURES, TOKEN_FEATURES
from models.reader_text import KINDS

LONGEST = 40  # tokens of a span
KERNEL = 7


class Block(nn.Module):
    """Normalise, convolve each channel over seven tokens, mix the channels, gate, add."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.convolution = nn.Conv1d(
            width, width, KERNEL, padding=dilation * (KERNEL // 2), dilation=dilation, groups=width
        )
        self.mix = nn.Linear(width, 2 * width)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        inner = self.convolution((self.norm(states) * mask).transpose(1, 2)).transpose(1, 2)
        value, gate = self.mix(inner).chunk(2, dim=-1)
        result: Tensor = states + value * torch.sigmoid(gate)
        return result


@dataclass(frozen=True, slots=True)
class Scores:
    """Logits: spans (B, T, LONGEST) of tokens t..t+k, -1e4 where not allowed; sentences (N,); null (B,)."""

    spans: Tensor
    sentences: Tensor
    null: Tensor


class ReaderNetwork(nn.Module):
    """See the module docstring. `vectors` (V, d) are the syllable vectors to start from."""

    def __init__(self, vectors: Tensor, *, width: int = 96, pair: int = 48, dropout: float = 0.2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vectors.shape[0], vectors.shape[1], padding_idx=0)
        self.embedding.weight.data.copy_(vectors)
        self.embed = nn.Linear(vectors.shape[1], width)
        self.token_in = nn.Linear(TOKEN_FEATURES, width, bias=False)
        self.word_in = nn.Linear(QUESTION_FEATURES, width, bias=False)
        self.shared = nn.ModuleList([Block(width), Block(width)])
        self.key = nn.Linear(width, width, bias=False)
        self.query = nn.Linear(width, width, bias=False)
        self.pool = nn.Linear(width, 1)
        self.summary = nn.Linear(2 * width, width)
        self.join = nn.Linear(4 * width + TOKEN_FEATURES, width)
        self.before = nn.ModuleList([Block(width), Block(width), Block(width)])
        self.look = nn.Linear(2 * width + SENTENCE_FEATURES, width)
        self.after = nn.ModuleList([Block(width, 2), Block(width), Block(width)])
        self.final = nn.LayerNorm(width)
        self.start = nn.Linear(width, 1)
        self.end = nn.Linear(width, 1)
        self.left = nn.Linear(width, pair)
        self.right = nn.Linear(width, pair)
        self.length = nn.Parameter(torch.zeros(len(KINDS), LONGEST))
        self.sentence_hidden = nn.Linear(3 * width + SENTENCE_FEATURES, width)
        self.sentence_out = nn.Linear(width, 1)
        self.null_hidden = nn.Linear(2 * width + SENTENCE_FEATURES, width)
        self.null_out = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        passage: Tensor,
        question: Tensor,
        tokens: Tensor,
        words: Tensor,
        kind: Tensor,
        sentence: Tensor,
        facts: Tensor,
        owner: Tensor,
    ) -> Scores:
        """Score a batch; see models.reader_features.Batch. `owner` (N,) is the pair of each sentence."""
        size = len(passage)
        total = facts.shape[0]
        mask = (sentence < total).unsqueeze(-1).float()
        asked = (question > 0).unsqueeze(-1).float()
        p = self.embed(self.dropout(self.embedding(passage))) + self.token_in(tokens)
        q = self.embed(self.dropout(self.embedding(question))) + self.word_in(words)
        for block in self.shared:
            p = block(p, mask)
            q = block(q, asked)
        p, q = self.dropout(p), self.dropout(q)
        away = (asked.transpose(1, 2) - 1) * 1e4
        scale = p.shape[-1] ** -0.5
        attention = torch.softmax(self.key(p) @ self.query(q).transpose(1, 2) * scale + away, dim=-1)
        seen = attention @ q
        pooled = torch.softmax(self.pool(q) + away.transpose(1, 2), dim=1)
        near = words[:, :, 0:1] + words[:, :, 1:2]
        near = near / (near.sum(1, keepdim=True) + 1e-6)
        u = torch.tanh(self.summary(torch.cat([(pooled * q).sum(1), (near * q).sum(1)], dim=-1))).unsqueeze(1)
        h = self.join(torch.cat([p, seen, p * seen, p * u, tokens], dim=-1)) + u
        h = functional.relu(h)
        for block in self.before:
            h = block(h, mask)
        h = self.dropout(h)
        looked = self.look(torch.cat([self._pool(h, sentence, total), self._with_padding(facts)], dim=-1))
        h = h + functional.relu(looked)[sentence]
        for block in self.after:
            h = block(h, mask)
        h = self.dropout(self.final(h))
        spans = self._spans(h, sentence, total, kind)
        pools = self._pool(h, sentence, total)[:total]
        hidden = functional.relu(self.sentence_hidden(torch.cat([pools, facts, u.squeeze(1)[owner]], dim=-1)))
        sentences = self.sentence_out(hidden).squeeze(-1)
        far = (1 - mask) * -1e4
        whole = torch.cat([(h + far).amax(1), u.squeeze(1), self._best(facts, owner, size)], dim=-1)
        null = self.null_out(functional.relu(self.null_hidden(whole))).squeeze(-1)
        return Scores(spans, sentences, null)

    def _spans(self, h: Tensor, sentence: Tensor, total: int, kind: Tensor) -> Tensor:
        size, width = sentence.shape
        wide = width + LONGEST
        right = functional.pad(self.right(h), (0, 0, 0, LONGEST))
        end = functional.pad(self.end(h).squeeze(-1), (0, LONGEST))
        owner = functional.pad(sentence, (0, LONGEST), value=total)
        # All products of starts and ends at once; of them the band of LONGEST diagonals.
        product = (self.left(h) @ right.transpose(1, 2) * 0.15 + end.unsqueeze(1)).contiguous()
        band = product.as_strided((size, width, LONGEST), (width * wide, wide + 1, 1))
        same = (owner.unsqueeze(1) == sentence.unsqueeze(2)) & (sentence < total).unsqueeze(2)
        allowed = same.contiguous().as_strided((size, width, LONGEST), (width * wide, wide + 1, 1))
        scores = torch.where(allowed, band + self.start(h), torch.full((), -1e4))
        return scores + self.length[kind].unsqueeze(1)

    @staticmethod
    def _pool(h: Tensor, sentence: Tensor, total: int) -> Tensor:
        """Mean and maximum of the states of each sentence: (N + 1, 2 * width), the last row for padding."""
        flat = h.reshape(-1, h.shape[-1])
        index = sentence.reshape(-1)
        count = torch.zeros(total + 1, 1).index_add_(0, index, torch.ones(len(index), 1)).clamp(min=1)
        mean = torch.zeros(total + 1, h.shape[-1]).index_add(0, index, flat) / count
        top = torch.full((total + 1, h.shape[-1]), -1e4).scatter_reduce(
            0, index.unsqueeze(1).expand_as(flat), flat, "amax"
        )
        return torch.cat([mean, top.clamp(min=-50)], dim=-1)

    @staticmethod
    def _with_padding(facts: Tensor) -> Tensor:
        return functional.pad(facts, (0, 0, 0, 1))

    @staticmethod
    def _best(facts: Tensor, owner: Tensor, size: int) -> Tensor:
        return torch.full((size, facts.shape[1]), -1.0).scatter_reduce(
            0, owner.unsqueeze(1).expand_as(facts), facts, "amax"
        )
