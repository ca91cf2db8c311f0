"""What a run is to make: synthetic tables, extra rows, or the real table without gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from app.components.ask_words import PURPOSES
from app.components.datasets import code
from app.components.rows_form import private_rows_form, rows_form
from core.studio.ask_checks import MOST_COPIES
from core.studio.values import Dataset, Purpose, RunSpec
from core.synthesis.protocol import EngineInfo

TEXTS = {
    Purpose.TABLES: "Tables in which every row is made up.",
    Purpose.AUGMENT: "More rows for the real table, kept apart from it, with keys that no real row "
    "has.",
    Purpose.IMPUTE: "The real table, each missing cell filled in as the rest of its row suggests.",
}
REAL_ROWS = (
    "What comes out holds real rows: it is never released, and only those who may read the real "
    "rows can take it."
)
ONE_TABLE = "Extra rows are of one table; this dataset has several."
NO_GAPS = "No cell that could be filled is missing in this dataset."
SHOWN_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Making:
    """What is made, how much of it, and what stands in the way."""

    purpose: Purpose = Purpose.TABLES
    rows: Mapping[str, int] = field(default_factory=dict)
    copies: int = 1
    problems: tuple[str, ...] = ()


def purpose_form(
    dataset: Dataset,
    engine: EngineInfo,
    gaps: Mapping[str, Sequence[str]],
    start: RunSpec,
    *,
    key: str,
) -> Making:
    """Show what can be made and how much of it.

    Parameters
    ----------
    gaps
        By table the columns with missing cells that can be filled.
    """
    if engine.formal_guarantee:
        return _make_privately(dataset, start, key)
    chosen = st.segmented_control(
        "What to make",
        list(PURPOSES),
        default=start.purpose,
        format_func=PURPOSES.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=f"{key}_purpose",
    )
    purpose = chosen or Purpose.TABLES
    st.caption(TEXTS[purpose])
    if purpose is Purpose.IMPUTE:
        return _fill(engine, gaps, start, key)
    rows = rows_form(dataset, start.rows, key=key)
    is_refused = purpose is Purpose.AUGMENT and len(dataset.schema.tables) > 1
    return Making(purpose, rows, problems=(ONE_TABLE,) if is_refused else ())


def _make_privately(dataset: Dataset, start: RunSpec, key: str) -> Making:
    """Synthetic tables are all that a guarantee can be about."""
    st.caption(TEXTS[Purpose.TABLES])
    if len(dataset.schema.tables) != 1:
        return Making()
    return Making(rows=private_rows_form(dataset, start.rows, key=key))


def _fill(
    engine: EngineInfo, gaps: Mapping[str, Sequence[str]], start: RunSpec, key: str
) -> Making:
    problems = [] if gaps else [NO_GAPS]
    if not engine.takes_context:
        problems.append(f"{engine.title} cannot fill cells given others. Choose another engine.")
    copies = st.number_input(
        "Completed tables",
        1,
        MOST_COPIES,
        start.copies,
        help="Several differ as far as the data leave the cells open. Analyse each and combine "
        "the results (multiple imputation).",
        key=f"{key}_copies",
        persist_state="session",
        width=200,
    )
    for table, columns in gaps.items():
        shown = ", ".join(code(name) for name in columns[:SHOWN_COLUMNS])
        more = len(columns) - SHOWN_COLUMNS
        rest = f" and {more} more" if more > 0 else ""
        st.caption(f"Filled in {code(table)}: {shown}{rest}. Keys and free text keep their gaps.")
    st.info(REAL_ROWS, icon=":material/lock_person:")
    return Making(Purpose.IMPUTE, {}, copies, tuple(problems))
