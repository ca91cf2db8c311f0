"""The rules that a dataset brings to a run: how many, how each is kept, and switching some off."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from app.components.datasets import counted
from app.resources import studio
from core.governance.policy import Actor
from core.studio.rule_words import How, hidden_columns, how_kept, rule_words
from core.studio.values import Dataset, Rule, RunSpec

Rules = Mapping[str, tuple[Rule, ...]]


def choose_kept(actor: Actor, dataset: Dataset, spec: RunSpec, *, key: str) -> RunSpec:
    """Show the dataset's rules, and let some be left out of this run."""
    known = studio().rules.get(actor, dataset.id)
    if not known.count:
        return replace(spec, kept=None)
    brought = [(table, rule) for table, own in known.rules.items() for rule in own]
    ways = [how_kept(rule, dataset.schema, table) for table, rule in brought]
    off = 0 if spec.kept is None else sum(r not in spec.kept.get(t, ()) for t, r in brought)
    with st.expander(announcement(ways, off), icon=":material/rule_settings:"):
        st.caption(
            "Every row that is made keeps them. Switch one off for this run only; the dataset "
            "keeps its rules."
        )
        before = rules_frame(dataset, spec.kept, brought, ways)
        after = st.data_editor(
            before,
            hide_index=True,
            key=f"{key}_kept_rules_{known.revision}",
            disabled=["Rule", "How it is kept"],
            column_config={"Rule": st.column_config.TextColumn(width="large")},
            alt=f"The {len(brought)} rules of the dataset, how each is kept, and whether it is.",
        )
    return replace(spec, kept=chosen(brought, list(after["Keep"])))


def announcement(ways: list[How], off: int) -> str:
    """Say how many rules there are and how they are kept: ``3 rules: 2 by construction, ...``."""
    counts = Counter(ways)
    parts = ", ".join(f"{counts[how]} {how}" for how in How if counts[how])
    more = f"; {off} switched off" if off else ""
    return f"{counted(len(ways), 'rule')} of this dataset: {parts}{more}"


def rules_frame(
    dataset: Dataset, kept: Rules | None, brought: list[tuple[str, Rule]], ways: list[How]
) -> pd.DataFrame:
    """Put each rule into a row; all are kept where nothing else was said."""
    rows = [
        {
            "Keep": kept is None or rule in kept.get(table, ()),
            "Rule": rule_words(rule, hidden_columns(dataset, table)),
            "How it is kept": str(how),
        }
        for (table, rule), how in zip(brought, ways, strict=True)
    ]
    return pd.DataFrame(rows, columns=["Keep", "Rule", "How it is kept"])


def chosen(brought: list[tuple[str, Rule]], is_kept: list[bool]) -> Rules | None:
    """Return the rules that stay switched on by table; None where all do."""
    if all(is_kept):
        return None
    found: dict[str, tuple[Rule, ...]] = {}
    for (table, rule), keeps in zip(brought, is_kept, strict=True):
        if keeps:
            found[table] = (*found.get(table, ()), rule)
    return found
