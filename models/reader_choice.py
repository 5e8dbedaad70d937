"""Which sentence of a passage answers: the network's word on sentences and on spans, and plain overlaps.

The network scores sentences and spans with heads of their own that often disagree, and learns from few
articles by heart what overlap knows of every article. A conditional logit (McFadden 1974) over six numbers of
each sentence, fitted on articles apart, weighs them against each other. It only moves belief between the
sentences of one passage: how likely the passage is to answer stays what the network says.
"""

from __future__ import annotations

import numpy as np

from models.reader_features import Floats, Ints

#: Logit of the sentence; log share of its spans; that of its best span; idf of the question's syllables, of
#: pairs of them, and of those that tell the passage's sentences apart, which it covers (shares in [0, 1]).
CHOICE_FEATURES = 6


def choice_features(logits: Floats, spans: Floats, sentence: Ints, facts: Floats) -> Floats:
    """Return (N, CHOICE_FEATURES) for the N sentences of a passage.

    `logits` (N,) and `spans` (T, LONGEST) from `run_network`; `sentence` (T,) is the number in [0, N) of each
    token's sentence; `facts` (N, SENTENCE_FEATURES) of `make_batch`. A sentence without tokens gets zeros.
    """
    found = np.zeros((len(logits), CHOICE_FEATURES), np.float32)
    peak = float(spans.max())
    mass = np.exp(spans - peak).sum(1)
    total = float(mass.sum())
    for number in np.unique(sentence):
        own = sentence == number
        found[number, 1] = np.log(mass[own].sum() / total + 1e-12)
        found[number, 2] = spans[own].max() - peak - np.log(total)
    found[:, 0] = logits
    found[:, 3:] = facts[:, :3]
    return found


def choose(logits: Floats, features: Floats, weights: Floats) -> Floats:
    """Return the logits (N,) with their total probability mass shared out anew by the weighted features.

    Sentences at -inf stay there.
    """
    present = np.isfinite(logits)
    if not present.any():
        return logits
    scores = np.where(present, features @ weights, -np.inf)
    chosen: Floats = (scores - np.logaddexp.reduce(scores) + np.logaddexp.reduce(logits)).astype(np.float32)
    return chosen
