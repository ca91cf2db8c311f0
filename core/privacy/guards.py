"""What is checked before a private run: valid ranges, warnings, and a configuration to start from.

The number of rows is private. ``Facts.rows`` is to be a number that may be shown: declared, noisy,
or rounded for the person who holds the table anyway.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import InvalidParameter
from core.privacy.words import USUAL_DELTA, in_words

FEWEST_ROWS = 50
FEW_ROWS = 1_000
LEAST_EPSILON, MOST_EPSILON = 0.001, 100.0
LOW_EPSILON, HIGH_EPSILON = 0.1, 10.0
MOST_OF_ROWS, MUCH_OF_ROWS = 0.5, 0.2
MANY_ROWS_PER_PERSON = 10
_MARGIN = 10.0
_NEAR = 2.0
_WIDE = 100
_SOME_SIGNAL = 100.0

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be known about a table before anything was spent.

    Attributes
    ----------
    rows
        Rows, as a number that may be shown.
    columns, unknown
        Columns that are learned, and those of which no range or code list is public.
    """

    rows: float
    columns: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a private run is asked to do.

    ``sample_share`` is the chance with which a row is in a step of training; 0 where an engine
    trains in none.
    """

    epsilon: float
    delta: float
    rows_per_person: int = 1
    sample_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that stands against a run; a warning can be accepted, an error cannot."""

    name: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Valid:
    """The values of a setting that are possible, and those that need no second thought."""

    low: float
    high: float
    usual_low: float
    usual_high: float
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that was changed, and why."""

    name: str
    before: float
    after: float
    why: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A configuration to start from, the engine for it, and the reasons."""

    wanted: Wanted
    engine: str
    reasons: tuple[str, ...]


def valid_ranges(facts: Facts) -> dict[str, Valid]:
    """Of each setting: what is possible and what is usual for this many rows."""
    rows = max(facts.rows, 1.0)
    persons = max(1.0, math.floor(rows / FEWEST_ROWS))
    return {
        "epsilon": Valid(
            LEAST_EPSILON,
            MOST_EPSILON,
            LOW_EPSILON,
            HIGH_EPSILON,
            "Below, there is little but noise; above, the promise says little about a person.",
        ),
        "delta": Valid(
            0.0,
            1 / rows,
            0.0,
            1 / (_NEAR * rows),
            "A δ of one over the number of rows would allow one person's row to be given out.",
        ),
        "rows_per_person": Valid(
            1,
            persons,
            1,
            min(persons, MANY_ROWS_PER_PERSON),
            "Noise grows with the rows that one person may own.",
        ),
        "sample_share": Valid(
            1 / rows,
            MOST_OF_ROWS,
            1 / rows,
            MUCH_OF_ROWS,
            "Training on small random batches is what makes the noise affordable.",
        ),
    }


def remarks(wanted: Wanted, facts: Facts) -> tuple[Remark, ...]:
    """All that stands against a run, errors first."""
    found = [
        *_about_rows(wanted, facts),
        *_about_budget(wanted, facts),
        *_about_steps(wanted, facts),
    ]
    return tuple(sorted(found, key=lambda remark: remark.severity != ERROR))


def settle(wanted: Wanted, facts: Facts, *, accepted: bool = False) -> tuple[Remark, ...]:
    """The warnings of a run that may start.

    Parameters
    ----------
    accepted
        Whether its warnings were acknowledged.

    Raises
    ------
    InvalidParameter
        With every error, or every warning that nobody acknowledged.
    """
    found = remarks(wanted, facts)
    errors = [remark.message for remark in found if remark.severity == ERROR]
    if errors:
        raise InvalidParameter(" ".join(errors), errors)
    warnings = [remark.message for remark in found]
    if warnings and not accepted:
        raise InvalidParameter(" ".join([*warnings, "Accept the warnings to go on."]), warnings)
    return found


def adjust(wanted: Wanted, facts: Facts) -> tuple[Wanted, tuple[Change, ...]]:
    """The nearest configuration without remarks about its settings, and what was changed.

    More privacy is never given away: ε and δ are only ever lowered, except an ε that is out of
    sense because it is too small.
    """
    changes = []
    for name, valid in valid_ranges(facts).items():
        before = getattr(wanted, name)
        if name == "sample_share" and not before:
            continue
        after = type(before)(_inside(before, valid))
        if after != before:
            changes.append(Change(name, before, after, valid.why))
            settings: dict[str, Any] = {name: after}
            wanted = replace(wanted, **settings)
    return wanted, tuple(changes)


