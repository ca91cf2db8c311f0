"""Labels of which no code list is public: only those that many persons share are found."""

import pandas as pd

from core.data.schema import Column, ColumnType
from core.privacy.domain import OTHER
from core.privacy.gaussian import multiplier_of
from core.privacy.ledger import Ledger
from core.privacy.noise import known_labels


def find_labels(
    values: pd.Series, column: Column, ledger: Ledger, rho: float, delta: float
) -> tuple[tuple[str, ...], bool]:
    """Labels in alphabetical order, and whether the last one stands for all that are not shown.

    The truth values of a boolean column are public by its type and cost nothing.
    """
    if column.type is ColumnType.BOOLEAN:
        return ("False", "True"), False
    counts = values.dropna().astype("string").value_counts()
    shown = known_labels(
        {str(label): int(count) for label, count in counts.items()},
        multiplier_of(rho),
        delta,
        ledger,
        f"labels of {column.name}",
    )
    stands_in = OTHER not in shown
    return (*sorted(shown), *([OTHER] if stands_in else [])), stands_in
