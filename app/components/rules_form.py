"""A form for one rule: its kind, then what that kind needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.data.schema import Table

Fields = Mapping[str, Any]
SQL_HELP = "Column names are those of the table; text stands in single quotes: state = 'open'."


@dataclass(frozen=True, slots=True)
class KindForm:
    """How a kind of rule is asked for."""

    title: str
    help: str
    ask: Callable[[Table, str], Fields]


def rule_form(table: Table, *, key: str) -> dict[str, Any]:
    """Show the form and return the rule as plain values, which may still be wrong."""
    kind = st.selectbox(
        "Kind of rule",
        list(FORMS),
        format_func=lambda name: FORMS[name].title,
        key=f"{key}_kind",
    )
    form = FORMS[kind]
    st.caption(form.help)
    return {"rule": kind, **form.ask(table, f"{key}_{kind}")}


def typed_value(text: str) -> str | int | float | None:
    """Return what was typed as a number where it is one; nothing for nothing."""
    plain = text.strip()
    for read in (int, float):
        try:
            return read(plain)
        except ValueError:
            continue
    return plain or None


def _column(table: Table, label: str, key: str) -> str | None:
    return st.selectbox(label, table.names, index=None, key=key, placeholder="Choose a column")


def _columns(table: Table, label: str, key: str) -> list[str]:
    return st.multiselect(label, table.names, key=key, placeholder="Choose columns")


def _lines(label: str, key: str) -> list[Any]:
    text = st.text_area(label, key=key, placeholder="One value a line", height=100)
    return [typed_value(line) for line in text.splitlines() if line.strip()]


def _ask_range(table: Table, key: str) -> Fields:
    column = _column(table, "Column", f"{key}_column")
    left, right = st.columns(2)
    low = left.text_input("From", key=f"{key}_low", placeholder="Open")
    high = right.text_input("To", key=f"{key}_high", placeholder="Open")
    above = left.checkbox("without this end", key=f"{key}_above")
    below = right.checkbox("without this end", key=f"{key}_below")
    ends = {"low": typed_value(low), "high": typed_value(high)}
    return {"column": column, **ends, "above": above, "below": below}


def _ask_order(table: Table, key: str) -> Fields:
    left, right = st.columns(2)
    with left:
        low = _column(table, "Never above", f"{key}_low")
    with right:
        high = _column(table, "this column", f"{key}_high")
    strict = st.checkbox("And never equal", key=f"{key}_strict")
    return {"low": low, "high": high, "strict": strict}


def _ask_if(table: Table, key: str) -> Fields:
    left, right = st.columns(2)
    with left:
        when = _column(table, "Where this column", f"{key}_when")
        values = _lines("is one of", f"{key}_values")
    with right:
        then = _column(table, "this column", f"{key}_then")
        is_there = st.radio("must", ["have a value", "be missing"], key=f"{key}_must")
    kind = "not_null" if is_there == "have a value" else "is_null"
    return {
        "when": {"rule": "allowed", "column": when, "values": values},
        "then": {"rule": kind, "column": then},
    }


def _ask_sum(table: Table, key: str) -> Fields:
    parts = _columns(table, "These columns", f"{key}_parts")
    return {"parts": parts, "total": _column(table, "add up to", f"{key}_total")}


def _ask_sql(table: Table, key: str) -> Fields:
    text = st.text_area("Expression", key=f"{key}_text", placeholder="net + tax <= gross * 1.1")
    title = st.text_input("Name in reports", key=f"{key}_title", max_chars=100)
    return {"expression": text, "title": title}


def _ask_hot(table: Table, key: str) -> Fields:
    columns = _columns(table, "Columns", f"{key}_columns")
    return {"columns": columns, "or_none": st.checkbox("Or none of them", key=f"{key}_none")}


def _ask_allowed(table: Table, key: str) -> Fields:
    column = _column(table, "Column", f"{key}_column")
    return {"column": column, "values": _lines("Allowed values", f"{key}_values")}


def _ask_form(table: Table, key: str) -> Fields:
    column = _column(table, "Column", f"{key}_column")
    return {"column": column, "pattern": st.text_input("Pattern", key=f"{key}_pattern")}


FORMS: Mapping[str, KindForm] = {
    "at_most": KindForm(
        "One column at most another", "A start is never after its end.", _ask_order
    ),
    "in_range": KindForm(
        "Range", "Between two ends, or above or below one; dates as 2024-12-31.", _ask_range
    ),
    "combinations": KindForm(
        "Fixed combinations",
        "Only combinations that occur in the real rows: a city and its country.",
        lambda table, key: {"columns": _columns(table, "Columns", f"{key}_columns")},
    ),
    "sum": KindForm("Sum", "Columns that add up to another; one alone is equal to it.", _ask_sum),
    "if": KindForm(
        "Conditional",
        "A value is there, or missing, where another column says so. Other conditions: as text.",
        _ask_if,
    ),
    "one_hot": KindForm("One-hot group", "Of several columns of 0 and 1 one is 1.", _ask_hot),
    "allowed": KindForm("Allowed values", "No value beside those listed.", _ask_allowed),
    "matches": KindForm(
        "Regular expression",
        "Texts have a form, from first to last letter: [A-Z]{2}[0-9]+",
        _ask_form,
    ),
    "unique": KindForm(
        "Unique",
        "No two rows agree in all of these columns.",
        lambda table, key: {"columns": _columns(table, "Columns", f"{key}_columns")},
    ),
    "not_null": KindForm(
        "Never missing",
        "Every row has a value.",
        lambda table, key: {"column": _column(table, "Column", f"{key}_column")},
    ),
    "sql": KindForm("SQL expression", f"Every row meets a condition. {SQL_HELP}", _ask_sql),
}
