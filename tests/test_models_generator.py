"""The generator's recipe: what it learns from, and that the real llama.cpp runs what it writes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import evidence_builder
import pytest
import torch
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from tokenizers import Tokenizer

from models.llm import LlamaChat
from models.reader import load_reader
from models.training.generator import CONFIG, NAME, main
from models.training.generator_batches import END, START, encode, stack
from models.training.generator_data import (
    FENCE,
    NOWHERE,
    REFUSAL,
    Ask,
    Pack,
    answer_text,
    human_packs,
    question_text,
    sources_text,
)
from models.training.generator_evidence import Manner, Ranking, Shown, show, without
from models.training.llama_matching import teach_matching
from models.training.llama_network import Llama, teach_copying
from models.training.memorisation import TrainingTexts
from models.training.reader_data import make_example
from models.training.tiny_llama import TinyConfig, train_bpe
from qa.generate import generate
from qa.prompt import REFUSAL_TEXT, build_prompt

QUOTED = re.compile(r"“([^”]*)” \[(\d+)\]")
TEXTS = (
    "Hội nghị do ông Trần Văn Hòa chủ trì vào sáng 12/3 tại trụ sở ủy ban.",
    "Phường Lộc Bình có 1.553 đảng viên, sinh hoạt ở 42 chi bộ trực thuộc.",
    "Diện tích tự nhiên của phường là 11,4 km².",
)


@pytest.fixture(scope="module")
def smoked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generator")
    main(["--smoke", "--out", str(folder)])
    return folder / f"{NAME}.gguf"


@pytest.fixture(scope="module")
def model(smoked: Path) -> Iterator[LlamaChat]:
    with LlamaChat(path=smoked, max_tokens=60) as chat:
        yield chat


def test_the_smoke_run_is_resumed_and_not_repeated(smoked: Path) -> None:
    before = smoked.read_bytes()
    main(["--smoke", "--out", str(smoked.parent)])  # the checkpoint says that all is done
    assert smoked.read_bytes() == before


def test_constrained_answers_are_verbatim(model: LlamaChat) -> None:
    evidence = evidence_builder.evidence_for(TEXTS)
    for question in ("Phường Lộc Bình có bao nhiêu đảng viên?", "Ai chủ trì hội nghị?"):
        answer = "".join(generate(question, evidence, model, quote_only=True))
        found = QUOTED.findall(answer)
        assert found and all(quote in TEXTS[int(marker) - 1] for quote, marker in found), answer


def test_its_prompt_is_the_one_it_was_trained_on(model: LlamaChat) -> None:
    """The template, the text of the prompt, and llama.cpp's tokens are those of training, token for token."""
    question = "Phường Lộc Bình có bao nhiêu đảng viên?"
    prompt = build_prompt(question, evidence_builder.evidence_for(TEXTS))
    messages = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
    title = prompt.user.split("\n")[2].removeprefix("Bài: ")
    trained = sources_text([title] * 3, TEXTS, (1, 2, 3)) + question_text(question)
    assert prompt.user == trained
    assert FENCE in prompt.user and REFUSAL == REFUSAL_TEXT
    tokens = [START, *model.engine.tokenize(trained, special=False), END, START]
    assert model.prompt_tokens(messages) == tokens
    apart = model.engine.tokenize(sources_text([title] * 3, TEXTS, (1, 2, 3)), special=False)
    apart += model.engine.tokenize(question_text(question), special=False)
    assert tokens[1:-2] == apart


def test_other_conversations_work_too(model: LlamaChat) -> None:
    turns = [HumanMessage("Chào bạn"), AIMessage("Chào"), HumanMessage("Bạn là ai?")]
    messages = [SystemMessage("Luật"), *turns]
    assert model.prompt_tokens(messages).count(START) == 4
    assert isinstance(model.invoke(messages, max_tokens=8).content, str)


