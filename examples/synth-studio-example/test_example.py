"""What an author of a plug-in tests: the studio's checks on the generator, and the other parts."""

import io

import numpy as np
import pandas as pd
import pytest
from synth_studio_example import generator, measure, reader

from core.data.schema import Column, ColumnType, Table
from core.errors import UnreadableFile
from core.evaluation.added import Sides
from core.evaluation.measures import NotMeasured
from core.synthesis.conformance import CHECKS, Candidate


@pytest.mark.parametrize("check", list(CHECKS))
def test_the_generator_conforms(check: str) -> None:
    """One check of the studio."""
    CHECKS[check](Candidate(generator.INFO))


def sides(train: list[int], holdout: list[int], synthetic: list[int]) -> Sides:
    """A table with one column of whole numbers."""
    table = Table("t", (Column("n", ColumnType.INTEGER),))
    frames = [pd.DataFrame({"n": pd.array(v, "Int64")}) for v in (train, holdout, synthetic)]
    return Sides(table, *frames)


def test_the_measure_of_numbers_that_are_round() -> None:
    """Shares worked out by hand."""
    found = measure.take(sides([10, 20], [10, 21], [1, 2]), np.random.default_rng(1))
    assert (found.value, found.fresh, found.chance) == (0.5, 0.5, 0.6)


def test_the_measure_says_when_it_cannot_be_taken() -> None:
    """A reason, never a stand-in number."""
    found = measure.take(sides([1], [], [1]), np.random.default_rng(1))
    assert isinstance(found.value, NotMeasured)


def test_the_reader() -> None:
    """Two records, of which one lacks a field; and a file that is none."""
    text = "# books\n%rec: Book\n\nTitle: A\nYear: 1999\n\nTitle: B\n"
    (book,) = reader.read(io.BytesIO(text.encode()), "x").values()
    assert book.to_pylist() == [{"Title": "A", "Year": "1999"}, {"Title": "B", "Year": None}]
    with pytest.raises(UnreadableFile, match="Line 1"):
        reader.read(io.BytesIO(b"nothing"), "x")
