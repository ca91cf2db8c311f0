"""Texts made in the style of a column: what they never hold, and how close they come."""

import json
import re
from collections import Counter

import numpy as np
import pytest

from core.data.texts import FEW, LEAST, RUN, is_learnable, learn_texts, make_texts
from core.data.texts.alphabet import Alphabet, folded, normalised
from core.data.texts.batch import maker_of
from core.data.texts.draw import drawn_texts
from core.data.texts.guards import Guards
from core.data.texts.model import learn_model

COLOURS = ["Red", "Blue", "Green", "Black", "White", "Grey", "Amber", "Violet", "Crimson", "Ivory"]
THINGS = ["Chair", "Table", "Lamp", "Shelf", "Desk", "Sofa", "Bench", "Stool", "Mirror", "Carpet"]
MADE = ["Oak", "Steel", "Granite", "Cotton", "Plastic"]
SECRET = "Patient Xylophanes Quirkelbaum called twice about the missing kidney"


def products(count: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    parts = (COLOURS, MADE, THINGS)
    names = zip(*(rng.choice(part, count) for part in parts), strict=True)
    numbers = rng.integers(1, 400, count)
    return [f"{' '.join(name)} {n}" for name, n in zip(names, numbers, strict=True)]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [*products(1_500, 1), SECRET, SECRET.upper(), "  " + SECRET]


@pytest.fixture(scope="module")
def settings(texts) -> dict:
    return learn_texts(texts)


@pytest.fixture(scope="module")
def made(settings) -> list[str]:
    return list(make_texts(settings, 1_200, np.random.default_rng(5)))


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", folded(text)))


def rare_of(texts: list[str], parts) -> set[str]:
    """Parts of texts that fewer than ``FEW`` different texts have, found the slow way."""
    different = {normalised(text): text for text in texts}.values()
    counts = Counter(part for text in different for part in set(parts(text)))
    return {part for part, count in counts.items() if count < FEW}


def runs_of(text: str) -> set[str]:
    plain = folded(text)
    return {plain[i : i + RUN + 1] for i in range(len(plain) - RUN)}


def test_no_training_text_comes_back_in_any_case_or_spacing(texts, made) -> None:
    assert not {normalised(text) for text in texts} & {normalised(text) for text in made}


def test_no_rare_word_comes_back(texts, made) -> None:
    rare = rare_of(texts, words_of)
    assert {"quirkelbaum", "kidney"} <= rare
    assert not any(words_of(text) & rare for text in made)


def test_no_long_rare_run_comes_back(texts, made) -> None:
    rare = rare_of(texts, runs_of)
    assert len(rare) > 500
    assert not any(runs_of(text) & rare for text in made)


def test_they_look_like_the_column(texts, made) -> None:
    assert all(text.strip() for text in made)
    known = {word for text in products(1_500, 1) for word in words_of(text) if word.isalpha()}
    words = [word for text in made for word in words_of(text) if word.isalpha()]
    assert np.mean([word in known for word in words]) > 0.8
    lengths = [np.quantile([len(t) for t in side], [0.1, 0.5, 0.9]) for side in (texts, made)]
    assert np.abs(lengths[0] - lengths[1]).max() <= 4
    assert len(set(made)) > 0.8 * len(made)


def test_same_seed_same_texts(settings, made) -> None:
    assert list(make_texts(settings, 1_200, np.random.default_rng(5))) == made
    assert list(make_texts(settings, 50, np.random.default_rng(6))) != made[:50]


def test_the_same_column_gives_the_same_model(texts, settings) -> None:
    assert learn_texts(texts) == settings


def test_nothing_of_a_text_is_kept(settings) -> None:
    blob = json.dumps(settings).lower()
    plain = blob + "".join(json.loads(settings["model"])["model"]["characters"]).lower()
    for word in ("xylophanes", "quirkelbaum", "kidney", "crimson"):
        assert word not in plain


def test_distinct_ones_differ(settings) -> None:
    assert len(set(make_texts(settings, 900, np.random.default_rng(1), distinct=True))) == 900


def test_none_asked(settings) -> None:
    assert len(make_texts(settings, 0, np.random.default_rng(1))) == 0


def test_what_is_too_small_is_not_learned() -> None:
    assert not is_learnable(products(LEAST // 2, 1))
    assert not is_learnable(["the same"] * 1_000)
    assert not is_learnable([" ", ""] * 1_000)
    assert not is_learnable([chr(0x4E00 + i) for i in range(LEAST + 9)])
    assert is_learnable(products(LEAST * 2, 1))


def test_where_nothing_new_can_be_made_the_spare_is_used() -> None:
    """Every text of the column's make is a training text, so that plain ones come instead."""
    texts = [f"{a}{b}{c}" for a in "abcdefg" for b in "abcdefg" for c in "abcdefg"]
    made = make_texts(learn_texts(texts), 100, np.random.default_rng(1), distinct=True)
    assert len(set(made)) == 100
    assert not set(made) & set(texts)


def test_a_wide_alphabet() -> None:
    rng = np.random.default_rng(3)
    signs = [chr(0x4E00 + i) for i in range(300)]
    texts = ["".join(rng.choice(signs, 6)) for _ in range(2_500)]
    made = make_texts(learn_texts(texts), 200, np.random.default_rng(1))
    assert not set(made) & set(texts)
    assert set("".join(made)) <= set(signs)
    assert np.median([len(text) for text in made]) == 6


def test_the_model_by_hand() -> None:
    """After "a" comes "b" in six texts and "c" in five; "d" is in one and cannot be made."""
    texts = [f"ab{n}" for n in "123456"] + [f"ac{n}" for n in "12345"] + ["ad"]
    model = learn_model(texts, Alphabet.of("abcd"))
    grams = model.orders[1].grams.tolist()
    assert [(g >> 8, g & 255) for g in grams] == [(0, 1), (1, 2), (1, 3)]
    assert model.orders[1].counts.tolist() == [12, 6, 5]
    np.testing.assert_allclose(model.orders[1].own[1:], (11 - 2 * 0.75) / 12, rtol=1e-6)


def test_guards_know_texts_runs_and_words_by_hand() -> None:
    common = [f"the quick brown fox {n}" for n in range(9)]
    guards = Guards.learn([*common, "A Lone Word"], [*common, "A Lone Word"])
    asked = ["a  lone WORD ", "the quick brown fox 3", "the quick brown fox"]
    assert guards.are_training(asked).tolist() == [True, True, False]
    again = Guards.from_dict(json.loads(json.dumps(guards.to_dict())))
    assert again.key == guards.key
    for name in ("texts", "runs", "words"):
        np.testing.assert_array_equal(getattr(again, name), getattr(guards, name))
    assert len(guards.words) == 9 + 3
    assert len(guards.runs) == 9 * 1


def test_without_guards_texts_do_come_back(texts) -> None:
    """What is checked is checked by the guards, and not by chance."""
    learned = list(dict.fromkeys(products(3_000, 1)))
    model = learn_model(learned, Alphabet.of("".join(sorted(set("".join(learned))))))
    blank = Guards.learn(["nothing"], ["nothing"])
    free = drawn_texts(
        maker_of(model, blank), np.zeros(1_500, np.uint64), np.random.default_rng(1), model.longest
    )
    assert set(free) & set(learned)


def test_folding() -> None:
    assert folded("  A\t\nB  c ") == "a b c "
    assert normalised(" Ｆull  WIDTH\u00a0Straße") == "full width strasse"
