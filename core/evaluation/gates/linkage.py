"""Whether tables hang together: keys that point to rows, and children per parent."""

import numpy as np
import pandas as pd

from core.data.linked import link_keys
from core.data.schema import Relationship
from core.evaluation.details import GateFailure, GateResult
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity import ks_likeness
from core.evaluation.gates.gate import Gated, Tables, not_applicable
from core.evaluation.measures import NotMeasured
from core.synthesis.links import CHILDREN_OF_LOOKUP, LOOKUP_ROWS

_NO_PARENT = "The table points to no other."
_KS_CRITICAL = 1.36
_NEVER_CHANCE = 0.99


def coverage(gated: Gated) -> GateResult:
    """Least share of rows, over the relationships, whose key points to a parent row."""
    asked, found = gated.asked.coverage, []
    for link in _links(gated):
        keys, parents = _keys(gated.synthetic, link)
        if len(keys):
            found.append((link, keys.isin(parents)))
    if not found:
        return not_applicable("coverage", asked, _NO_PARENT)
    shares = [(link, float(fits.mean()), int((~fits).sum())) for link, fits in found]
    failed = tuple(
        GateFailure(_name(link), share, {"orphans": float(orphans)})
        for link, share, orphans in shares
        if share < asked
    )
    value = min(share for _, share, _ in shares)
    note = f"{sum(orphans for *_, orphans in shares):,} orphans"
    outcome = "fail" if failed else "pass"
    return GateResult("coverage", value, asked, False, outcome, failed, note)


def children(gated: Gated) -> GateResult:
    """Largest distance D, over the relationships, of the numbers of children per parent.

    A distance that so few parents would show by chance does not fail: the bound is then the
    critical value of Kolmogorov and Smirnov at 5 %. Each entry of a short list (products, branches)
    has as many children as there are rows to share out, so that only its share is compared.
    """
    asked, found = gated.asked.children, []
    for link in _links(gated):
        made, real = (_counts(side, link) for side in (gated.synthetic, gated.train))
        if _is_list(made) and _is_list(real):
            made = made * (real.mean() / made.mean())
        alike = ks_likeness(np.round(made), real)
        if not isinstance(alike, NotMeasured):
            bound = max(asked, _chance(len(made), len(real)))
            figures = {"synthetic mean": float(made.mean()), "real mean": float(real.mean())}
            found.append((link, 1 - alike, bound, {**figures, "n": float(len(made))}))
    if not found:
        return not_applicable("children", asked, _NO_PARENT, at_most=True)
    failed = tuple(GateFailure(_name(link), d, fig) for link, d, b, fig in found if d > b)
    value = max(d for _, d, *_ in found)
    few = any(bound > asked for *_, bound, _ in found)
    note = "A larger distance may be chance where there are few parents." if few else ""
    outcome = "fail" if failed else "pass"
    return GateResult("children", value, asked, True, outcome, failed, note)


def _is_list(counts: Matrix) -> bool:
    """Whether the parents are a short list that many children share."""
    return 0 < len(counts) <= LOOKUP_ROWS and counts.mean() >= CHILDREN_OF_LOOKUP


def _chance(made: int, real: int) -> float:
    """The distance that two samples of these sizes pass in 5 % of cases, below 1."""
    return min(_KS_CRITICAL * float(np.sqrt((made + real) / (made * real))), _NEVER_CHANCE)


def _links(gated: Gated) -> list[Relationship]:
    name = gated.case.table.name
    return [link for link in gated.schema.relationships if link.child == name]


def _keys(tables: Tables, link: Relationship) -> tuple[pd.Series, pd.Series]:
    """The keys of the child rows that have one, and those of the parent rows."""
    empty = pd.Series([], dtype=object)
    sides = ((link.child, link.child_columns), (link.parent, link.parent_columns))
    if not link.more:
        (t, (c,)), (u, (d,)) = sides
        keys = tables[t][c].dropna() if t in tables and c in tables[t] else empty
        return keys, tables[u][d].dropna() if u in tables and d in tables[u] else empty
    if any(t not in tables or not set(names) <= set(tables[t]) for t, names in sides):
        return empty, empty
    parents, keys = link_keys(tables, link)
    return keys.dropna(), parents.dropna()


def _counts(tables: Tables, link: Relationship) -> Matrix:
    keys, parents = _keys(tables, link)
    return np.asarray(keys.value_counts().reindex(parents.unique(), fill_value=0), float)


def _name(link: Relationship) -> str:
    return f"{link.child}.{link.child_key} → {link.parent}"
