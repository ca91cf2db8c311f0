"""A private fit end to end with a tiny engine: what goes in, what comes out, and what must not."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action, Column, ColumnType, Role, Schema, Table, ValueFormat
from core.errors import InvalidInput
from core.privacy.public import PublicColumn, PublicTable
from core.synthesis.synthesizer import Synthesizer

PARAMS = {"epsilon": 3.0, "delta": 1e-5}


def table() -> Table:
    return Table(
        "visits",
        (
            Column("id", ColumnType.INTEGER, role=Role.IDENTIFIER),
            Column("person", ColumnType.CATEGORY, role=Role.IDENTIFIER),
            Column(
                "mail",
                ColumnType.CATEGORY,
                semantic="email",
                action=Action.REPLACE,
                reason="a secret share of the values",
            ),
            Column("note", ColumnType.TEXT),
            Column("town", ColumnType.CATEGORY),
            Column("paid", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
            Column("when", ColumnType.DATE),
            Column("new", ColumnType.BOOLEAN),
        ),
        primary_key="id",
    )


def rows(size: int = 3_000) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    paid = np.where(rng.random(size) < 0.4, 0.0, np.round(rng.gamma(2, 20, size), 2))
    frame = pd.DataFrame(
        {
            "id": np.arange(size) + 700_000,
            "person": [f"secret person {i // 3}" for i in range(size)],
            "mail": [f"real{i}@secret.org" for i in range(size)],
            "note": [f"secret note number {i} about somebody" for i in range(size)],
            "town": np.array(["Bern", "Genf", "Chur"])[rng.integers(0, 3, size)],
            "paid": paid,
            "when": np.datetime64("2024-01-01") + rng.integers(0, 200, size),
            "new": rng.random(size) < 0.3,
        }
    )
    frame.loc[10, ["town", "paid"]] = ["Hapax", 987_654.32]
    return frame


def fitted(frame: pd.DataFrame, public: PublicTable | None = None, seed: int = 1, **params):
    made = Synthesizer(Schema((table(),)), "tiny", PARAMS | params)
    made.fit({"visits": frame}, rng=np.random.default_rng(seed), public=public)
    return made


def test_nothing_of_a_single_row_comes_out(tiny_engine):
    frame = rows()
    made = fitted(frame)
    sample = made.sample({"visits": 2_000}, rng=np.random.default_rng(2))["visits"]
    assert list(sample.columns) == list(frame.columns)
    assert set(sample["town"]) == {"Bern", "Genf", "Chur"}
    assert sample["paid"].max() < 1_000
    assert (sample["paid"] == 0).mean() == pytest.approx(0.4, abs=0.05)
    assert sample["id"].is_unique
    blob = b"".join([made.dump(), made.engine("visits").dump(), str(made.about()).encode()])
    told = sample.to_csv().encode() + blob
    for secret in (b"secret", b"Hapax", b"987654", b"OTHER,", b"7000", b"@secret"):
        assert secret not in told
    assert made.ledger.spent().epsilon <= 3.0 + 1e-6


def test_the_number_of_rows_is_noisy_or_declared(tiny_engine):
    made = fitted(rows())
    assert made.trained_rows["visits"] == pytest.approx(3_000, abs=600)
    assert fitted(rows(), rows=2_900).trained_rows["visits"] == 2_900
    assert fitted(rows(), PublicTable(rows=2_800)).trained_rows["visits"] == 2_800


def test_the_ledger_is_kept_with_the_model(tiny_engine):
    made = fitted(rows())
    again = Synthesizer.load(made.dump())
    assert again.ledger.to_dict() == made.ledger.to_dict()
    one, two = (m.sample({"visits": 50}, rng=np.random.default_rng(3)) for m in (made, again))
    pd.testing.assert_frame_equal(one["visits"], two["visits"])


def test_what_is_declared_is_not_paid_for(tiny_engine):
    public = PublicTable(
        {
            "town": PublicColumn("town", values=("Bern", "Genf", "Chur")),
            "paid": PublicColumn("paid", 0.0, 500.0),
            "when": PublicColumn("when", "2024-01-01", "2024-12-31"),
        }
    )
    made = fitted(rows(), public)
    assert {e.purpose for e in made.ledger.entries} == {"measurement"}
    assert {e.purpose for e in fitted(rows()).ledger.entries} == {
        "measurement",
        "bounds",
        "categories",
    }


def one_person_less(frame: pd.DataFrame, person: str) -> pd.DataFrame:
    return frame[frame["person"] != person].reset_index(drop=True)


@pytest.mark.parametrize("person", ["secret person 3", "secret person 500"])
def test_with_frozen_noise_a_person_changes_nothing(tiny_engine, tape, person):
    frame = rows()
    asked = {"person": "person", "rows_per_person": 2}
    with_all = fitted(frame, **asked)
    tape.rewind()
    without = fitted(one_person_less(frame, person), **asked)
    assert with_all.dump() == without.dump()
    samples = [
        m.sample({"visits": 300}, rng=np.random.default_rng(4))["visits"]
        for m in (with_all, without)
    ]
    pd.testing.assert_frame_equal(*samples)
    half = len(tape.true) // 2
    pairs = zip(tape.true[:half], tape.true[half:], strict=True)
    assert max(np.abs(a - b).sum() for a, b in pairs) <= 2


def test_a_person_keeps_at_most_so_many_rows(tiny_engine):
    made = fitted(rows(), person="person", rows_per_person=2)
    learned = made.engine("visits").learned
    assert len(learned) == 2_000
    assert "person" not in learned


def test_several_tables_are_refused(tiny_engine):
    schema = Schema((table(), Table("other", (Column("x", ColumnType.INTEGER),))))
    made = Synthesizer(schema, "tiny", PARAMS)
    with pytest.raises(InvalidInput, match="one table"):
        made.fit({}, rng=np.random.default_rng(1))


def test_what_cannot_be_kept_is_refused_at_once(tiny_engine):
    made = Synthesizer(Schema((table(),)), "tiny", PARAMS | {"person": "nobody"})
    public = PublicTable({"age": PublicColumn("age", 0.0, 9.0)})
    with pytest.raises(InvalidInput) as caught:
        made.fit({"visits": rows(10)}, rng=np.random.default_rng(1), public=public)
    assert len(caught.value.problems) == 2


def test_a_table_with_nothing_to_learn_still_has_a_noisy_size(tiny_engine):
    only = Schema((table().select(("id", "mail")),))
    made = Synthesizer(only, "tiny", PARAMS)
    made.fit({"visits": rows(500)}, rng=np.random.default_rng(1))
    assert [e.purpose for e in made.ledger.entries] == ["rows"]
    assert made.trained_rows["visits"] == pytest.approx(500, abs=60)
    sample = made.sample(rng=np.random.default_rng(1))["visits"]
    assert sample["mail"].str.contains("@example").all()