def test_questions_of_a_pack_see_the_sentences_and_themselves_only() -> None:
    tokenizer = Tokenizer.from_str(train_bpe([*TEXTS] * 2, size=420))
    asks = (Ask("Có bao nhiêu đảng viên?", 1), Ask("Ai chủ trì?", 0), Ask("Vì sao?", NOWHERE))
    row = encode(Shown(("Lộc Bình",) * 3, TEXTS, asks), tokenizer, random.Random(5), whole=1.0)
    batch = stack([row])
    config = TinyConfig(width=64, layers=3, heads=4, kv_heads=4, hidden=64, context=1024)
    network = Llama(config, tokenizer.get_vocab_size())
    teach_copying(network)
    together = network.states(batch.tokens, batch.positions, batch.mask)[0]
    shared = row.blocks.count(0)
    for block in (1, 2, 3):
        own = [at for at, one in enumerate(row.blocks) if one in (0, block)]
        alone = network.states(batch.tokens[:, own])[0]
        assert torch.allclose(together[own], alone, atol=1e-4)
        assert [row.positions[at] for at in own] == list(range(len(own)))
    answers = [row.tokens[at] for at in range(len(row.tokens)) if row.answers[at]]
    assert answers.count(END) == 3 and shared > 10
    predicted = batch.targets[batch.answers].tolist()
    assert predicted == answers
    assert tokenizer.decode(answers).count("“") == 2 and REFUSAL in tokenizer.decode(answers)


def test_words_that_stand_elsewhere_are_told_from_the_others() -> None:
    """Tokens that come twice change alike in the first layer, those that come once otherwise."""
    network = Llama(CONFIG, 100)
    teach_copying(network, first=1)
    teach_matching(network, start=1)
    row = [1, *range(5, 35), 60, 8, 61, 12, 62]
    states = network.embedding(torch.tensor([row]))
    angles = (network.get_buffer(name)[: len(row)] for name in ("cosine", "sine"))
    written = network.blocks[0](states, *angles, None) - states
    again, new = written[0, [32, 34]], written[0, [31, 33, 35]]
    assert again.norm(dim=-1).min() > 2 * new.norm(dim=-1).max()


def test_packs_gather_the_questions_of_a_passage() -> None:
    text = " ".join(TEXTS)
    asked = (("Bao nhiêu đảng viên?", "1.553"), ("Ai chủ trì?", "Trần Văn Hòa"))
    examples = [make_example(q, text, [(a, text.index(a))], source="x") for q, a in asked]
    (pack,) = human_packs([one for one in examples if one is not None])
    assert [ask.sentence for ask in pack.asks] == [1, 0]


def test_sentences_are_shown_best_first_and_what_answers_may_be_missing() -> None:
    ranking = Ranking(load_reader().vocabulary)
    ask = Ask("Phường Lộc Bình có bao nhiêu đảng viên?", 1)
    pack = Pack("Lộc Bình", TEXTS, (ask, Ask("Ai chủ trì?", 0)), human=True)
    shown = show(pack, ask, pack, Manner(strange=0.0), ranking, random.Random(0))
    assert shown.sentences[0] == TEXTS[1] and set(shown.sentences) == set(TEXTS)
    assert shown.asks == (Ask(ask.question, 0),)  # the other question would rank them otherwise
    missed, asked = without(pack, ask)
    shown = show(missed, asked, pack, Manner(ranked=0.0, strange=0.0), ranking, random.Random(0))
    assert asked.sentence == NOWHERE and TEXTS[1] not in shown.sentences
    assert answer_text(shown.asks[0], shown.sentences, (1, 2)) == REFUSAL
    mixed = show(
        pack, ask, Pack("Tin khác", ("Câu lạ.",), ()), Manner(strange=1.0), ranking, random.Random(0)
    )
    heads = sources_text(mixed.titles, mixed.sentences, range(1, 5))
    assert heads.count("Bài: ") == 2 and "[1] " + TEXTS[1] in heads


def test_the_longest_run_is_found_and_common_phrases_are_told() -> None:
    known = TrainingTexts(["một hai ba bốn năm sáu bảy tám", "một hai ba bốn năm sáu khác"])
    run = known.longest("không một hai ba bốn năm sáu bảy chín".split())
    assert (run.words, run.passages, run.text) == (7, 1, "một hai ba bốn năm sáu bảy")
    assert known.longest("một hai ba bốn năm sáu".split()).passages == 2
    assert known.longest("một hai ba bốn năm".split()).words == 0
