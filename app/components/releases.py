"""How a release and its lineage are put into words and drawn."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.studio.values import Edge, Release

SHAPES = {
    "file": ('(["', '"])'),
    "dataset": ('[("', '")]'),
    "run": ('["', '"]'),
    "release": ('[["', '"]]'),
}
ROUND = ('("', '")')
ENTITIES = str.maketrans(
    {'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\\": "#92;", "\n": " "}
)


def release_name(release: Release) -> str:
    """Return a release's name with its version."""
    return f"{release.name} · version {release.version}"


def release_labels(releases: Sequence[Release]) -> dict[str, str]:
    """Return a label for each release by id; no two are alike, also where names are."""
    names = Counter(release_name(release) for release in releases)
    return {
        r.id: release_name(r) if names[release_name(r)] == 1 else f"{release_name(r)} ({r.id[:6]})"
        for r in releases
    }


def lineage_chart(edges: Sequence[Edge], names: Mapping[str, str]) -> str:
    """Write lineage edges as a Mermaid flow chart, which takes the colours of the theme.

    ``names`` gives the words for ends such as ``dataset:1f…``; an end without is shown as it is.
    """
    ends = dict.fromkeys(end for edge in edges for end in (edge.source, edge.target))
    ids = {end: f"n{number}" for number, end in enumerate(ends)}
    lines = ["flowchart LR"]
    for end, key in ids.items():
        before, after = SHAPES.get(end.partition(":")[0], ROUND)
        lines.append(f"  {key}{before}{end_name(end, names).translate(ENTITIES)}{after}")
    for edge in edges:
        label = f'|"{edge.label.translate(ENTITIES)}"|' if edge.label else ""
        lines.append(f"  {ids[edge.source]} -->{label} {ids[edge.target]}")
    return "\n".join(lines)


def lineage_text(edges: Sequence[Edge], names: Mapping[str, str]) -> str:
    """Say lineage edges in words, one line each."""
    return "\n".join(
        f"- {end_name(e.source, names)} → {e.label or 'went into'} → {end_name(e.target, names)}"
        for e in edges
    )


def end_name(node: str, names: Mapping[str, str]) -> str:
    """Return the words for one end of an edge."""
    kind, _, key = node.partition(":")
    return names.get(node) or f"{kind} {key[:24]}"


def date_columns(frame: pd.DataFrame) -> dict[str, object]:
    """Return a column configuration that shows days without a time as days."""
    days = frame.select_dtypes("datetime")
    return {
        str(name): st.column_config.DateColumn()
        for name in days
        if (days[name].dropna() == days[name].dropna().dt.normalize()).all()
    }
