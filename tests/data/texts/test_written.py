"""Texts that somebody else writes: what is told, what is taken, and what is drawn of it."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.fakes import may_be_written
from core.data.prepare import may_be_told
from core.data.schema import Action, Column, ColumnType, Role, Schema, Table, WrittenText
from core.data.texts import learn
from core.data.texts.checks import LONG_RUN, PASTED, TRAINING, WORD, broken_promise, is_pasted
from core.data.texts.learn import guards_of
from core.data.texts.port import Brief
from core.data.texts.written import (
    LEAST_POOL,
    POOL,
    have_written,
    learn_written,
    make_written,
)
from core.errors import LanguageModelFailed
from core.privacy.public import PublicTable
from core.progress import SilentProgress
from core.synthesis.synthesizer import Synthesizer
from tests.data.texts.test_texts import rare_of, runs_of, words_of
from tests.privacy import tiny

SECRET = "Xylophanes Quirkelbaum called twice about the missing kidney"
SHARED = "the patient slept well"
ASKED = Column(
    "note", ColumnType.TEXT, action=Action.REPLACE, written=WrittenText("nurses' notes", "English")
)
TREES = "alder birch cedar dogwood elder fir gorse hazel ivy juniper larch maple oak pine"
WORDS = TREES.split()


class Writer:
    """Says what it is given, and remembers what it was told."""

    name = "a writer"

    def __init__(self, says, most: int = 1_000) -> None:
        self._says, self._most = says, most
        self.told: list[tuple[Brief, int, int]] = []

    @property
    def spent(self) -> int:
        return 10 * len(self.told)

    @property
    def may_go_on(self) -> bool:
        return len(self.told) < self._most

    def words(self, brief: Brief) -> str:
        return repr(brief)

    def write(self, brief: Brief, count: int, part: int) -> tuple[str, ...]:
        self.told.append((brief, count, part))
        return tuple(self._says(brief, count, part))


def fresh(brief: Brief, count: int, part: int) -> list[str]:
    """Texts of words that no training text has, all different."""
    about = brief.beside[1] if brief.beside else "tree"
    return [f"{about}: {WORDS[n % 14]} {WORDS[n // 14]} {WORDS[part % 14]}" for n in range(count)]


def notes(count: int = 300) -> list[str]:
    said = [f"{SHARED} until {WORDS[n % 5]}" for n in range(count)]
    return [*(f"{text} {n % 37}" for n, text in enumerate(said)), SECRET]


def written(writer: Writer, values: list[str] | None = None, column: Column = ASKED) -> dict:
    settings = learn_written(notes() if values is None else values, typed=column.written.typed)
    return have_written(settings, column, 1_000, writer, SilentProgress())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SECRET, TRAINING),
        (f"  {SECRET.upper()} ", TRAINING),
        ("Somebody Quirkelbaum rang", WORD),
        ("word, missing, word", WORD),
        (f"{SHARED} until", ""),
        ("Nothing of it at all", ""),
    ],
)
def test_the_promises(text: str, problem: str) -> None:
    assert broken_promise(text, guards_of(notes())) == problem


def test_a_rare_run_of_common_words() -> None:
    values = [*(f"{a} {b}" for a in WORDS for b in WORDS), "larch maple alder birch"]
    guards = guards_of(values)
    assert broken_promise("larch maple alder", guards) == LONG_RUN
    assert broken_promise("larch maple", guards) == TRAINING
    assert broken_promise("oak larch", guards) == TRAINING
    assert broken_promise("gorse. larch", guards) == ""


def test_they_are_those_of_learned_texts() -> None:
    """The promises, found the slow way, agree on texts that were put together at random."""
    rng, few = np.random.default_rng(3), WORDS[:6]
    values = [f"{a} {b} {c}" for a in few for b in few for c in few if a < b] + ["alder zeal fir"]
    parts = [*few, "alder birch", "zeal", "oak", "fir. ", "CEDAR"]
    guards = guards_of(values)
    rare_words, rare_runs = rare_of(values, words_of), rare_of(values, runs_of)
    found = Counter()
    for _ in range(400):
        text = " ".join(rng.choice(parts, rng.integers(1, 5)))
        broken = broken_promise(text, guards)
        slow = bool(words_of(text) & rare_words or runs_of(text) & rare_runs)
        assert bool(broken) == (slow or broken == TRAINING)
        found[broken] += 1
    assert min(found[""], found[WORD], found[LONG_RUN]) > 10


@pytest.mark.parametrize(
    ("said", "pasted"),
    [
        (SECRET, True),
        (f"Notes such as: {SECRET}", True),
        ("They say: CALLED twice  about the missing one", True),
        (f"{SECRET[:PASTED]} and so on", True),
        (f"{SECRET[: PASTED - 1]} and so on", False),
        (f"Notes of nurses, such as: {SHARED}", False),
        ("A patient called about something that is missing", False),
        ("", False),
    ],
)
def test_a_pasted_piece_is_known(said: str, pasted: bool) -> None:
    assert is_pasted(said, notes()) is pasted


@pytest.mark.parametrize("start", range(3, 15))
def test_a_pasted_piece_is_known_wherever_it_is(start: int) -> None:
    assert is_pasted("-" * start + SECRET[5 : 5 + PASTED] + "-" * 9, notes())
    assert not is_pasted("-" * start + SECRET[5 : 4 + PASTED] + "-" * 9, notes())


def test_a_pasted_piece_is_known_of_more_texts_than_guards_are_of(monkeypatch) -> None:
    monkeypatch.setattr(learn, "MOST_TEXTS", 50)
    assert learn_written(notes(), typed=("notes", "English"))["pasted"] is False
    assert learn_written(notes(), typed=(f"Like: {SECRET}", "English"))["pasted"] is True
    assert learn_written(notes(), typed=("notes", SECRET[:30]))["pasted"] is True


def test_what_a_writer_is_told_holds_no_text_and_no_rare_word() -> None:
    writer = Writer(fresh)
    written(writer)
    brief, count, _ = writer.told[0]
    assert brief == Brief("note", "nurses' notes", "English", (40, 40, 40))
    assert 3 <= count <= 25
    rare = rare_of(notes(), words_of)
    assert not words_of(repr([told[0] for told in writer.told])) & rare


def test_lengths_of_few_texts_are_not_told() -> None:
    writer = Writer(fresh)
    written(writer, notes(48))
    assert writer.told[0][0].lengths == ()


def test_what_is_kept_is_what_keeps_the_promises() -> None:
    def says(brief, count, part):
        bad = [SECRET, f"{SECRET}!", "kidney pie", "a\x07b", "", "x" * 900]
        return bad + fresh(brief, 20, part)

    settings = written(Writer(says))
    told = settings["told"]
    pool = settings["pools"][""]
    assert len(pool) == len(set(pool)) == told["texts"] == 280
    assert not any("kidney" in text or "\x07" in text for text in pool)
    assert told["refused"][TRAINING] == told["questions"]
    assert told["refused"][WORD] == told["questions"] * 2
    assert told["tokens"] == 10 * told["questions"]
    assert "guards" not in settings
    assert SECRET not in json.dumps(settings)


def test_questions_end_when_nothing_new_comes() -> None:
    writer = Writer(lambda brief, count, part: fresh(brief, 25, 0))
    assert len(written(writer)["pools"][""]) == 25
    assert len(writer.told) == 5


def test_questions_end_when_there_is_enough() -> None:
    writer = Writer(fresh)
    assert len(written(writer)["pools"][""]) == POOL
    assert [part for _, _, part in writer.told] == list(range(12))


def test_questions_end_with_the_tokens() -> None:
    settings = written(Writer(fresh, most=2))
    assert len(settings["pools"][""]) == 50
    assert "tokens" in settings["told"]["why"]


def fails(brief, count, part):
    raise LanguageModelFailed("The server has a fault.")


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (fails, "has a fault"),
        (lambda brief, count, part: (), "Only 0 texts"),
        (lambda brief, count, part: (SECRET,) * 25, "Only 0 texts"),
        (lambda brief, count, part: fresh(brief, LEAST_POOL - 1, 0), "Only 19 texts"),
    ],
)
def test_without_enough_texts_plain_words_come_and_it_is_told_why(says, why: str) -> None:
    settings = written(Writer(says))
    assert settings["pools"] == {}
    assert why in settings["told"]["why"]
    made = make_written(settings, 50, np.random.default_rng(1))
    assert not set(made) & set(notes())
    assert all(text.strip() for text in made)


@pytest.mark.parametrize(
    "written_text", [WrittenText(f"Like: {SECRET}"), WrittenText("notes", SECRET[-30:])]
)
def test_what_was_pasted_is_not_sent(written_text: WrittenText) -> None:
    writer = Writer(fresh)
    pasted = replace(ASKED, written=written_text)
    settings = written(writer, column=pasted)
    assert writer.told == []
    assert "was not sent" in settings["told"]["why"]


def test_texts_are_dealt_evenly_and_by_seed() -> None:
    settings = written(Writer(fresh))
    one, other = (make_written(settings, 650, np.random.default_rng(5)) for _ in range(2))
    assert list(one) == list(other)
    assert list(one) != list(make_written(settings, 650, np.random.default_rng(6)))
    assert set(Counter(one).values()) == {2, 3}
    assert len(set(one[:POOL])) == POOL
    assert len(make_written(settings, 0, np.random.default_rng(5))) == 0


def plain(**more) -> Column:
    return replace(Column("ward", ColumnType.CATEGORY, action=Action.KEEP), **more)


@pytest.mark.parametrize(
    ("column", "may"),
    [
        (plain(), True),
        (plain(action=Action.GENERALISE), True),
        (plain(type=ColumnType.BOOLEAN), True),
        (plain(type=ColumnType.TEXT), False),
        (plain(type=ColumnType.INTEGER), False),
        (plain(role=Role.SENSITIVE), False),
        (plain(role=Role.QUASI_IDENTIFIER), False),
        (plain(action=None), False),
        (plain(action=Action.MASK), False),
        (plain(semantic="last_name"), False),
        (plain(semantic="medical_record"), False),
        (plain(semantic="national_id"), False),
        (plain(semantic="icd10"), True),
    ],
)
def test_whose_labels_may_be_told(column: Column, may: bool) -> None:
    assert may_be_told(column) == may


@pytest.mark.parametrize(
    ("column", "may"),
    [
        (ASKED, True),
        (replace(ASKED, action=Action.KEEP), True),
        (replace(ASKED, type=ColumnType.CATEGORY), True),
        (replace(ASKED, type=ColumnType.CATEGORY, action=Action.KEEP), False),
        (replace(ASKED, action=Action.DROP), False),
        (replace(ASKED, action=Action.GENERALISE), False),
        (replace(ASKED, action=Action.MASK), False),
        (replace(ASKED, semantic="full_name"), False),
        (replace(ASKED, written=None), False),
    ],
)
def test_what_may_be_written_is_free_text_that_comes_back_made_up(
    column: Column, may: bool
) -> None:
    assert may_be_written(column) is may


def tables(column: Column, rows: int = 400) -> tuple[Schema, dict[str, pd.DataFrame]]:
    rng = np.random.default_rng(4)
    wards = rng.choice(["eye", "heart"], rows).astype(object)
    wards[:9] = "Rarissima"
    values = {"note": notes(rows - 1), "ward": list(wards)}
    frame = pd.DataFrame({n: pd.Series(v, dtype="string[pyarrow]") for n, v in values.items()})
    return Schema((Table("t", (column, plain())),)), {"t": frame}


def test_texts_fit_the_label_of_their_row_and_rare_labels_are_not_told() -> None:
    beside = replace(ASKED, written=WrittenText("notes", beside="ward"))
    schema, rows = tables(beside)
    model = Synthesizer(schema, "forest")
    model.fit(rows, rng=np.random.default_rng(1))
    assert model.texts_waiting == ["t.note"]
    writer = Writer(fresh)
    model.write_texts(writer)
    assert model.texts_waiting == []
    assert {brief.beside for brief, *_ in writer.told} == {None, ("ward", "eye"), ("ward", "heart")}
    made = model.sample({"t": 300}, rng=np.random.default_rng(2))["t"]
    about = made["note"].str.partition(":")[0]
    fits = made["ward"].where(made["ward"] != "Rarissima", "tree")
    assert (about == fits).all()


def test_a_fit_looks_for_pasted_pieces() -> None:
    schema, rows = tables(replace(ASKED, written=WrittenText("notes", SECRET[:30])))
    model = Synthesizer(schema, "forest")
    model.fit(rows, rng=np.random.default_rng(1))
    writer = Writer(fresh)
    model.write_texts(writer)
    assert writer.told == []


def test_with_the_model_the_texts_are_kept() -> None:
    schema, rows = tables(ASKED)
    model = Synthesizer(schema, "forest")
    model.fit(rows, rng=np.random.default_rng(1))
    model.write_texts(Writer(fresh))
    made = model.sample({"t": 400}, rng=np.random.default_rng(2))["t"]
    again = Synthesizer.load(model.dump())
    assert again.texts_waiting == []
    assert again.texts_told == model.texts_told
    pd.testing.assert_frame_equal(made, again.sample({"t": 400}, rng=np.random.default_rng(2))["t"])


def test_an_engine_with_a_formal_guarantee_has_none_written(monkeypatch) -> None:
    from core.synthesis import registry

    monkeypatch.setitem(registry.ENGINES, "tiny", tiny.INFO)
    schema, rows = tables(ASKED)
    model = Synthesizer(schema, "tiny", {"epsilon": 1.0, "delta": 1e-6})
    model.fit(rows, rng=np.random.default_rng(1), public=PublicTable({}))
    assert model.texts_waiting == []
    writer = Writer(fresh)
    model.write_texts(writer)
    assert writer.told == []
    assert not any(column.written for column in model.schema["t"].columns)


def test_the_schema_keeps_what_was_said() -> None:
    schema, _ = tables(replace(ASKED, written=WrittenText("notes", "French", "ward")))
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
    older = schema.to_dict()
    for column in older["tables"][0]["columns"]:
        del column["written"]
    assert Schema.from_dict(older)["t"]["note"].written is None
