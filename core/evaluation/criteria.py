"""What the gates ask for, and from where on the dials say good: fields with bounds and help."""

from dataclasses import dataclass

from core.synthesis.params import param


@dataclass(frozen=True, slots=True)
class GateThresholds:
    """What the data quality gates ask for."""

    completeness: float = param(
        0.99,
        "Completeness",
        "Least share of filled cells in required columns: those without a gap in the real rows.",
        low=0.0,
        high=1.0,
    )
    types: float = param(
        1.0,
        "Types",
        "Least share of cells that are of their column's type.",
        low=0.0,
        high=1.0,
    )
    formats: float = param(
        0.995,
        "Formats and allowed values",
        "Least share of cells of a column that are written like the real ones: digits, patterns, "
        "known categories, within the range of the real values.",
        low=0.0,
        high=1.0,
    )
    validity: float = param(
        0.99, "Rules", "Least share of rows that keep every rule of the table.", low=0.0, high=1.0
    )
    keys: float = param(
        1.0, "Unique keys", "Least share of rows whose key no other row has.", low=0.0, high=1.0
    )
    near_duplicates: float = param(
        0.05,
        "Near-duplicates",
        "Largest share of rows that share all quasi-identifiers with another row, beyond the "
        "share among as many real rows.",
        low=0.0,
        high=1.0,
    )
    metadata: float = param(
        1.0,
        "Metadata",
        "Least share of columns that have the schema's name, place, type and tags.",
        low=0.0,
        high=1.0,
    )
    distribution_by: str = param(
        "D",
        "Similar distribution by",
        "D bounds how far two distributions lie apart, whatever the number of rows. p asks "
        "whether chance explains the distance: with few rows everything passes, with many rows "
        "nothing does, so that it grades the sample and not the data.",
        choices=("D", "p"),
    )
    largest_d: float = param(
        0.05,
        "Largest distance D",
        "Largest Kolmogorov-Smirnov distance of a column from the holdout, beyond what fresh "
        "real rows show.",
        low=0.0,
        high=1.0,
    )
    least_p: float = param(
        0.05,
        "Least p",
        "Least p-value of the Kolmogorov-Smirnov test of a column, where p is asked for.",
        low=0.0,
        high=1.0,
    )
    benjamini_hochberg: bool = param(
        True,
        "Correct p for many columns",
        "Benjamini and Hochberg's correction: of many columns, some fail by chance without it.",
    )
    coverage: float = param(
        1.0,
        "Foreign keys that fit",
        "Least share of child rows whose key points to a parent row.",
        low=0.0,
        high=1.0,
    )
    children: float = param(
        0.10,
        "Children per parent",
        "Largest distance D of the numbers of children per parent from the real ones.",
        low=0.0,
        high=1.0,
    )


@dataclass(frozen=True, slots=True)
class DialLevels:
    """From where on the three dials say good, and from where on with care."""

    fidelity_good: float = param(
        0.03,
        "Fidelity: good",
        "Pairs of columns overlap at most so far less than fresh real rows do.",
        low=0.0,
        high=1.0,
    )
    fidelity_fair: float = param(
        0.10, "Fidelity: with care", "The same, for the middle level.", low=0.0, high=1.0
    )
    dependence_good: float = param(
        0.70,
        "Dependencies: good",
        "Share of the way from independent columns to fresh real rows.",
        low=0.0,
        high=1.0,
    )
    dependence_fair: float = param(
        0.40, "Dependencies: with care", "The same, for the middle level.", low=0.0, high=1.0
    )
    utility_good: float = param(
        0.95,
        "Utility: good",
        "Share of the predictive power of real rows that synthetic rows keep.",
        low=0.0,
        high=1.0,
    )
    utility_fair: float = param(
        0.80, "Utility: with care", "The same, for the middle level.", low=0.0, high=1.0
    )
