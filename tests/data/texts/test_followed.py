"""Texts that follow the label of another column: which one, how well, and what stays hidden."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.fake_kinds import LABEL, LEARNED
from core.data.fakes import Fake, learn_fake
from core.data.followed import may_be_followed
from core.data.prepare import prepare
from core.data.schema import Action, Column, ColumnType, Role, Schema, Table
from core.data.texts import FEW, RUN, Beside, learn_texts, make_texts, numbers_of
from core.data.texts.beside import LEAST_OF_LABEL, telling
from core.synthesis.synthesizer import Synthesizer
from tests.data.texts.test_texts import rare_of, runs_of, words_of

SAID = {
    "flu": ["fever and chills", "dry cough", "sore throat", "told to rest", "swab taken"],
    "bone": ["cast put on", "fell from ladder", "x-ray shows break", "ankle swollen", "pain"],
    "skin": ["rash on arm", "itching at night", "cream helps", "red spots", "dry elbows"],
}
OWN = {label: {word for said in SAID[label] for word in words_of(said)} for label in SAID}
NOTE = Column("note", ColumnType.TEXT, action=Action.REPLACE, learned_text=True)


def notes(count: int, seed: int = 1, labels: tuple[str, ...] = tuple(SAID)) -> pd.DataFrame:
    """Notes of diagnoses, and two columns that have nothing to do with them."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice(labels, count)
    said = [
        f"{', '.join(rng.choice(SAID[label], 3, replace=False))}, room {rng.integers(2, 60)}"
        for label in drawn
    ]
    return pd.DataFrame(
        {
            "note": pd.array(said, "string[pyarrow]"),
            "diagnosis": pd.array(drawn, "string[pyarrow]"),
            "ward": pd.array(rng.choice(["a", "b", "c"], count), "string[pyarrow]"),
            "age": pd.array(rng.integers(18, 90, count), "Int64"),
        }
    )


def beside(frame: pd.DataFrame, name: str) -> Beside:
    codes, labels = pd.factorize(frame[name])
    return Beside(name, codes.astype(np.int64), tuple(map(str, labels)))


def fit_of(texts, labels) -> float:
    """Share of texts of whose diagnoses' words most are their own label's."""
    counted = [[len(words_of(text) & OWN[label]) for label in SAID] for text in texts]
    best = [list(SAID)[int(np.argmax(counts))] for counts in counted]
    return float(np.mean([one == other for one, other in zip(best, labels, strict=True)]))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return notes(900)


@pytest.fixture(scope="module")
def settings(frame) -> dict:
    besides = [beside(frame, name) for name in ("ward", "diagnosis", "age")]
    return learn_texts(frame["note"].tolist(), besides)


@pytest.fixture(scope="module")
def drawn(settings) -> tuple[list[str], list[str]]:
    labels = list(SAID) * 150
    numbers = numbers_of(settings, labels)
    return list(make_texts(settings, 450, np.random.default_rng(2), labels=numbers)), labels


def test_the_column_that_tells_most_is_found_and_texts_fit_it(settings, drawn) -> None:
    assert settings["follows"]["column"] == "diagnosis"
    assert sorted(settings["follows"]["labels"]) == sorted(SAID)
    assert fit_of(*drawn) > 0.75
    blind = make_texts(settings, 450, np.random.default_rng(2))
    assert fit_of(blind, drawn[1]) < 0.5


def test_every_promise_holds_for_the_whole_column(frame, drawn) -> None:
    real, made = frame["note"].tolist(), drawn[0]
    assert not set(real) & set(made)
    rare_words, rare_runs = rare_of(real, words_of), rare_of(real, runs_of)
    assert len(rare_runs) > 100
    assert not any(words_of(text) & rare_words or runs_of(text) & rare_runs for text in made)
    assert RUN == 12


