"""What can be set of the ``forest`` engine, and the presets for it."""

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
        2,
        "Trees a column",
        "Each row takes one of the trees. More are a little closer to the data and cost time.",
        low=1,
        high=32,
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
    "quick look": {"trees": 1, "bins": 32, "grow_rows": 20_000, "most_features": 12},
    "balanced": {},
    "best": {"trees": 6, "most_features": 32, "grow_rows": 1_000_000},
}
