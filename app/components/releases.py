"""How a release and its lineage are put into words and drawn."""

from collections.abc import Mapping, Sequence

from core.studio.values import Edge, Release

SHAPES = {
    "dataset": ("cylinder", "#0072B2"),
    "run": ("box", "#75808E"),
    "release": ("folder", "#D55E00"),
}


def release_name(release: Release) -> str:
    """Return a release's name with its version."""
    return f"{release.name} · version {release.version}"


def lineage_dot(edges: Sequence[Edge], names: Mapping[str, str]) -> str:
    """Draw lineage edges as a Graphviz graph from left to right.

    The colours are mid-tones that read on a light and on a dark page alike. ``names`` gives the
    words for ends such as ``dataset:1f…``; an end without is shown as it is.
    """
    lines = [
        "digraph lineage {",
        '  rankdir=LR; bgcolor="transparent"; nodesep=0.3; ranksep=0.9;',
        '  node [fontname="sans-serif" fontsize=11 penwidth=1.6 fontcolor="#75808E"];',
        '  edge [fontname="sans-serif" fontsize=10 color="#75808E" fontcolor="#75808E"];',
    ]
    for node in dict.fromkeys(end for edge in edges for end in (edge.source, edge.target)):
        kind = node.partition(":")[0]
        shape, color = SHAPES.get(kind, ("ellipse", "#75808E"))
        label = end_name(node, names)
        lines.append(
            f"  {quoted(node)} [label={quoted(label)} shape={shape} color={quoted(color)}];"
        )
    lines += [
        f"  {quoted(e.source)} -> {quoted(e.target)} [label={quoted(e.label)}];" for e in edges
    ]
    return "\n".join([*lines, "}"])


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


def quoted(text: str) -> str:
    """Return a string of the DOT language, whatever characters it holds."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
