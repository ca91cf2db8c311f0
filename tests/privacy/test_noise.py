"""Noise is drawn as the ledger says, and never without it."""

import math

import numpy as np
import pytest
from scipy.stats import kstest, norm

from core.errors import InvalidParameter
from core.privacy.events import Gaussian, GaussianThreshold, Laplace, Selection
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import BudgetExceeded, Entry, Ledger, by_purpose
from core.privacy.noise import (
    best_of,
    gaussian_counts,
    known_labels,
    label_threshold,
    laplace_counts,
)


def ledger(epsilon: float = 1e4, rows: int = 1) -> Ledger:
    person = "person" if rows > 1 else None
    return Ledger(Guarantee(epsilon, 1e-5, rows, person))


@pytest.mark.parametrize("rows", [1, 4])
def test_gaussian_noise_has_the_spread_that_was_paid_for(rows):
    book = ledger(rows=rows)
    zeros = np.zeros((40, 100), np.int64)
    noisy = gaussian_counts(zeros, 5.0, book, "measurement", "x")
    assert noisy.shape == zeros.shape
    assert noisy.std() == pytest.approx(5.0 * rows, rel=0.05)
    assert (
        kstest(
            (noisy.ravel() + np.random.default_rng(1).random(4000) - 0.5) / noisy.std(), norm.cdf
        ).pvalue
        > 1e-4
    )
    assert book.entries == (Entry("measurement", "x", Gaussian(5.0)),)


def test_laplace_noise_has_the_spread_that_was_paid_for():
    book = ledger()
    noisy = laplace_counts(np.zeros(4000, np.int64), 5.0, book, "rows", "x")
    assert np.abs(noisy).mean() == pytest.approx(5.0, rel=0.1)
    assert book.entries[0].event == Laplace(5.0)


def test_two_draws_differ():
    first, second = (
        gaussian_counts(np.zeros(50, np.int64), 5.0, ledger(), "measurement", "x") for _ in range(2)
    )
    assert (first != second).any()


def test_nothing_is_drawn_beyond_the_promise():
    book = ledger(epsilon=1.0)
    gaussian_counts(np.zeros(3, np.int64), 4.0, book, "measurement", "x")
    with pytest.raises(BudgetExceeded, match="Nothing was drawn"):
        gaussian_counts(np.zeros(3, np.int64), 4.0, book, "measurement", "x")
    assert len(book.entries) == 1
    assert book.spent().epsilon <= 1.0


def test_the_ledger_is_written_before_the_noise_is_drawn():
    def refuse(entry: Entry) -> None:
        raise OSError("the record cannot be written")

    book = Ledger(Guarantee(1.0, 1e-5), watch=refuse)
    with pytest.raises(OSError, match="record"):
        gaussian_counts(np.zeros(3, np.int64), 10.0, book, "measurement", "x")
    assert len(book.entries) == 1


def test_a_selection_prefers_what_the_mechanism_says():
    book = ledger()
    epsilon, gap = 1.0, 2.0
    picks = [
        best_of(np.array([0.0, gap]), 1.0, epsilon, book, "selection", "x") for _ in range(800)
    ]
    share = 1 / (1 + math.exp(-epsilon * gap / 2))
    assert np.mean(picks) == pytest.approx(share, abs=0.05)
    assert set(book.entries) == {Entry("selection", "x", Selection(epsilon))}


def test_a_selection_counts_all_rows_of_a_person():
    book = ledger(rows=50)
    picks = [best_of(np.array([0.0, 2.0]), 1.0, 1.0, book, "selection", "x") for _ in range(400)]
    assert np.mean(picks) == pytest.approx(0.5, abs=0.1)


def test_a_label_of_one_person_is_not_shown():
    book = ledger()
    counts = {"often": 5_000, **{f"only {i}": 1 for i in range(2_000)}}
    assert set(known_labels(counts, 3.0, 1e-7, book, "x")) == {"often"}
    assert book.entries[0].event == GaussianThreshold(3.0, 1e-7)


def test_the_threshold_follows_delta():
    assert label_threshold(3.0, 1e-7, 1) == 2 + math.ceil(3.0 * norm.isf(1e-7))
    assert label_threshold(3.0, 1e-9, 1) > label_threshold(3.0, 1e-5, 1)
    assert label_threshold(3.0, 1e-7, 5) > label_threshold(3.0, 1e-7, 1)


@pytest.mark.parametrize("scores", [[], [1.0, math.nan], [math.inf]])
def test_scores_that_cannot_be_compared_are_refused(scores):
    book = ledger()
    with pytest.raises(InvalidParameter):
        best_of(np.array(scores), 1.0, 1.0, book, "selection", "x")
    assert not book.entries


def test_noise_is_for_whole_numbers():
    with pytest.raises(InvalidParameter, match="whole"):
        gaussian_counts(np.zeros(3), 1.0, ledger(), "measurement", "x")


def test_the_ledger_is_itemised():
    book = ledger(epsilon=3.0)
    gaussian_counts(np.zeros(3, np.int64), 8.0, book, "measurement", "age")
    best_of(np.array([1.0, 2.0]), 1.0, 0.1, book, "selection", "2 candidates")
    told = book.to_dict()
    assert [e["purpose"] for e in told["entries"]] == ["measurement", "selection"]
    assert told["spent_epsilon"] == pytest.approx(book.spent().epsilon)
    assert [Entry.from_dict(e) for e in told["entries"]] == list(book.entries)
    parts = by_purpose(book.entries, 1e-5)
    assert max(p.epsilon for p in parts.values()) < book.spent().epsilon


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ({"epsilon": 0}, "epsilon"),
        ({"epsilon": math.inf}, "epsilon"),
        ({"delta": 1.0}, "delta"),
        ({"rows_per_person": 0}, "rows_per_person"),
        ({"rows_per_person": 3}, "person"),
    ],
)
def test_a_promise_out_of_sense_is_refused(bad, word):
    with pytest.raises(InvalidParameter, match=word):
        Guarantee(**{"epsilon": 1.0, "delta": 1e-5, **bad})


def test_epsilon_one_in_words():
    assert Guarantee(1.0, 1e-5).odds == pytest.approx(0.731, abs=0.001)
    assert "73%" in Guarantee(1.0, 1e-5).sentence
