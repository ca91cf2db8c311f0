"""What can be set of the ``forest`` engine, and the presets for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.synthesis.params import param


@dataclass(frozen=True, slots=True)
class ForestParams:
    """Parameters of the ``forest`` engine."""

    min_leaf: int = param(
        10,
        "Smallest leaf",
        "Least number of rows whose values are pooled before anything is drawn from them; tables "
        "below 5,000 rows use twice, below 1,500 rows four times as many. Larger is more private "
        "and coarser.",
        low=5,
        high=10_000,
    )
    caution: float = param(
        0.0,
        "Caution",
        "How strongly rows that did not grow a tree must speak for a split before it is "
        "trusted (log-odds). Larger is more private and coarser.",
        low=-10.0,
        high=100.0,
    )
    protect_rare: int = param(
        5,
        "Protect rare values",
        "Numbers seen fewer times than this are not replayed but drawn between their "
        "neighbours; labels seen fewer times are left out where common ones cover the column.",
        low=1,
        high=1000,
    )
    trees: int = param(
        1,
        "Trees a column",
        "Each row takes one of the trees; tables below 8,000 rows have twice as many. More are a "
        "little closer to the data and cost time.",
        low=1,
        high=32,
    )
    corrections: int = param(
        30,
        "Rounds of correction",
        "Trees over whole rows that find what tells drawn rows from learned ones; drawn rows are "
        "then kept in that proportion, about one in two. Only for tables of 8,000 to 200,000 rows. "
        "0 draws rows twice as fast and is a little further from the data.",
        low=0,
        high=200,
    )
    bins: int = param(
        64,
        "Bins",
        "Into how many stretches numbers are cut for the trees.",
        low=4,
        high=80,
        advanced=True,
    )
    most_features: int = param(
        16,
        "Columns a tree may use",
        "Of the earlier columns, so many that tell most about a column are offered to its tree.",
        low=1,
        high=200,
        advanced=True,
    )
    grow_rows: int = param(
        200_000,
        "Rows that grow the trees",
        "Larger tables grow their trees on a random sample of this size; shares in the leaves "
        "are counted on all rows.",
        low=1000,
        high=100_000_000,
        advanced=True,
    )


PRESETS = {
    "quick look": {"bins": 32, "grow_rows": 20_000, "most_features": 12},
    "balanced": {},
    "best": {"trees": 6, "most_features": 32, "grow_rows": 1_000_000},
}


@dataclass(frozen=True, slots=True)
class DialEffect:
    """What a step of the privacy dial gave on one table: means over seeds, by the shared scorer.

    Attributes
    ----------
    table, rows
        The table and how many of its rows were learned.
    biv
        Similarity of all pairs of columns to fresh real rows; 1 is best.
    c2st
        AUC of telling synthetic rows from fresh real ones; 0.5 is best.
    tstr
        AUC of a prediction learned on synthetic rows, on fresh real ones.
    dcr
        Share of synthetic rows nearer to a learned row than to a fresh one; 0.5 is best.
    mia
        AUC of telling learned rows from fresh ones by their distance; 0.5 is best.
    copies
        Share of synthetic rows that are exactly a learned row.
    """

    table: str
    rows: int
    biv: float
    c2st: float
    tstr: float
    dcr: float
    mia: float
    copies: float


@dataclass(frozen=True, slots=True)
class DialStep:
    """One position of the privacy dial: its parameters and what they were measured to do."""

    name: str
    help: str
    params: Mapping[str, float]
    measured: tuple[DialEffect, ...] = ()


# Measured by `python -m bench.dial`; one seed moves c2st by 0.01 and dcr by 0.005.
PRIVACY_DIAL = (
    DialStep(
        "closest",
        "Small leaves, and splits are trusted early. For tables that hold nothing personal.",
        {"min_leaf": 5, "caution": -2.0, "protect_rare": 5, "corrections": 30},
        (
            DialEffect("census", 24421, 0.976, 0.526, 0.925, 0.512, 0.504, 0.0),
            DialEffect("titanic", 654, 0.905, 0.562, 0.786, 0.558, 0.505, 0.219),
        ),
    ),
    DialStep(
        "close",
        "Small leaves. A little closer than balanced, which shows on small tables only.",
        {"min_leaf": 5, "caution": 0.0, "protect_rare": 5, "corrections": 30},
        (
            DialEffect("census", 24421, 0.976, 0.52, 0.925, 0.512, 0.502, 0.0),
            DialEffect("titanic", 654, 0.906, 0.573, 0.796, 0.546, 0.501, 0.206),
        ),
    ),
    DialStep(
        "balanced",
        "The default: what is learned has to hold for rows that were not learned from.",
        {"min_leaf": 10, "caution": 0.0, "protect_rare": 5, "corrections": 30},
        (
            DialEffect("census", 24421, 0.976, 0.538, 0.924, 0.512, 0.502, 0.0),
            DialEffect("titanic", 654, 0.904, 0.584, 0.785, 0.533, 0.494, 0.184),
        ),
    ),
    DialStep(
        "private",
        "Larger leaves, stronger evidence for each split and no corrections; rare values are those "
        "seen fewer than 10 times.",
        {"min_leaf": 50, "caution": 5.0, "protect_rare": 10, "corrections": 0},
        (
            DialEffect("census", 24421, 0.974, 0.597, 0.919, 0.504, 0.5, 0.0),
            DialEffect("titanic", 654, 0.875, 0.786, 0.579, 0.513, 0.486, 0.075),
        ),
    ),
    DialStep(
        "most private",
        "Large leaves, and only what is very sure; rare values are those seen fewer than 20 "
        "times. Fine patterns are lost. Still no formal guarantee.",
        {"min_leaf": 200, "caution": 20.0, "protect_rare": 20, "corrections": 0},
        (
            DialEffect("census", 24421, 0.968, 0.659, 0.913, 0.504, 0.499, 0.0),
            DialEffect("titanic", 654, 0.866, 0.862, 0.483, 0.514, 0.486, 0.036),
        ),
    ),
)
