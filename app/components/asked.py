"""What was asked of a run and what came of it: how rows were made to fit, and what it cost.

Reads ``Run.result``: ``asked`` of runs with conditions, shares, rules or fairness, and ``filled``
of runs that fill missing cells.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.components.ask_words import percent, sentences
from app.components.datasets import code, counted
from app.components.page import plain
from core.data.schema import ColumnType
from core.studio.values import Run

FEW_MATCHING = 100
LITTLE_INFLUENCE = 0.05
DAY_S, MINUTE_S = 86_400, 60
LOW_ACCEPTANCE = 0.05
HOW = {"construction": "built in", "repair": "repaired", "rejection": "redrawn"}


def show_asked(run: Run, *, brief: bool = False) -> None:
    """Show what was asked beyond rows as they come, what came of it, and the engine's notes.

    Nothing for an ordinary run. ``brief`` leaves out the tables and the notes.
    """
    if said := sentences(run.spec):
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
    asked, filled = run.result.get("asked", {}), run.result.get("filled", {})
    if "method" in asked and run.spec.ask is not None:
        _show_method(asked)
    if filled:
        st.caption(filled_words(filled))
    if brief:
        return
    if notes := run.result.get("notes"):
        told = "\n".join(f"- {plain(note)}" for note in notes)
        with st.expander("How long lists of values were learned", icon=":material/info:"):
            st.markdown(told)
    if asked.get("rules"):
        _show_rules(asked["rules"])
    if asked.get("fairness"):
        _show_fairness(asked["fairness"])
    if filled:
        _show_filled(filled)


def method_words(asked: Mapping[str, Any]) -> str:
    """Say how the rows were made to fit."""
    if asked["method"] == "construction":
        return "Every row was made as asked; none was thrown away."
    return (
        f"Rows were drawn until enough fitted: {percent(asked['acceptance'])} of "
        f"{counted(asked['drawn'], 'drawn row')} did."
    )


def filled_words(filled: Mapping[str, Any]) -> str:
    """Say how many cells were filled."""
    cells = sum(count for columns in filled["cells"].values() for count in columns.values())
    columns = sum(len(columns) for columns in filled["cells"].values())
    times = f", {filled['copies']} times over" if filled["copies"] > 1 else ""
    return f"{counted(cells, 'missing cell')} in {counted(columns, 'column')} filled{times}."


def number_or_reason(value: object, form: str = "{:.3f}") -> str:
    """Write a figure; where it was not taken, say why."""
    if isinstance(value, Mapping):
        return f"not measured: {value.get('reason', 'no reason given')}"
    return form.format(value) if isinstance(value, int | float) else "–"


def _show_method(asked: Mapping[str, Any]) -> None:
    matching = asked.get("matching_training_rows")
    rests = f" {counted(matching, 'training row')} are like that." if matching is not None else ""
    st.caption(method_words(asked) + rests)
    if matching is not None and matching < FEW_MATCHING:
        st.warning(
            "So few real rows fit that what is made rests on little: look at it with care, and "
            "at its privacy above all.",
            icon=":material/group_off:",
        )
    if asked["acceptance"] < LOW_ACCEPTANCE:
        st.caption("A new fit with the same conditions makes such rows without throwing any away.")


def _show_rules(rules: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        {
            "Rule": rule["rule"],
            "How it is kept": HOW.get(rule["how"], rule["how"]),
            "Kept by real rows": rule["kept_in_training"],
            "Kept as drawn": rule["kept_as_drawn"],
            "Kept in the result": rule["kept"],
        }
        for rule in rules
    ]
    shares = {name: st.column_config.NumberColumn(format="percent") for name in list(rows[0])[2:]}
    st.markdown("**Rules**")
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=shares, alt="How each rule was kept"
    )


def _show_fairness(found: Mapping[str, Any]) -> None:
    st.markdown("**What fairness gained and cost**")
    st.dataframe(
        fairness_frame(found),
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.3f")
            for name in ("Real", "Without fairness", "With fairness")
        },
        alt=f"Influence of {found['sensitive']} in real rows, without and with fairness",
    )
    st.caption(
        f"Influence of {code(found['sensitive'])}: the largest difference between its groups in "
        "the share of a value, 0 for none and 1 for all. With fairness it should be lower, but "
        "for chance: a few hundredths in a few thousand rows."
    )
    frame = fairness_frame(found)
    if len(frame) and frame["Real"].max() < LITTLE_INFLUENCE:
        st.caption("In the real rows there is hardly any influence, so that little was to gain.")
    similarity = found["pairwise_similarity"]
    st.markdown(
        f":material/balance: **Cost** Likeness of all pairs of columns to the real rows: "
        f"{number_or_reason(similarity['plain'])} without fairness, "
        f"{number_or_reason(similarity['fair'])} with it; 1 is best."
    )


def fairness_frame(found: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row for each column that was to be freed, the most influenced first."""
    rows = [
        {
            "Column": column["column"],
            "Real": column["demographic_parity_difference"]["real"],
            "Without fairness": column["demographic_parity_difference"]["plain"],
            "With fairness": column["demographic_parity_difference"]["fair"],
        }
        for column in found["columns"]
    ]
    frame = pd.DataFrame(rows, columns=["Column", "Real", "Without fairness", "With fairness"])
    return frame.sort_values("Real", ascending=False, ignore_index=True)


def _show_filled(filled: Mapping[str, Any]) -> None:
    st.dataframe(
        filled_frame(filled),
        hide_index=True,
        column_config={"Cells filled": st.column_config.NumberColumn(format="localized")},
        alt="What was filled in each column, and how well",
    )
    st.caption(
        "How well: known cells were hidden, filled and compared with the truth. Numbers: the "
        "typical error; labels: the share filled right. Beside it what the column's mean or "
        "commonest value reaches."
    )
    left = [
        f"{code(column)}: {reason}"
        for columns in filled.get("left", {}).values()
        for column, reason in columns.items()
    ]
    if left:
        st.caption(f"Left as they are: {', '.join(left)}.")


def filled_frame(filled: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row for each column with filled cells."""
    rows = []
    for table, columns in filled["cells"].items():
        known = {one["column"]: one for one in filled.get("quality", {}).get(table, ())}
        for column, count in columns.items():
            one, kind = known.get(column, {}), _type_of(filled, table, column)
            rows.append(
                {
                    "Column": column if len(filled["cells"]) == 1 else f"{table}.{column}",
                    "Cells filled": count,
                    "How well": error_text(one.get("filled"), kind),
                    "Mean or commonest": error_text(one.get("baseline"), kind),
                    "Error taken away": number_or_reason(one.get("gain"), "{:.0%}"),
                }
            )
    return pd.DataFrame(rows)


def error_text(value: object, kind: ColumnType | None) -> str:
    """Write how far filled cells are off, in a unit that people know, or the share filled right."""
    if not isinstance(value, int | float) or kind is None:
        return number_or_reason(value, "{:,.4g}")
    if kind is ColumnType.DATE:
        return f"{value:,.1f} days"
    if kind is ColumnType.DATETIME:
        return f"{value / DAY_S:,.1f} days"
    if kind is ColumnType.TIME:
        return f"{value / MINUTE_S:,.1f} minutes"
    if not kind.is_numeric:
        return f"{value:.1%} right"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def _type_of(filled: Mapping[str, Any], table: str, column: str) -> ColumnType | None:
    for known in filled.get("schema", {}).get("tables", ()):
        for one in known["columns"]:
            if (known["name"], one["name"]) == (table, column):
                return ColumnType(one["type"])
    return None
