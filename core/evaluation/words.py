"""What each measure is called and what it means, for pages, the PDF and the documentation."""

from core.evaluation.explained import Words
from core.evaluation.fidelity_detail.words import FIDELITY_WORDS
from core.evaluation.values import Measure, NotMeasured, Score

__all__ = [
    "CHANCE",
    "FIGURES",
    "LEVELS",
    "MEASURES",
    "Words",
    "is_share",
    "show",
    "show_measure",
]

MEASURES: dict[str, Words] = {
    "columns": Words(
        "Single columns",
        "How much the distribution of each column overlaps with that of real rows, on average.",
        "1 is the same; fresh real rows stay a little below it by chance alone.",
    ),
    "pairs": Words(
        "Pairs of columns",
        "The same for each two columns together: are the dependencies kept?",
        "1 is the same; columns drawn independently of each other are the lower reference.",
        chance="independent columns",
    ),
    "c2st": Words(
        "Telling synthetic from real",
        "How well a model tells synthetic rows from holdout rows (area under the ROC curve).",
        "0.5 means that it cannot; 1 means always.",
        chance="independent columns",
    ),
    "tstr": Words(
        "Train on synthetic, test on real",
        "How well a model trained on synthetic rows predicts the target of holdout rows.",
        "To be compared with the same model trained on the real training rows.",
        chance="guessing",
    ),
    "copies": Words(
        "Exact copies",
        "Share of synthetic rows that equal a training row in every learned column.",
        "To be compared with the share of holdout rows that do: narrow tables have equal rows.",
        chance="a plain copy",
        percent=True,
    ),
    "nearer": Words(
        "Nearer to training than to holdout",
        "How often the nearest real row of a synthetic row is one the generator was trained on, "
        "corrected for the sizes of both.",
        "0.5 means no more often than a fresh row's; 1 is a copy.",
        chance="a plain copy",
    ),
    "distance": Words(
        "Distance to the closest training row",
        "Median distance of a synthetic row to the closest training row.",
        "Not clearly below that of holdout rows; 0 is a copy.",
        chance="a plain copy",
    ),
    "membership": Words(
        "Membership test",
        "How well an attacker tells training from holdout rows by how near the synthetic rows "
        "come (area under the ROC curve).",
        "0.5 is a coin toss; 1 means that membership is given away.",
        chance="a plain copy",
    ),
    "keys": Words(
        "Foreign keys that fit",
        "Share of child rows whose key points to a parent row.",
        "All should.",
        percent=True,
    ),
    "children": Words(
        "Children per parent",
        "How much the distribution of the number of child rows overlaps with the real one.",
        "1 is the same.",
    ),
    **FIDELITY_WORDS,
}
FIGURES: dict[str, str] = {
    "uni": "similarity of single columns (20 quantile bins)",
    "biv": "similarity of pairs of columns",
    "tri": "similarity of triples of columns",
    "c2st": "AUC of telling synthetic from holdout rows",
    "tstr": "score on the holdout when trained on synthetic rows",
    "dcr": "share nearer to training than to holdout rows, both of one size",
    "mia": "AUC of the membership test",
    "dup": "share of exact copies of training rows",
}
LEVELS: dict[str, str] = {
    "good": "Good",
    "fair": "With care",
    "poor": "Not good enough",
    "unknown": "Cannot tell",
}


def show(score: Score, *, percent: bool = False) -> str:
    """A score in three digits or per cent; "not measured" without one."""
    if isinstance(score, NotMeasured):
        return "not measured"
    return f"{score:.2%}" if percent else f"{score:.3f}"


def show_measure(measure: Measure) -> str:
    """The value of a measure in its own format."""
    return show(measure.value, percent=is_share(measure))


def is_share(measure: Measure) -> bool:
    """Whether a measure reads best in per cent."""
    return measure.name in MEASURES and MEASURES[measure.name].percent


CHANCE: dict[str, str] = {
    "fidelity": "independent columns",
    "utility": "guessing",
    "privacy": "a plain copy",
}
"""What the lower reference of each dial is."""
