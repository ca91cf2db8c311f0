"""The synthesizer of a dataset: decisions, keys, references, sizes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action, Column, ColumnType, Relationship, Schema, Table
from core.errors import InvalidInput, InvalidParameter, JobCancelled
from core.synthesis.asks import InRange, Wishes, synthesizer_for
from core.synthesis.fitted import PartProgress
from core.synthesis.links import Link, LinkKind, drawn_rows, learn_links, parent_rows, plan
from core.synthesis.synthesizer import Synthesizer

INTEGER, NUMBER, CATEGORY, TEXT = (
    ColumnType.INTEGER,
    ColumnType.NUMBER,
    ColumnType.CATEGORY,
    ColumnType.TEXT,
)
ENGINES = ("copula", "forest")


def frame_of(table: Table, **values) -> pd.DataFrame:
    return pd.DataFrame(
        {c.name: pd.Series(values[c.name], dtype=c.type.dtype) for c in table.columns}
    )


PARTY = Table("party", (Column("id", INTEGER), Column("age", INTEGER)), "id")
PRODUCT = Table("product", (Column("code", CATEGORY), Column("rate", NUMBER)), "code")
ACCOUNT = Table(
    "account",
    (
        Column("number", TEXT),
        Column("party_id", INTEGER),
        Column("product", CATEGORY),
        Column("balance", NUMBER),
    ),
    "number",
)
BANK = Schema(
    (ACCOUNT, PARTY, PRODUCT),
    (
        Relationship("party", "id", "account", "party_id"),
        Relationship("product", "code", "account", "product"),
    ),
)


def bank(parties: int = 120) -> dict[str, pd.DataFrame]:
    """Parties under 50 have no account, others two; product P1 goes with large balances."""
    rng = np.random.default_rng(0)
    ages = rng.integers(20, 80, parties)
    owners = np.repeat(np.arange(parties) + 1, np.where(ages < 50, 0, 2))
    large = rng.random(len(owners)) < 0.4
    codes = [f"P{i}" for i in range(4)]
    return {
        "party": frame_of(PARTY, id=np.arange(parties) + 1, age=ages),
        "product": frame_of(PRODUCT, code=codes, rate=[0.1, 0.2, 0.3, 0.4]),
        "account": frame_of(
            ACCOUNT,
            number=[f"AC-{i:06d}" for i in range(len(owners))],
            party_id=owners,
            product=np.where(large, "P1", "P0"),
            balance=np.where(large, 1000.0, 10.0) + rng.random(len(owners)),
        ),
    }


def synthesizer(schema, tables, engine="forest", seed=1, **more) -> Synthesizer:
    made = Synthesizer(schema, engine, {}, **more)
    made.fit(tables, rng=np.random.default_rng(seed))
    return made


def sample(made: Synthesizer, rows=None, seed=2) -> dict[str, pd.DataFrame]:
    return made.sample(rows, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("engine", ENGINES)
def test_keys_are_unique_and_references_valid(engine):
    tables = bank()
    made = sample(synthesizer(BANK, tables, engine))
    assert list(made) == ["account", "party", "product"]
    for name, table in made.items():
        assert list(table.columns) == list(BANK[name].names)
        assert table.dtypes.to_dict() == tables[name].dtypes.to_dict()
        assert table[BANK[name].primary_key].is_unique
    assert made["account"]["party_id"].isin(made["party"]["id"]).all()
    assert made["account"]["product"].isin(made["product"]["code"]).all()
    assert not set(made["party"]["id"]) & set(tables["party"]["id"])
    assert not set(made["account"]["number"]) & set(tables["account"]["number"])


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_of_children_depend_on_the_parent(engine):
    made = sample(synthesizer(BANK, bank(400), engine))
    counts = made["account"]["party_id"].value_counts()
    children = made["party"]["id"].map(counts).fillna(0).astype(float)
    old = made["party"]["age"] >= 50
    assert children[old].mean() > children[~old].mean() + (0.8 if engine == "copula" else 1.6)
    assert children.max() <= 2


@pytest.mark.parametrize("engine", ENGINES)
def test_references_to_a_lookup_are_learned_with_the_row(engine):
    account = sample(synthesizer(BANK, bank(400), engine))["account"]
    large = account["balance"] > 500
    favourite = account.loc[large, "product"].mode()[0]
    shares = [(account.loc[rows, "product"] == favourite).mean() for rows in (large, ~large)]
    assert shares[0] - shares[1] > (0.3 if engine == "copula" else 0.8)
    assert account["product"].nunique() == 2


def test_children_follow_the_number_of_parents():
    made = synthesizer(BANK, bank())
    assert made.root_tables == ("party", "product")
    small, big = sample(made, {"party": 60}), sample(made, {"party": 600})
    assert len(small["party"]) == 60
    assert len(big["party"]) == 600
    share = len(bank()["account"]) / 120
    assert abs(len(big["account"]) / 600 - share) < 0.2 * share
    assert len(big["product"]) == 4


def test_no_rows():
    made = sample(synthesizer(BANK, bank()), {"party": 0, "product": 0})
    assert {len(table) for table in made.values()} == {0}
    assert made["account"].dtypes.to_dict() == bank()["account"].dtypes.to_dict()


@pytest.mark.parametrize("engine", ENGINES)
def test_dump_and_load(engine):
    made = synthesizer(BANK, bank(), engine)
    again = Synthesizer.load(made.dump())
    one, other = sample(made), sample(again)
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])
    assert again.output_schema == made.output_schema
    assert again.root_tables == made.root_tables


def test_same_seed_same_tables():
    one, other = sample(synthesizer(BANK, bank())), sample(synthesizer(BANK, bank()))
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


def test_missing_references_keep_their_share():
    tables = bank()
    gaps = np.arange(len(tables["account"])) % 4 == 0
    tables["account"]["party_id"] = tables["account"]["party_id"].mask(gaps)
    made = sample(synthesizer(BANK, tables))["account"]
    assert abs(made["party_id"].isna().mean() - 0.25) < 0.03


def test_dangling_references_become_valid():
    tables = bank()
    tables["account"].loc[:5, "party_id"] = 999_999
    made = sample(synthesizer(BANK, tables))
    assert made["account"]["party_id"].isin(made["party"]["id"]).all()


def test_a_second_large_parent_is_drawn_unevenly_as_in_the_data():
    people = Table("people", (Column("id", INTEGER),), "id")
    letters = Table("letters", (Column("sender", INTEGER), Column("to", INTEGER)))
    links = tuple(Relationship("people", "id", "letters", c) for c in ("sender", "to"))
    rng = np.random.default_rng(0)
    tables = {
        "people": frame_of(people, id=np.arange(100)),
        "letters": frame_of(
            letters, sender=np.repeat(np.arange(100), 3), to=rng.integers(0, 10, 300)
        ),
    }
    made = sample(synthesizer(Schema((people, letters), links), tables))
    assert made["letters"]["sender"].isin(made["people"]["id"]).all()
    assert made["letters"]["to"].isin(made["people"]["id"]).all()
    assert len(made["letters"]) == 300
    assert made["letters"]["sender"].nunique() == 100
    assert made["letters"]["to"].nunique() < 25


def test_a_table_that_points_to_itself_has_no_loops():
    staff = Table("staff", (Column("id", INTEGER), Column("boss", INTEGER)), "id")
    schema = Schema((staff,), (Relationship("staff", "id", "staff", "boss"),))
    tables = {"staff": frame_of(staff, id=range(1, 41), boss=[None, *([1] * 9), *([2] * 30)])}
    made = sample(synthesizer(schema, tables))["staff"]
    place = {key: i for i, key in enumerate(made["id"])}
    bosses = [(place[b], i) for i, b in enumerate(made["boss"]) if not pd.isna(b)]
    assert len(bosses) > 30
    assert all(boss < row for boss, row in bosses)


def test_tables_in_a_circle_stay_valid():
    a = Table("a", (Column("id", INTEGER), Column("b", INTEGER)), "id")
    b = Table("b", (Column("id", INTEGER), Column("a", INTEGER)), "id")
    links = (Relationship("a", "id", "b", "a"), Relationship("b", "id", "a", "b"))
    tables = {
        "a": frame_of(a, id=[1, 2, 3], b=[7, 8, 9]),
        "b": frame_of(b, id=[7, 8, 9], a=[1, 2, 3]),
    }
    made = sample(synthesizer(Schema((a, b), links), tables))
    assert made["a"]["b"].isin(made["b"]["id"]).all()
    assert made["b"]["a"].isin(made["a"]["id"]).all()


def test_a_key_that_is_also_a_reference_stays_unique():
    person = Table("person", (Column("id", INTEGER), Column("age", INTEGER)), "id")
    detail = Table("detail", (Column("id", INTEGER), Column("note", CATEGORY)), "id")
    schema = Schema((person, detail), (Relationship("person", "id", "detail", "id"),))
    tables = {
        "person": frame_of(person, id=range(400), age=[20, 60] * 200),
        "detail": frame_of(detail, id=range(1, 400, 2), note=["x", "y"] * 100),
    }
    made = sample(synthesizer(schema, tables))
    assert made["detail"]["id"].is_unique
    assert made["detail"]["id"].isin(made["person"]["id"]).all()
    ages = made["person"].set_index("id")["age"]
    assert (ages[made["detail"]["id"]] == 60).mean() > 0.9


def test_an_empty_child_table():
    tables = bank()
    tables["account"] = tables["account"].head(0)
    made = sample(synthesizer(BANK, tables))
    assert len(made["account"]) == 0
    assert len(made["party"]) == 120


def test_decisions_are_carried_out_and_shown_by_the_output_schema():
    party = Table(
        "party",
        (
            replace(PARTY["id"], action=Action.KEEP),
            replace(PARTY["age"], action=Action.DROP),
            Column("city", CATEGORY, action=Action.MASK),
            Column("mail", TEXT, semantic="email", action=Action.REPLACE),
        ),
        "id",
    )
    frame = frame_of(
        party,
        id=range(20),
        age=[1] * 20,
        city=["Ulm", "Bonn"] * 10,
        mail=[f"{i}@b.de" for i in range(20)],
    )
    made = synthesizer(Schema((party,)), {"party": frame}, mask_key=b"k")
    table = sample(made)["party"]
    assert list(table.columns) == ["id", "city", "mail"]
    assert made.output_schema["party"].names == ("id", "city", "mail")
    assert not set(table["city"]) & {"Ulm", "Bonn"}
    assert table["mail"].str.endswith((".com", ".org", ".net")).all()
    blob = made.dump()
    assert b"b.de" not in blob


def test_a_dropped_key_ends_the_relationship():
    account = ACCOUNT.with_column(replace(ACCOUNT["party_id"], action=Action.DROP))
    made = synthesizer(BANK.with_table(account), bank())
    assert len(made.output_schema.relationships) == 1
    assert made.root_tables == ("account", "party", "product")
    assert "party_id" not in sample(made)["account"]


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InvalidParameter, match="no engine 'nonsense'"):
        Synthesizer(BANK, "nonsense")
    with pytest.raises(InvalidParameter, match="`depth`"):
        Synthesizer(BANK, "copula", {"depth": 3})
    with pytest.raises(InvalidInput, match="no rows for product"):
        synthesizer(BANK, {k: v for k, v in bank().items() if k != "product"})
    with pytest.raises(InvalidInput, match="nothing to learn"):
        synthesizer(Schema((PARTY,)), {"party": bank()["party"].head(0)})
    with pytest.raises(InvalidParameter, match="unknown"):
        sample(synthesizer(Schema((PARTY,)), bank()), {"unknown": 3})
    with pytest.raises(InvalidParameter, match="party"):
        sample(synthesizer(Schema((PARTY,)), bank()), {"party": -1})
    with pytest.raises(InvalidInput, match="not a synthesizer"):
        Synthesizer.load(b"nonsense")
    masked = Schema((PARTY.with_column(replace(PARTY["age"], action=Action.MASK)),))
    with pytest.raises(InvalidInput, match="Masking age needs a key"):
        synthesizer(masked, bank())


class Watch:
    def __init__(self, stop: str = "") -> None:
        self.stop, self.stages, self.shares = stop, [], []

    def stage(self, name):
        self.stages.append(name)
        self.shares.clear()

    def step(self, done, total, note="", values=None):
        self.shares.append(done / total)
        if self.stages[-1] == self.stop:
            raise JobCancelled("Stopped by the test.")


def test_progress_of_all_tables_is_one():
    watch, made = Watch(), Synthesizer(BANK, "forest")
    made.fit(bank(), rng=np.random.default_rng(1), progress=watch)
    assert watch.stages == ["prepare", "fit"]
    assert watch.shares == sorted(watch.shares)
    assert watch.shares[-1] == 1
    made.sample(rng=np.random.default_rng(1), progress=watch)
    assert watch.stages[-1] == "sample"
    assert watch.shares[-1] == 1


@pytest.mark.parametrize("stage", ["prepare", "fit"])
def test_cancel(stage):
    with pytest.raises(JobCancelled):
        Synthesizer(BANK, "copula").fit(bank(), rng=np.random.default_rng(1), progress=Watch(stage))


@pytest.mark.parametrize("stage", ["prepare", "fit"])
def test_a_cancelled_second_fit_leaves_what_was_learned(stage):
    made = synthesizer(BANK, bank(), "copula")
    before = made.dump()
    with pytest.raises(JobCancelled):
        made.fit(bank(60), rng=np.random.default_rng(2), progress=Watch(stage))
    assert made.dump() == before


# Links


def test_plan_puts_parents_first_and_names_the_kinds():
    order, kinds = plan(BANK, {"account": 400, "party": 120, "product": 4})
    assert order == ("party", "product", "account")
    assert kinds == {0: LinkKind.DRIVING, 1: LinkKind.LOOKUP}


def test_rows_of_parents_across_types():
    parents = pd.Series(["1", "2", None], dtype="string[pyarrow]")
    children = pd.Series([2, 1, None, 7, 2], dtype="Int64")
    assert parent_rows(parents, children).tolist() == [1, 0, -1, -1, 1]


def test_drawn_rows_repeat_like_the_data():
    tables, kinds = bank(), {0: LinkKind.DRAWN}
    link = next(iter(learn_links(BANK, kinds, tables)))
    rows = drawn_rows(link, 5000, 100, np.random.default_rng(0))
    counts = np.bincount(rows, minlength=100)
    childless = (tables["party"]["age"] < 50).mean()
    assert abs((counts == 0).mean() - childless) < 0.1


def test_further_parents_keep_their_numbers_of_children():
    link = Link(Relationship("a", "id", "b", "a_id"), LinkKind.DRAWN, 0.25, 1.5, 2, (2.0, 1.0))
    rows = drawn_rows(link, 2000, 1000, np.random.default_rng(0))
    assert (rows < 0).mean() == pytest.approx(0.25, abs=0.03)
    counts = np.bincount(rows[rows >= 0], minlength=1000)
    assert np.isin(counts, [1, 2]).mean() > 0.99
    assert counts.mean() == pytest.approx(1.5, abs=0.05)


def test_a_table_without_any_column_is_refused():
    column = Column("x", ColumnType.INTEGER, action=Action.DROP)
    schema = Schema((Table("t", (column,)),))
    with pytest.raises(InvalidInput, match="All columns of 't' are dropped"):
        Synthesizer(schema, "forest").fit(
            {"t": pd.DataFrame({"x": [1, 2]})}, rng=np.random.default_rng(0)
        )


class Heard:
    def __init__(self) -> None:
        self.values: list[dict[str, float]] = []

    def stage(self, name): ...

    def step(self, done, total, note="", values=None):
        self.values += [dict(values)] if values else []


def test_trainings_of_several_tables_tell_their_figures_apart():
    heard = Heard()
    for place, name in enumerate(("party", "account")):
        part = PartProgress(heard, name, place, 2)
        part.step(1, 2, "epoch 1 of 2", {"epoch": 1.0, "loss": 0.5})
    assert heard.values == [
        {"epoch": 1.0, "party: loss": 0.5},
        {"epoch": 1.0, "account: loss": 0.5},
    ]


@pytest.mark.parametrize("rules", [False, True])
def test_a_synthesizer_says_how_long_lists_were_learned(rules):
    table = Table("t", (Column("city", CATEGORY), Column("n", NUMBER)))
    rng = np.random.default_rng(0)
    frame = frame_of(table, city=[f"v{i // 2}" for i in range(60)], n=rng.normal(size=60))
    params = {"epochs": 1, "layer_width": 8, "max_categories": 10}
    wishes = Wishes(rules={"t": (InRange("n", low=-9),)} if rules else {})
    model = synthesizer_for(wishes, Schema((table,)), "tvae", params)
    model.fit({"t": frame}, rng=rng)
    (note,) = model.notes
    assert note.startswith("city: 30 values")
    assert "v1" not in note
