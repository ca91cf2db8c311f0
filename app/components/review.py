"""The parts of the review: findings in words, the table of all columns, keys and links.

Functions here turn what the user chose into decisions; the page hands them to the studio.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.components.datasets import (
    ACTION_NAMES,
    ACTION_TEXTS,
    ROLE_NAMES,
    ROLE_TEXTS,
    TYPE_NAMES,
    code,
)
from app.components.page import plain
from core.data.coarser import in_words, read_coarser
from core.data.pii import SEMANTICS, Finding, Semantic
from core.data.schema import Action, Coarser, Column, Relationship, Role, Schema, Table
from core.errors import InvalidInput
from core.studio.values import Dataset, Decision

Findings = Mapping[str, Mapping[str, Finding]]

LIKELY = ((0.9, "nearly certain"), (0.75, "very likely"), (0.55, "likely"), (0.0, "possible"))
ACCEPTED = "as suggested"
KEPT = "looked at in the new version"
NO_KEY = "(no key)"
COARSER_HELP = (
    "How a generalised column is: month, quarter, year, hour, bands of 10, first 3 characters, "
    "2 decimals. Empty for what is usual."
)
CONTENT_ROWS = 25
COLUMNS = ["Column", "Meaning", "Type", "Role", "Action", "Coarser", "Reason"]
PICK = "Pick"


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding that waits for a person, with the column that it is about."""

    dataset_id: str
    table: str
    column: Column
    finding: Finding

    @property
    def key(self) -> str:
        """Unique among the findings of all datasets."""
        return f"{self.dataset_id}.{self.table}.{self.column.name}"

    def decision(
        self, action: Action, role: Role, reason: str, coarser: Coarser | None = None
    ) -> Decision:
        """Return what a person decided about it."""
        name, kind = self.column.name, self.column.type
        return Decision(self.table, name, kind, role, action, reason, coarser)

    def accepted(self) -> Decision:
        """Return the decision to do what is suggested."""
        found = self.finding
        return self.decision(found.suggested_action, found.suggested_role, ACCEPTED)


def open_findings(dataset: Dataset, findings: Findings) -> list[OpenFinding]:
    """Return what is unsettled: what points to a person first, the most certain first."""
    waiting = [
        OpenFinding(dataset.id, table, dataset.schema[table][column], findings[table][column])
        for table, column in dataset.open_columns
        if column in findings.get(table, {})
    ]
    return sorted(
        waiting,
        key=lambda item: (not SEMANTICS[item.finding.semantic].direct, -item.finding.confidence),
    )


def open_without(dataset: Dataset, findings: Findings) -> list[tuple[str, Column]]:
    """Return the undecided columns, by table, in which nothing was found: new or changed ones."""
    return [
        (table, dataset.schema[table][column])
        for table, column in dataset.open_columns
        if column not in findings.get(table, {})
    ]


def kept_all(columns: Sequence[tuple[str, Column]]) -> list[Decision]:
    """Return the decisions to keep columns as they are."""
    return [Decision(table, c.name, c.type, c.role, Action.KEEP, KEPT) for table, c in columns]


def likely(confidence: float) -> str:
    """Return a confidence in words."""
    return next(words for least, words in LIKELY if confidence >= least)


def show_finding(item: OpenFinding) -> None:
    """Show what was found in a column, why, and some masked evidence."""
    found, meaning = item.finding, SEMANTICS[item.finding.semantic]
    st.markdown(f"**{code(item.column.name)}** · {meaning.title} {_badge(meaning)}")
    st.markdown(f"{meaning.explanation} This is {likely(found.confidence)}: {_lower(found.why)}")
    if found.examples:
        shown = " · ".join(code(example) for example in found.examples)
        st.caption(f"Looks like {shown} (hidden on purpose)")


def explain_words() -> None:
    """Explain actions and roles one click away."""
    with st.expander("What do the actions and roles mean?", icon=":material/help:"):
        actions, roles = st.columns(2, gap="large")
        actions.markdown("\n".join(f"- **{ACTION_NAMES[a]}**: {ACTION_TEXTS[a]}" for a in Action))
        roles.markdown("\n".join(f"- **{ROLE_NAMES[r]}**: {ROLE_TEXTS[r]}" for r in Role))


def columns_frame(table: Table, findings: Mapping[str, Finding]) -> pd.DataFrame:
    """Put what is decided about a table's columns into one row per column."""
    rows = [_column_row(column, findings.get(column.name)) for column in table.columns]
    return pd.DataFrame(rows, columns=COLUMNS)


def _column_row(column: Column, finding: Finding | None) -> dict[str, str | None]:
    role = finding.suggested_role if finding and column.action is None else column.role
    return {
        "Column": column.name,
        "Meaning": SEMANTICS[finding.semantic].title if finding else "",
        "Type": TYPE_NAMES[column.type],
        "Role": ROLE_NAMES[role],
        "Action": ACTION_NAMES[column.action] if column.action else None,
        "Coarser": in_words(column.coarser) if column.coarser else "",
        "Reason": column.reason,
    }


