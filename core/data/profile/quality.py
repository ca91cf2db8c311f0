"""The quality score of a table: four parts, each counted from the profile, and their weights."""

from collections.abc import Sequence

from core.data.profile.shape import Quality, QualityPart
from core.data.profile.values import ColumnProfile


def quality(rows: int, duplicates: int, columns: Sequence[ColumnProfile]) -> Quality | None:
    """Score completeness, uniqueness, variation and plausibility; None for an empty table."""
    if not rows or not columns:
        return None
    cells = rows * len(columns)
    missing = sum(column.missing for column in columns)
    still = sum(column.nearly_constant for column in columns)
    measured = [column for column in columns if column.numbers]
    numbers = sum(column.rows - column.missing for column in measured)
    far = sum(column.numbers.far_outliers for column in measured if column.numbers)
    parts = (
        QualityPart(
            "completeness",
            1 - missing / cells,
            0.4,
            f"{missing:,} of {cells:,} cells are missing.",
        ),
        QualityPart(
            "uniqueness",
            1 - duplicates / rows,
            0.3,
            f"{duplicates:,} of {rows:,} rows repeat an earlier one.",
        ),
        QualityPart(
            "variation",
            1 - still / len(columns),
            0.15,
            f"{still} of {len(columns)} columns have one value in at least 99 % of the rows.",
        ),
        QualityPart(
            "plausibility",
            1 - far / max(numbers, 1),
            0.15,
            f"{far:,} of {numbers:,} numbers and dates lie further than three interquartile ranges "
            "from the middle half.",
        ),
    )
    return Quality(parts)