def test_columns_that_tell_nothing_are_not_followed(frame) -> None:
    others = [beside(frame, name) for name in ("ward", "age")]
    many = Beside("row", np.arange(len(frame)) // 2, tuple(map(str, range(len(frame) // 2))))
    assert "follows" not in learn_texts(frame["note"].tolist(), [*others, many])


def test_no_column_of_chance_is_taken_in_many_tries() -> None:
    texts = notes(400)["note"].drop_duplicates().tolist()
    rows = np.arange(len(texts))
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        tried = [Beside(str(n), rng.integers(0, 2 + n, len(texts)), tuple("abcd")) for n in (0, 2)]
        found += telling(texts, rows, tried) is not None
    assert found <= 4


def test_a_person_may_choose_a_column(frame) -> None:
    chosen = learn_texts(frame["note"].tolist(), [beside(frame, "ward")], chosen=True)
    assert chosen["follows"]["column"] == "ward"


def test_a_rare_label_has_the_whole_columns_texts(frame) -> None:
    """Few texts of a label are never told apart: it gets what a label gets that nobody has."""
    few = notes(LEAST_OF_LABEL - 1, seed=9, labels=("skin",)).assign(diagnosis="rare")
    both = pd.concat([frame, few], ignore_index=True)
    settings = learn_texts(both["note"].tolist(), [beside(both, "diagnosis")])
    assert "rare" not in json.dumps(settings["follows"])
    assert numbers_of(settings, ["rare", "nobody's", ""]).tolist() == [0, 0, 0]
    assert numbers_of(settings, ["flu"])[0] > 0


def test_what_fewer_texts_of_a_label_have_weighs_nothing(frame) -> None:
    """Of what a label's texts begin words with, only what ``FEW`` of them share is kept."""
    one = frame["diagnosis"] == "flu"
    texts = frame["note"].where(~one | (np.cumsum(one) >= FEW), frame["note"] + " zebra")
    texts[frame["diagnosis"] == "bone"] += " zebra"
    settings = learn_texts(texts.tolist(), [beside(frame, "diagnosis")])
    from core.data.texts.draw import _opened

    maker = _opened(settings["model"])
    assert maker.labelled is not None
    alphabet = maker.model.alphabet
    start, after = int(alphabet.encode("z")[0]), int(alphabet.encode("e")[0])
    numbers = {label: int(numbers_of(settings, [label])[0]) for label in SAID}
    grams = set(maker.labelled.own.grams.tolist())
    assert (numbers["bone"] << 56) | (start << 8) | after in grams
    assert (numbers["flu"] << 56) | (start << 8) | after not in grams
    assert all(maker.labelled.own.counts >= FEW)


def test_a_model_of_the_former_version_still_makes_texts(frame) -> None:
    settings = learn_texts(frame["note"].tolist())
    assert set(settings) == {"model", "spare"}
    assert set(json.loads(settings["model"])) == {
        "model",
        "guards",
        "longest",
        "shares",
        "accepted",
    }
    made = make_texts(settings, 50, np.random.default_rng(1))
    assert all(text.strip() for text in made)


def frames_of(frame: pd.DataFrame, **changes) -> tuple[Schema, dict[str, pd.DataFrame]]:
    columns = (
        replace(NOTE, text_label=changes.get("text_label")),
        Column("diagnosis", ColumnType.CATEGORY, action=changes.get("action", Action.KEEP)),
        Column("ward", ColumnType.CATEGORY, action=Action.KEEP),
        Column("age", ColumnType.INTEGER, action=Action.KEEP),
    )
    return Schema((Table("t", columns),)), {"t": frame}


def fitted(frame: pd.DataFrame, **changes) -> Synthesizer:
    schema, tables = frames_of(frame, **changes)
    model = Synthesizer(schema, "forest", mask_key=b"k" * 32)
    model.fit(tables, rng=np.random.default_rng(1))
    return model


@pytest.fixture(scope="module")
def model(frame) -> Synthesizer:
    return fitted(frame)


def test_in_a_table_texts_fit_their_rows_also_when_loaded_and_in_blocks(model) -> None:
    made = model.sample({"t": 300}, rng=np.random.default_rng(2))["t"]
    assert fit_of(made["note"], made["diagnosis"]) > 0.7
    again = Synthesizer.load(model.dump())
    blocks = list(again.stream({"t": 300}, rng=np.random.default_rng(2)))
    pd.testing.assert_frame_equal(made, pd.concat(blocks, ignore_index=True))


def test_whatever_gives_a_row_its_label_the_text_fits_it(frame, model) -> None:
    """Conditions, rules, completing and filling all end here; so do labels that nobody knows."""
    prepared = model._fitted["t"].preparation
    rows = frame[["diagnosis", "ward", "age"]].head(200).copy()
    rows["diagnosis"] = pd.array(["bone", "unheard of"] * 99 + ["skin", None], rows.dtypes.iloc[0])
    made = prepared.restore(rows, rng=np.random.default_rng(3))
    told = (made["diagnosis"] == "bone").fillna(False).to_numpy(dtype=bool)
    assert fit_of(made["note"][told], made["diagnosis"][told]) > 0.7
    assert made["note"].notna().all()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"text_label": ""}, ""),
        ({"text_label": "ward"}, "ward"),
        ({"text_label": "no such"}, ""),
        ({"action": Action.MASK}, ""),
        ({"action": Action.REPLACE}, ""),
        ({"action": Action.MASK, "text_label": "diagnosis"}, ""),
    ],
)
def test_what_was_chosen_and_what_may_not_be(frame, changes: dict, name: str) -> None:
    schema, tables = frames_of(frame[:400], **changes)
    prepared, _ = prepare(tables["t"], schema["t"], mask_key=b"k" * 32)
    (fake,) = [fake for fake in prepared.fakes if fake.kind == LEARNED]
    assert fake.follows == name
    follow = f"follow the labels of {name!r}" if name else "follow no other column"
    assert prepared.notes == (f"Texts of 'note' {follow}.",)


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.IDENTIFIER},
        {"semantic": "full_name"},
        {"action": Action.MASK},
        {"action": Action.DROP},
        {"type": ColumnType.NUMBER},
        {"type": ColumnType.TEXT},
    ],
)
def test_columns_that_are_never_followed(change: dict) -> None:
    column = Column("x", ColumnType.CATEGORY, action=Action.KEEP)
    assert may_be_followed(column)
    assert not may_be_followed(replace(column, **change))


def test_texts_that_repeat_are_drawn_from_pools_of_their_label(frame) -> None:
    many = pd.concat([frame] * 20, ignore_index=True)
    fake = learn_fake(many["note"], NOTE, "", labels=many[["diagnosis"]])
    assert isinstance(fake, Fake)
    labels = np.array(["flu", "bone", "nobody's"] * 200, dtype=object)
    made = fake.make(600, np.random.default_rng(1), {LABEL + "diagnosis": labels})
    ours = labels != "nobody's"
    assert fit_of(made[ours], labels[ours]) > 0.75
    assert made.nunique() < 600


def test_the_schema_keeps_the_choice() -> None:
    schema, _ = frames_of(notes(3), text_label="ward")
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
