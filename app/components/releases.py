"""How a release and its lineage are put into words and drawn."""

from collections.abc import Sequence

from core.studio.values import Edge, Release

SHAPES = {
    "dataset": ("cylinder", "#0072B2"),
    "run": ("box", "#8A94A6"),
    "release": ("folder", "#D55E00"),
}


def release_name(release: Release) -> str:
    """Return a release's name with its version."""
    return f"{release.name} · version {release.version}"


def lineage_dot(edges: Sequence[Edge], release: Release) -> str:
    """Draw lineage edges as a Graphviz graph from left to right.

    The colours are mid-tones that read on a light and on a dark page alike.
    """
    lines = [
        "digraph lineage {",
        '  rankdir=LR; bgcolor="transparent"; nodesep=0.3; ranksep=0.9;',
        '  node [fontname="sans-serif" fontsize=11 penwidth=1.6 fontcolor="#8A94A6"];',
        '  edge [fontname="sans-serif" fontsize=10 color="#8A94A6" fontcolor="#8A94A6"];',
    ]
    for node in dict.fromkeys(end for edge in edges for end in (edge.source, edge.target)):
        kind, _, key = node.partition(":")
        shape, color = SHAPES.get(kind, ("ellipse", "#8A94A6"))
        label = release_name(release) if key == release.id else f"{kind} {key[:12]}"
        lines.append(
            f"  {quoted(node)} [label={quoted(label)} shape={shape} color={quoted(color)}];"
        )
    lines += [
        f"  {quoted(e.source)} -> {quoted(e.target)} [label={quoted(e.label)}];" for e in edges
    ]
    return "\n".join([*lines, "}"])


def lineage_text(edges: Sequence[Edge]) -> str:
    """Say lineage edges in words, one sentence each."""
    return "\n".join(
        f"- {e.source.replace(':', ' ')} → {e.label or 'went into'} → {e.target.replace(':', ' ')}"
        for e in edges
    )


def quoted(text: str) -> str:
    """Return a string of the DOT language, whatever characters it holds."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