def edit_columns(
    dataset: Dataset, table: Table, findings: Mapping[str, Finding]
) -> tuple[list[Decision], list[str]]:
    """Let the user change any column, and pick some; return what changed and what is picked.

    Raises
    ------
    InvalidInput
        With every column whose way to generalise cannot be read.
    """
    before = columns_frame(table, findings)
    state = zlib.crc32(before.to_csv(index=False).encode())
    after = st.data_editor(
        before.assign(**{PICK: False})[[PICK, *COLUMNS]],
        hide_index=True,
        key=f"editor_{dataset.id}_{table.name}_{state}",
        disabled=["Column", "Meaning"],
        placeholder="",
        height="content" if len(before) <= CONTENT_ROWS else "auto",
        alt=f"The {len(before)} columns of {table.name} with what is decided about each.",
        column_config={
            PICK: st.column_config.CheckboxColumn(
                help="For the buttons below the table.", pinned=True, width="small"
            ),
            "Column": st.column_config.TextColumn(pinned=True),
            "Meaning": st.column_config.TextColumn(help="What the column seems to hold."),
            "Type": _choice("How values are understood.", TYPE_NAMES.values()),
            "Role": _choice("What the column tells about a person.", ROLE_NAMES.values()),
            "Action": _choice("Empty: not decided yet.", ACTION_NAMES.values(), required=False),
            "Coarser": st.column_config.TextColumn(help=COARSER_HELP, max_chars=40),
            "Reason": st.column_config.TextColumn(help="Written to the audit.", max_chars=500),
        },
    )
    picked = [str(name) for name in after.loc[after[PICK].fillna(False).astype(bool), "Column"]]
    return changed(table, before, after[COLUMNS]), picked


def changed(table: Table, before: pd.DataFrame, after: pd.DataFrame) -> list[Decision]:
    """Return a decision for each row that differs and has an action.

    Raises
    ------
    InvalidInput
        With every column whose way to generalise cannot be read.
    """
    types, roles, actions = (
        {name: value for value, name in names.items()}
        for names in (TYPE_NAMES, ROLE_NAMES, ACTION_NAMES)
    )
    rows = zip(before.to_dict("records"), after.to_dict("records"), strict=True)
    edited = [new for old, new in rows if old != new and new["Action"] in actions]
    coarser, problems = {}, []
    for new in edited:
        if actions[new["Action"]] is Action.GENERALISE and (new["Coarser"] or "").strip():
            try:
                coarser[new["Column"]] = read_coarser(new["Coarser"])
            except InvalidInput as error:
                problems.append(f"Column {new['Column']!r}: {error}")
    if problems:
        raise InvalidInput(" ".join(problems), problems)
    return [
        Decision(
            table.name,
            new["Column"],
            types[new["Type"]],
            roles[new["Role"]],
            actions[new["Action"]],
            new["Reason"] or "",
            coarser.get(new["Column"]),
        )
        for new in edited
    ]


def choose_keys(dataset: Dataset) -> dict[str, str | None]:
    """Let the user choose the primary key of each table."""
    chosen: dict[str, str | None] = {}
    for table in dataset.schema.tables:
        options = [NO_KEY, *table.names]
        index = options.index(table.primary_key) if table.primary_key else 0
        key = st.selectbox(
            f"Key of {plain(table.name)}",
            options,
            index=index,
            key=f"key_{dataset.id}_{table.name}",
            help="The column that has a different value in each row.",
        )
        chosen[table.name] = None if key == NO_KEY else key
    return chosen


def choose_links(dataset: Dataset, keys: Mapping[str, str | None]) -> list[Relationship]:
    """Let the user say which column of a table points to the key of another."""
    schema = dataset.schema
    before = links_frame(schema)
    state = zlib.crc32(before.to_csv(index=False).encode())
    after = st.data_editor(
        before,
        hide_index=True,
        num_rows="dynamic",
        key=f"links_{dataset.id}_{state}",
        alt="Which column points to which table, one link a row.",
        column_config={
            "Column": _choice("The column that points.", _all_columns(schema)),
            "Points to": _choice("The table whose key it names.", list(schema.names)),
        },
    )
    return [*links_of(after, keys), *(link for link in schema.relationships if link.more)]


def links_frame(schema: Schema) -> pd.DataFrame:
    """Put the links of one column between tables into one row each."""
    links = [link for link in schema.relationships if not link.more]
    rows = [(f"{link.child}.{link.child_key}", link.parent) for link in links]
    return pd.DataFrame(rows, columns=["Column", "Points to"], dtype="object")


def links_of(frame: pd.DataFrame, keys: Mapping[str, str | None]) -> list[Relationship]:
    """Read links back; a link to a table without a key names no column and is refused later."""
    links = []
    for column, parent in frame.dropna().itertuples(index=False):
        child = max((t for t in keys if column.startswith(f"{t}.")), key=len)
        links.append(Relationship(parent, keys[parent] or "", child, column[len(child) + 1 :]))
    return list(dict.fromkeys(links))


def settled_frame(table: Table, findings: Mapping[str, Finding]) -> pd.DataFrame:
    """Return the rows of a table's findings that are settled."""
    frame = columns_frame(table, findings)
    return frame[(frame["Meaning"] != "") & frame["Action"].notna()].drop(columns="Type")


def accept_all(items: Sequence[OpenFinding]) -> list[Decision]:
    """Return the decisions to do everything that is suggested."""
    return [item.accepted() for item in items]


def _choice(help: str, options: Iterable[str], *, required: bool = True) -> object:
    return st.column_config.SelectboxColumn(help=help, options=list(options), required=required)


def _all_columns(schema: Schema) -> list[str]:
    return [f"{table.name}.{name}" for table in schema.tables for name in table.names]


def _badge(meaning: Semantic) -> str:
    if meaning.name == "identifier":
        return ":orange-badge[finds a record]"
    if meaning.name == "free_text":
        return ":orange-badge[may mention persons]"
    return ":orange-badge[points to a person]" if meaning.direct else ":gray-badge[narrows down]"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
