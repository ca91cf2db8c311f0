"""What the measures of the full fidelity are called; the rest is from their docstrings."""

from core.evaluation.explained import Words, explained
from core.evaluation.fidelity_detail import cells, columns, numbers, strings, support
from core.evaluation.fidelity_detail.calendars import rhythm
from core.evaluation.fidelity_detail.giveaways import giveaways
from core.evaluation.fidelity_detail.pairs import association_gap
from core.evaluation.fidelity_detail.whole import rules_kept, triples

_INDEPENDENT = "independent columns"

FIDELITY_WORDS: dict[str, Words] = {
    "missing": explained("Missing values", columns.missing_share),
    "total_variation": explained("Total variation", cells.total_variation),
    "jensen_shannon": explained("Jensen-Shannon divergence", cells.jensen_shannon),
    "chi_square": explained("Chi-square, as an effect size", cells.chi_square),
    "ks": explained("Kolmogorov-Smirnov distance", numbers.kolmogorov_smirnov),
    "wasserstein": explained("Wasserstein distance", numbers.wasserstein),
    "range_coverage": explained("Range covered", numbers.range_coverage, percent=True),
    "range_adherence": explained("Within the real range", numbers.range_adherence, percent=True),
    "atoms": explained("Frequent single values", cells.atoms),
    "precision": explained("Rounding of numbers", numbers.precision),
    "category_coverage": explained("Categories covered", columns.category_coverage, percent=True),
    "category_adherence": explained("Known categories", columns.category_adherence, percent=True),
    "weekday": explained("Weekdays", rhythm),
    "month": explained("Months", rhythm),
    "hour": explained("Hours of the day", rhythm),
    "lengths": explained("Lengths of strings", strings.lengths),
    "patterns": explained("Patterns of strings", strings.patterns),
    "characters": explained("Kinds of characters", strings.characters),
    "associations": explained("Difference of associations", association_gap, chance=_INDEPENDENT),
    "triples": explained("Triples of columns", triples, chance=_INDEPENDENT),
    "alpha_precision": explained("α-precision", support.alpha_precision, chance=_INDEPENDENT),
    "beta_recall": explained("β-recall", support.beta_recall, chance=_INDEPENDENT),
    "authenticity": explained(
        "Authenticity", support.authenticity, chance="a plain copy", percent=True
    ),
    "rules": explained("Rules kept", rules_kept, chance=_INDEPENDENT, percent=True),
    "giveaways": explained("Columns that give rows away", giveaways),
}
"""Words by the name of the measure."""
