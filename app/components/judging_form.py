"""How a run is judged, and its seed: the column to predict, the rows held out, how thoroughly."""

from dataclasses import replace

import streamlit as st

from core.data.schema import Action, ColumnType
from core.studio.values import Dataset, Purpose, RunSpec

MOST_SEED = 2**31 - 1
SEED_HELP = "The same seed, data and settings give the same synthetic tables."
DEPTHS = {"full": "In full", "quick": "Quick"}
LIKELY_TARGETS = frozenset(
    {"target", "label", "class", "y", "outcome", "churn", "churned", "default", "survived"}
)


def choose_judging(dataset: Dataset, start: RunSpec, key: str) -> RunSpec:
    """Show how the run is judged and its seed."""
    if start.purpose is Purpose.IMPUTE:
        return replace(start, seed=choose_seed(start.seed, key))
    st.subheader("Judging and seed", anchor=False)
    left, right = st.columns(2)
    with left:
        target = choose_target(dataset, start.target, key)
        depth = choose_depth(start.depth, key)
    with right:
        seed = choose_seed(start.seed, key)
        holdout = choose_holdout(start.holdout, key)
    return replace(start, seed=seed, target=target, holdout=holdout, depth=depth)


def choose_seed(start: int, key: str, help: str = SEED_HELP) -> int:
    """Let the user choose the seed."""
    return st.number_input(
        "Seed", 0, MOST_SEED, min(start, MOST_SEED), help=help, key=f"{key}_seed"
    )


def choose_depth(start: str, key: str) -> str:
    """Let the user say how thoroughly the result is judged."""
    chosen = st.segmented_control(
        "How it is judged",
        list(DEPTHS),
        default=start if start in DEPTHS else "full",
        format_func=DEPTHS.__getitem__,
        required=True,
        help="In full: with attacks on the rows, models and every detail. Quick: the main "
        "figures, for trying things out.",
        key=f"{key}_depth",
        persist_state="session",
    )
    return chosen or "full"


def choose_holdout(start: float, key: str) -> float:
    """Let the user say how many real rows are kept for judging."""
    percents = st.slider(
        "Held out for judging",
        5,
        50,
        round(start * 100),
        format="%d %%",
        help="Share of the real rows that is never learned from. The result is judged by them: "
        "more make its figures surer, and leave fewer to learn.",
        key=f"{key}_holdout",
        persist_state="session",
    )
    return start if percents == round(start * 100) else percents / 100


def choose_target(dataset: Dataset, start: str | None, key: str) -> str | None:
    """Let the user say which column a model is to predict."""
    options = target_options(dataset)
    return st.selectbox(
        "Column to predict, to judge usefulness",
        [None, *options],
        index=1 + options.index(start) if start in options else 0,
        format_func=lambda name: name or "Choose for me",
        help="A model learns to predict this column from synthetic rows and is tested on real "
        "ones that the generator never saw. Left to the studio, it is the last column with a few "
        "frequent values, or else the last number.",
        key=f"{key}_target",
        persist_state="session",
    )


def target_options(dataset: Dataset) -> list[str]:
    """Return the columns that can be predicted, as ``table.column``."""
    return [
        f"{table.name}.{column.name}"
        for table in dataset.schema.tables
        for column in table.columns
        if column.type is not ColumnType.TEXT
        and column.action in {None, Action.KEEP}
        and column.name != table.primary_key
    ]


def likely_target(dataset: Dataset) -> str | None:
    """Return the column that is called what targets are often called, if there is one."""
    options = target_options(dataset)
    return next((o for o in options if o.split(".")[-1].lower() in LIKELY_TARGETS), None)
