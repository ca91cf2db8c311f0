"""Steps that rows suggest, each with its reason: counts and known words, never a value of theirs.

Nothing is carried out. What is suggested is what rows of files often have: padded cells, words for
missing, numbers and dates in a column that is text because of a few other cells, labels of few
people, a few values far from all others, very many strings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.infer import MARKERS
from core.data.pipeline.cleaning import Markers, Trim
from core.data.pipeline.extremes import ProtectExtremes
from core.data.pipeline.parsing import ParseDates, ParseNumbers
from core.data.pipeline.people import people_by_label, people_of, person_among
from core.data.pipeline.rare import KeepFrequent, MergeRare
from core.data.pipeline.scalars import as_cells
from core.data.pipeline.step import LINES, STRINGS, Step
from core.data.schema import Action, Column, ColumnType, Role, Table

PEOPLE = 5
_MOSTLY = 0.9
_LEAST_CELLS = 20
_MANY = 200
_FEW = 0.01
_REPEATED = 3
_SENTINELS = ("-1", "-9", "-99", "-999", "-9999", "999", "9999", "99999", "999999")
_ENDS_OF_TIME = ("1900-01-01", "1970-01-01", "9999-12-31", "2999-12-31", "2099-12-31")
_UNITS = ("€", "$", "£", "¥", "%", "CHF", "EUR", "USD", "GBP", "kg", "km", "cm", "mm")
_MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", "'"), (",", " "), (".", " "))
_PATTERNS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y",
             "%b %d, %Y", "%Y%m%d")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SuggestedStep:
    """A step, how many of the cells looked at it would change, and why."""

    table: str
    step: Step
    cells: int
    why: str


def suggest_steps(
    frame: pd.DataFrame, table: Table, keys: frozenset[str], person: str = ""
) -> tuple[SuggestedStep, ...]:
    """What the rows of a table suggest, column by column, in the order to carry it out.

    Parameters
    ----------
    keys
        Columns that take no step.
    person
        The column that tells people apart; "" where each row is one.
    """
    people = people_of(frame, person)
    found: list[SuggestedStep] = []
    for column in table.columns:
        made_up = column.action in {Action.DROP, Action.REPLACE}
        if column.name in keys or made_up or column.name == person:
            continue
        found += _of_column(frame[column.name], column, table.name, people, person)
    return tuple(found)


def person_column(frame: pd.DataFrame, table: Table, links: Sequence[str]) -> str:
    """The column that tells people apart in these rows; see :func:`person_among`."""
    return person_among(table, links, lambda name: bool(frame[name].dropna().duplicated().any()))


def _of_column(
    values: pd.Series, column: Column, table: str, people: Any, person: str
) -> Iterator[SuggestedStep]:
    is_told = column.role is not Role.IDENTIFIER and column.action is not Action.MASK
    if column.type in STRINGS:
        steps = list(_cleaning(values, column.name))
        parsed = None if column.semantic else _parsing(values, column.name)
        if parsed is not None:
            steps.append(parsed)
        elif column.type is ColumnType.CATEGORY and is_told:
            steps += _labels(values, column.name, people, person)
    else:
        steps = list(_sentinels(values, column))
        if column.type in LINES and is_told:
            steps += _extremes(values, column, steps, person)
    for step, cells, why in steps:
        yield SuggestedStep(table, step, cells, why)


_Found = tuple[Step, int, str]


def _cleaning(values: pd.Series, name: str) -> Iterator[_Found]:
    trimmed = values.str.strip()
    padded = int(((trimmed != values) & (trimmed != "")).fillna(False).sum())
    if padded:
        yield Trim(name), padded, f"{padded:,} cells have spaces at an end."
    counts = trimmed[trimmed.isin([*MARKERS, ""]).fillna(False)].value_counts()
    if len(counts):
        words = tuple(sorted(map(str, counts.index)))
        shown = ", ".join(f"“{word}”" if word else "blank" for word in words)
        cells = int(counts.sum())
        yield Markers(name, words), cells, f"{cells:,} cells say that a value is missing: {shown}."


def _parsing(values: pd.Series, name: str) -> _Found | None:
    """Numbers or dates in a column that is text because of a few other cells."""
    text = values.dropna().str.strip()
    text = text[~text.isin([*MARKERS, ""])]
    if len(text) < _LEAST_CELLS:
        return None
    counts = text.value_counts()
    words = pd.Series(counts.index, dtype=values.dtype)
    return _as_numbers(words, counts.to_numpy(), name) or _as_dates(words, counts.to_numpy(), name)


def _as_numbers(words: pd.Series, counts: Any, name: str) -> _Found | None:
    units = tuple(u for u in _UNITS if words.str.startswith(u).any() or words.str.endswith(u).any())
    column = Column(name, ColumnType.TEXT)
    best: tuple[int, int, ParseNumbers] | None = None
    for place, (point, thousands) in enumerate(_MARKS):
        step = ParseNumbers(name, point, thousands, units)
        read = step.cells(words, column, {})
        fitting = int(counts[read.notna().to_numpy()].sum())
        if best is None or fitting > best[0]:
            best = fitting, place, step
    if best is None or best[0] < _MOSTLY * counts.sum():
        return None
    fitting, _, step = best
    read = step.cells(words, column, {}).dropna()
    whole = (
        bool((read == read.round()).all()) and not words.str.contains(step.point, regex=False).any()
    )
    step = ParseNumbers(
        name, step.point, step.thousands, units, whole, -1 if whole else _digits(read)
    )
    total = int(counts.sum())
    return (
        step,
        fitting,
        f"{fitting:,} of {total:,} cells are numbers; the others would be missing.",
    )


def _digits(read: pd.Series) -> int:
    """Digits after the point that tell all numbers apart; -1 for very many."""
    for digits in range(7):
        if np.allclose(read, read.round(digits), rtol=0, atol=1e-9):
            return digits
    return -1


def _as_dates(words: pd.Series, counts: Any, name: str) -> _Found | None:
    column, left, patterns = Column(name, ColumnType.TEXT), words.copy(), []
    for _ in range(3):
        fits = {p: left.notna() & _reads(left, p, column) for p in _PATTERNS if p not in patterns}
        best = max(fits, key=lambda p: int(counts[fits[p].to_numpy(dtype=bool)].sum()))
        if not fits[best].any():
            break
        patterns.append(best)
        left = left.mask(fits[best])
    fitting = int(counts[left.isna().to_numpy()].sum())
    total = int(counts.sum())
    if not patterns or fitting < _MOSTLY * total:
        return None
    why = f"{fitting:,} of {total:,} cells are dates; the others would be missing."
    return ParseDates(name, tuple(patterns)), fitting, why


def _reads(words: pd.Series, pattern: str, column: Column) -> pd.Series:
    return ParseDates(column.name, (pattern,)).cells(words, column, {}).notna()


def _labels(values: pd.Series, name: str, people: Any, person: str) -> Iterator[_Found]:
    counts = people_by_label(values, people)
    rare = counts.index[counts < PEOPLE]
    if not len(rare) or len(rare) == len(counts):
        return
    cells = int(values.isin(list(rare)).sum())
    who = "people" if person else "rows"
    if len(counts) > _MANY:
        few = f"{len(rare):,} of them with fewer than {PEOPLE} {who}"
        why = f"{len(counts):,} different strings, {few}."
        yield KeepFrequent(name, person=person), cells, why
        return
    labels = "1 label has" if len(rare) == 1 else f"{len(rare):,} labels have"
    why = f"{labels} fewer than {PEOPLE} {who}."
    yield MergeRare(name, PEOPLE, person), cells, why


def _sentinels(values: pd.Series, column: Column) -> Iterator[_Found]:
    """Values that stand for missing: known ones, repeated, and far from all others."""
    known: tuple[str, ...] = ()
    if column.type in {ColumnType.INTEGER, ColumnType.NUMBER}:
        known = _SENTINELS
    elif column.type in {ColumnType.DATE, ColumnType.DATETIME}:
        known = _ENDS_OF_TIME
    numbers = as_numbers(values, column)
    numbers = numbers[~np.isnan(numbers)]
    if len(numbers) < _LEAST_CELLS or not known:
        return
    low, high = np.quantile(numbers, [0.25, 0.75])
    reach = 3 * max(high - low, 1.0)
    found = []
    for word in known:
        point = float(as_numbers(as_cells(word, column), column)[0])
        is_far = point < low - reach or point > high + reach
        if is_far and int((numbers == point).sum()) >= _REPEATED:
            found.append((word, int((numbers == point).sum())))
    if found:
        cells = sum(count for _, count in found)
        words = tuple(word for word, _ in found)
        why = (
            f"{cells:,} cells hold {', '.join(words)}, far from all others, which may mean missing."
        )
        yield Markers(column.name, words), cells, why


def _extremes(
    values: pd.Series, column: Column, cleaned: Sequence[_Found], person: str
) -> Iterator[_Found]:
    for step, _, _ in cleaned:
        values = step.cells(values, column, {})
    numbers = as_numbers(values, column)
    numbers = numbers[~np.isnan(numbers)]
    if len(numbers) < 5 * _LEAST_CELLS:
        return
    low, high = np.quantile(numbers, [0.25, 0.75])
    far = int(((numbers < low - 3 * (high - low)) | (numbers > high + 3 * (high - low))).sum())
    if high > low and 0 < far <= _FEW * len(numbers):
        why = f"{far:,} values lie further from the middle half than three times its width."
        yield ProtectExtremes(column.name, PEOPLE, person), far, why
