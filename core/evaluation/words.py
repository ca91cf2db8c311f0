"""What each measure is called and what it means, for pages, the PDF and the documentation."""

from core.evaluation.explained import Words, explained
from core.evaluation.fidelity_detail.words import FIDELITY_WORDS
from core.evaluation.telling import two_sample
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
        computed="One minus the total variation distance to the holdout over 20 quantile bins of "
        "the training values, with frequent values apart, or over the categories; the mean of all "
        "learned columns.",
        misleads="Independent columns reach the ceiling: it says nothing of dependencies. A mean "
        "hides one bad column among many good ones.",
    ),
    "pairs": Words(
        "Pairs of columns",
        "The same for each two columns together: are the dependencies kept?",
        "1 is the same; columns drawn independently of each other are the lower reference.",
        chance="independent columns",
        computed="One minus the total variation distance to the holdout over the cells of two "
        "columns, on average over all pairs, or over 500 drawn by lot where there are more.",
        misleads="Many cells have few rows, so that small tables score low with fresh real rows "
        "too: read it as the way from independent columns to fresh real rows.",
    ),
    "c2st": explained("Telling synthetic from real", two_sample, chance="independent columns"),
    "tstr": Words(
        "Train on synthetic, test on real",
        "How well a model trained on synthetic rows predicts the target of holdout rows.",
        "To be compared with the same model trained on the real training rows.",
        chance="guessing",
        computed="Gradient boosting with the defaults of scikit-learn learns the synthetic rows; "
        "area under the ROC curve on the holdout, the mean over classes against the rest, or R² "
        "for a number.",
        misleads="Holds for this target and this model. A target that other columns do not "
        "predict, or one that a single column gives away, says little.",
    ),
    "copies": Words(
        "Exact copies",
        "Share of synthetic rows that equal a training row in every learned column.",
        "To be compared with the share of holdout rows that do: narrow tables have equal rows.",
        chance="a plain copy",
        percent=True,
        computed="Rows are compared by a hash of all learned columns.",
        misleads="A copy with one changed digit is none; the distances and attacks see it.",
    ),
    "nearer": Words(
        "Nearer to training than to holdout",
        "How often the nearest real row of a synthetic row is one the generator was trained on, "
        "corrected for the sizes of both.",
        "0.5 means no more often than a fresh row's; 1 is a copy.",
        chance="a plain copy",
        computed="Distance over standardised numbers, cut at five standard deviations, and the 30 "
        "most frequent categories of a column; rows at the same distance share the point.",
        misleads="A mean over all rows: a few copies among many rows hardly move it.",
    ),
    "distance": Words(
        "Distance to the closest training row",
        "Median distance of a synthetic row to the closest training row.",
        "Not clearly below that of holdout rows; 0 is a copy.",
        chance="a plain copy",
        computed="The distance is that of the measure above; beside it the same of holdout rows.",
        misleads="Says nothing of the rows that are nearest, and a low one may mean that the rows "
        "are realistic: only the comparison counts.",
    ),
    "membership": Words(
        "Membership test",
        "How well an attacker tells training from holdout rows by how near the synthetic rows "
        "come (area under the ROC curve).",
        "0.5 is a coin toss; 1 means that membership is given away.",
        chance="a plain copy",
        computed="Training and holdout rows are ordered by the distance to the nearest synthetic "
        "row; the area under the ROC curve with 95 % interval by Hanley and McNeil (1982).",
        misleads="One simple attacker, and a mean over all people: those who stand out may be "
        "found although the mean is a coin toss.",
    ),
    "keys": Words(
        "Foreign keys that fit",
        "Share of child rows whose key points to a parent row.",
        "All should.",
        percent=True,
        computed="Over the child rows that have a key.",
        misleads="Any parent counts as fitting, a wrong one too.",
    ),
    "children": Words(
        "Children per parent",
        "How much the distribution of the number of child rows overlaps with the real one.",
        "1 is the same.",
        computed="One minus the total variation distance over the numbers of children, parents "
        "without children included, 50 and more counted as one.",
        misleads="Which parents have many children is not looked at.",
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
