"""Fast audits of every private engine: with frozen noise a person changes nothing, and so on."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from core.errors import InvalidInput
from core.privacy import noise
from core.privacy.audit.charged import not_charged, too_sensitive
from core.privacy.audit.tape import Diverged, Tape, noise_shrunk, without_noise
from core.privacy.events import Gaussian, SampledGaussian
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import BudgetExceeded, Ledger
from core.privacy.public import PublicColumn, PublicTable
from core.synthesis.dp_audit import Audited, differences, replay
from core.synthesis.dp_audit.cases import OWN_PAID, OWN_TOWN, visits
from core.synthesis.dp_audit.replay import same_sampling, unnoised
from core.synthesis.registry import ENGINES
from tests.privacy import tiny

PRIVATE = [name for name in ("aim", "mst", "dp_copula") if ENGINES[name].formal_guarantee]
CASE = visits()
SHORT = {"aim": {"rounds": 1}}
ASKED = {"epsilon": 4.0, "delta": 1e-9, "person": "person", "rows_per_person": 2}


def audited(info, **own) -> Audited:
    params = ASKED | dict(info.presets["quick look"]) | SHORT.get(info.name, {})
    return Audited(info, CASE.schema, params, **own)


@pytest.mark.parametrize("public", [CASE.public, PublicTable()], ids=["declared", "unknown"])
@pytest.mark.parametrize("name", PRIVATE)
def test_with_frozen_noise_a_person_changes_nothing(name, public):
    found = replay(audited(ENGINES[name], public=public), CASE.frame, CASE.persons[0])
    assert found.holds, found.problems
    assert found.draws >= 4


@pytest.mark.parametrize("name", PRIVATE)
def test_without_noise_the_audit_fails(name):
    found = replay(unnoised(audited(ENGINES[name])), CASE.frame, CASE.persons[1])
    assert any("is not the noise" in problem for problem in found.problems)
    assert "the bytes of the model" in found.problems


def test_less_noise_than_charged_is_seen_by_replay():
    sham = audited(tiny.INFO, around=lambda: noise_shrunk(0.2))
    found = replay(sham, CASE.frame, CASE.persons[0])
    assert any(problem.startswith("Less noise was drawn") for problem in found.problems)
    assert any("changes more than was charged" in problem for problem in found.problems)


class TellsRows(tiny.Tiny):
    """Gives away the true number of rows."""

    @property
    def rows(self) -> int:
        return len(self.learned)


class TellsNotes(tiny.Tiny):
    """Says the largest value while it works."""

    def fit(self, frame, table, *, progress, **given) -> None:
        super().fit(frame, table, progress=progress, **given)
        progress.step(1, 1, "done", {"largest": float(frame["paid"].max())})


class TellsOrder(tiny.Tiny):
    """Numbers its labels as they come in the rows."""

    def dump(self) -> bytes:
        return super().dump() + str(list(self.learned["town"].unique())).encode()


class DrawsByRows(tiny.Tiny):
    """Draws noise for each row, so that how much there is depends on them."""

    def fit(self, frame, table, *, private, **given) -> None:
        noise.gaussian_counts(
            np.zeros(len(frame), np.int64), 50.0, private.ledger, "measurement", "each row"
        )
        self.learned = frame
        self.domain = private.domain(frame, table, private.rho(table) / 2)


@pytest.mark.parametrize(
    ("engine", "word"),
    [
        (TellsRows, "number of rows"),
        (TellsNotes, "progress"),
        (TellsOrder, "bytes"),
        (DrawsByRows, "another number of values"),
    ],
)
def test_a_leak_is_found(engine, word):
    leaking = audited(replace(tiny.INFO, make=engine))
    found = replay(leaking, CASE.frame, CASE.persons[0])
    assert any(word in problem for problem in found.problems)


def test_categories_read_from_the_rows_are_found():
    def read(frame: pd.DataFrame) -> PublicTable:
        towns = PublicColumn("town", values=tuple(sorted(frame["town"].dropna().unique())))
        return PublicTable({"town": towns})

    found = replay(audited(tiny.INFO, public_of=read), CASE.frame, CASE.persons[0])
    assert not found.holds


def test_only_engines_with_a_guarantee_are_audited():
    with pytest.raises(InvalidInput, match="no formal guarantee"):
        Audited(ENGINES["forest"], CASE.schema, {})


@pytest.mark.parametrize("name", PRIVATE)
def test_what_one_person_alone_has_does_not_come_out(name):
    """Shown by chance at most four times in 1e9: δ is 1e-9."""
    wanted = audited(ENGINES[name])
    for seed in range(4):
        told = wanted.release(CASE.frame, seed, 200).text
        assert b"town" in told
        for secret in (OWN_TOWN, f"{OWN_PAID:.0f}", "a word about"):
            assert secret.encode() not in told


def test_an_engine_that_asks_for_more_than_promised_gets_no_noise():
    class Greedy(tiny.Tiny):
        def fit(self, frame, table, *, private, **given) -> None:
            super().fit(frame, table, private=private, **given)
            noise.gaussian_counts(
                np.zeros(17, np.int64), 1.0, private.ledger, "measurement", "more"
            )

    tape = Tape()
    with tape.recording(), pytest.raises(BudgetExceeded, match="Nothing was drawn"):
        audited(replace(tiny.INFO, make=Greedy)).release(CASE.frame, 1, 10)
    assert tape.draws
    assert 17 not in {np.size(draw.true) for draw in tape.draws if draw.kind == "gaussian"}


def spent_on(counts: list[int], book: Ledger, multiplier: float = 4.0) -> np.ndarray:
    return noise.gaussian_counts(np.array(counts), multiplier, book, "measurement", "x")


def test_a_tape_gives_out_what_it_kept():
    tape, books = Tape(), [Ledger(Guarantee(2.0, 1e-5)) for _ in range(2)]
    with tape.recording():
        one = spent_on([1, 2, 3], books[0])
    with tape.replaying() as again:
        other = spent_on([9, 2, 3], books[1])
    assert (one == other).all()
    assert again.draws[0].true.tolist() == [9, 2, 3]
    assert not not_charged(books[0], tape)
    assert too_sensitive(books[0], tape, again)


def test_a_replay_that_asks_for_other_noise_is_stopped():
    tape = Tape()
    with tape.recording():
        spent_on([1, 2, 3], Ledger(Guarantee(2.0, 1e-5)))
    book = partial(Ledger, Guarantee(9.0, 1e-5))
    with pytest.raises(Diverged, match="scale"), tape.replaying():
        spent_on([1, 2, 3], book(), 5.0)
    with pytest.raises(Diverged, match="was not there"), tape.replaying():
        noise.best_of(np.array([1.0]), 1.0, 0.1, book(), "selection", "x")
    with pytest.raises(Diverged, match="was not asked for"), tape.replaying():
        pass


def test_afterwards_noise_is_drawn_again():
    with without_noise():
        assert (spent_on([5] * 50, Ledger(Guarantee(2.0, 1e-5))) == 5).all()
    assert (spent_on([5] * 50, Ledger(Guarantee(2.0, 1e-5))) != 5).any()


def test_noise_that_nobody_charged_is_seen():
    tape, book = Tape(), Ledger(Guarantee(2.0, 1e-5))
    with tape.recording():
        spent_on([1], book)
        noise._discrete_gaussian(np.array([1]), 3.0)
    assert not_charged(book, tape) == ["1 draws of noise were not charged."]
    book.charge("measurement", "never drawn", Gaussian(50.0))
    book.charge("training", "never drawn", SampledGaussian(0.001, 50.0, 3))
    assert "Entry 3" in not_charged(book, tape)[0]


def test_poisson_samples_are_told_from_others():
    rng = np.random.default_rng(1)
    assert same_sampling(rng.binomial(1_000, 0.05, 200), 0.05, 1_000)
    assert not same_sampling([50] * 200, 0.05, 1_000)
    assert not same_sampling(rng.binomial(1_000, 0.1, 200), 0.05, 1_000)
    assert not same_sampling([], 0.05, 1_000)


def test_releases_are_compared_in_all_their_parts():
    one = audited(tiny.INFO).release(CASE.frame, 1, 20)
    assert differences(one, one) == []
    other = replace(one, rows=one.rows.iloc[::-1].reset_index(drop=True), told=("other",))
    assert differences(one, other) == ["notes of the progress", "the synthetic rows"]
