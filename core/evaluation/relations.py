"""Whether synthetic tables hang together: foreign keys, and children per parent."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.data.linked import link_keys
from core.data.schema import Relationship, Schema
from core.evaluation.bins import Codes, likeness
from core.evaluation.fidelity import no_holdout
from core.evaluation.values import Measure, NotMeasured, RelationReport, Score

Tables = Mapping[str, pd.DataFrame]
_MAX_CHILDREN = 50
_WHOLE = 0.95


def relation_reports(
    train: Tables, holdout: Tables, synthetic: Tables, schema: Schema
) -> tuple[RelationReport, ...]:
    """One report for each relationship of the schema."""
    return tuple(_report(train, holdout, synthetic, link) for link in schema.relationships)


def _report(
    train: Tables, holdout: Tables, synthetic: Tables, link: Relationship
) -> RelationReport:
    valid = Measure("keys", _valid(synthetic, link), _valid(train, link), 0.0, 1.0)
    counts = _children(synthetic, link), _children(train, link), _children(holdout, link)
    held = _usable_holdout(holdout, link)
    nothing = NotMeasured("A parent has no rows to count children of.")
    value: Score = nothing
    if len(counts[0]) and len(counts[1]):
        value = likeness(counts[0], counts[1])
    fresh: Score = likeness(counts[2], counts[1]) if not held and len(counts[1]) else nothing
    children = Measure(
        "children",
        value,
        NotMeasured(held) if held else fresh,
        NotMeasured("There is no chance level for counts of children."),
        1.0,
    )
    return RelationReport(link.parent, link.child, link.child_key, valid, children)


def _valid(tables: Tables, link: Relationship) -> Score:
    found = _keys(tables, link)
    if found is None:
        return NotMeasured("The key column is absent.")
    parents, keys = found
    known = keys.dropna()
    if not len(known):
        return NotMeasured("No row has a key.")
    return float(known.isin(parents.dropna()).mean())


def _keys(tables: Tables, link: Relationship) -> tuple[pd.Series, pd.Series] | None:
    """The parent's and the child's keys; None where a column of them is absent."""
    ends = ((link.parent, link.parent_columns), (link.child, link.child_columns))
    if any(t not in tables or not set(names) <= set(tables[t].columns) for t, names in ends):
        return None
    return link_keys(tables, link)


def _children(tables: Tables, link: Relationship) -> Codes:
    """Children of each parent row, at most ``_MAX_CHILDREN``."""
    found = _keys(tables, link)
    if found is None:
        return np.empty(0, np.int64)
    parents, keys = found
    counts = keys.dropna().value_counts().reindex(parents.dropna(), fill_value=0)
    return np.minimum(np.asarray(counts, np.int64), _MAX_CHILDREN)


def _usable_holdout(holdout: Tables, link: Relationship) -> str:
    """Why the holdout's children cannot be counted; empty when they can."""
    rows = len(holdout.get(link.parent, ()))
    valid = _valid(holdout, link) if rows else NotMeasured("no rows")
    if not no_holdout(rows) and isinstance(valid, NotMeasured | float):
        share = 0.0 if isinstance(valid, NotMeasured) else valid
        if share < _WHOLE:
            return "Holdout rows were drawn apart from their parents."
    return no_holdout(rows)