def recommend(facts: Facts) -> Recommendation:
    """A configuration for a table of this size, with the reasons."""
    delta = usual_delta(facts.rows)
    epsilon = 1.0 if facts.rows >= 10_000 else 3.0
    engine = "mst" if facts.columns > _WIDE else "aim"
    reasons = [
        f"δ = {delta:g} is at most a tenth of one over the number of rows.",
        "ε = 1 is the usual strong setting, and there are enough rows for it."
        if epsilon == 1
        else "With fewer than 10,000 rows, ε = 3 keeps the noise below what is to be learned.",
        "`aim` is the most faithful engine up to some 100 columns."
        if engine == "aim"
        else "With more than 100 columns, `mst` stays fast.",
    ]
    if facts.unknown:
        reasons.append(
            f"Of {facts.unknown} columns no range or code list is public: a part of ε finds them. "
            "Declare what the documentation says, and all of it goes into the result."
        )
    return Recommendation(Wanted(epsilon, delta), engine, tuple(reasons))


def usual_delta(rows: float) -> float:
    """10⁻⁵, or for many rows the power of ten at or below a tenth of one over their number."""
    most = 1 / (_MARGIN * max(rows, 1.0))
    return min(USUAL_DELTA, float(10.0 ** math.floor(math.log10(most) + 1e-9)))


def _inside(value: float, valid: Valid) -> float:
    if not math.isfinite(value):
        return valid.usual_high
    if value > valid.usual_high:
        return valid.usual_high
    low = max(valid.usual_low, math.nextafter(0.0, 1.0)) if valid.low == 0 else valid.usual_low
    return max(value, low) if value > 0 else valid.usual_high


def _about_rows(wanted: Wanted, facts: Facts) -> Sequence[Remark]:
    rows, each = facts.rows, wanted.rows_per_person
    if rows < FEWEST_ROWS:
        return [
            _error("rows", f"Fewer than {FEWEST_ROWS} rows cannot be hidden in noise. Add rows.")
        ]
    found = []
    if each < 1 or rows / max(each, 1) < FEWEST_ROWS:
        most = valid_ranges(facts)["rows_per_person"].high
        found.append(
            _error("rows_per_person", f"`rows_per_person` must be from 1 to {most:g}. Got {each}.")
        )
    elif each > MANY_ROWS_PER_PERSON:
        found.append(
            _warning(
                "rows_per_person",
                f"`rows_per_person` = {each} makes all noise {each} times as large. Keep fewer.",
            )
        )
    if rows < FEW_ROWS:
        found.append(_warning("rows", f"With fewer than {FEW_ROWS:,} rows, noise hides much."))
    return found


def _about_budget(wanted: Wanted, facts: Facts) -> Sequence[Remark]:
    found = []
    epsilon, delta = wanted.epsilon, wanted.delta
    if not LEAST_EPSILON <= epsilon <= MOST_EPSILON:
        found.append(
            _error(
                "epsilon",
                f"`epsilon` must be from {LEAST_EPSILON:g} to {MOST_EPSILON:g}. Got {epsilon:g}.",
            )
        )
    elif epsilon > HIGH_EPSILON:
        found.append(_warning("epsilon", f"ε = {epsilon:g} promises little. {in_words(epsilon)}"))
    elif epsilon < LOW_EPSILON:
        found.append(_warning("epsilon", f"ε = {epsilon:g} leaves little but noise. Give more."))
    elif epsilon * facts.rows / max(facts.columns, 1) < _SOME_SIGNAL * wanted.rows_per_person:
        found.append(
            _warning("epsilon", "So few rows for so many columns at this ε leave mostly noise.")
        )
    most = 1 / max(facts.rows, 1.0)
    if not 0 < delta < most:
        found.append(
            _error(
                "delta",
                f"`delta` must be above 0 and below one over the number of rows ({most:.2g}). "
                f"Got {delta:g}.",
            )
        )
    elif delta * _NEAR > most * (1 + 1e-9):
        found.append(
            _warning("delta", f"δ = {delta:g} is more than half of one over the rows; lower it.")
        )
    return found


def _about_steps(wanted: Wanted, facts: Facts) -> Sequence[Remark]:
    share = wanted.sample_share
    if not share:
        return []
    if not 1 / max(facts.rows, 1.0) <= share <= MOST_OF_ROWS:
        most = f"{MOST_OF_ROWS:.0%}"
        message = f"A step must take at least one row and at most {most} of them. Got {share:.2%}."
        return [_error("sample_share", message)]
    if share > MUCH_OF_ROWS:
        message = f"A step that takes more than {MUCH_OF_ROWS:.0%} of the rows costs much privacy."
        return [_warning("sample_share", message)]
    return []


def _error(name: str, message: str) -> Remark:
    return Remark(name, ERROR, message)


def _warning(name: str, message: str) -> Remark:
    return Remark(name, WARNING, message)
