"""A maximum spanning tree of columns: the quickest model of noisy counts.

After McKenna, Miklau and Sheldon, "Winning the NIST contest: a scalable and general approach to
differentially private synthetic data" (Journal of Privacy and Confidentiality, 2021): pairs of
columns that tell most of each other are selected one by one, privately, so that they make a tree,
then all are measured, and the model is fitted once.
"""

from itertools import combinations

import numpy as np
import numpy.typing as npt

from core.synthesis.marginals.adaptive import Told
from core.synthesis.marginals.learn import Cells
from core.synthesis.marginals.model import GraphicalModel
from core.synthesis.marginals.tree import Columns

Floats = npt.NDArray[np.float64]

_SELECTION = 0.25
_STEPS = 500
_TOLERANCE = 1e-6


def fit_tree(cells: Cells, told: Told) -> GraphicalModel:
    """The model of a table after all of the budget was spent; ``told`` hears the share spent."""
    model = GraphicalModel(cells.sizes, cells.rows)
    measured = cells.singles()
    model.fit(measured, _STEPS)
    edges = _select_edges(cells, model, _SELECTION * cells.rho)
    told(_SELECTION)
    for number, edge in enumerate(edges):
        measured.append(cells.measure(edge, (1 - _SELECTION) * cells.rho / len(edges)))
        told(_SELECTION + (1 - _SELECTION) * (number + 1) / len(edges))
    model.fit(measured, _STEPS, _TOLERANCE)
    return model


def _select_edges(cells: Cells, model: GraphicalModel, rho: float) -> list[Columns]:
    """Edges of a tree over the columns that vary, each selected by how far it is from even."""
    varied = [c for c, size in enumerate(cells.sizes) if size > 1]
    pairs = list(combinations(varied, 2))
    scores = {pair: _dependence(cells, model, pair) for pair in pairs}
    part = {c: c for c in varied}
    edges: list[Columns] = []
    for _ in range(len(varied) - 1):
        open_pairs = [p for p in pairs if part[p[0]] != part[p[1]]]
        known = np.array([scores[p] for p in open_pairs])
        left, right = open_pairs[cells.select(known, rho / (len(varied) - 1))]
        edges.append((left, right))
        joined = part[right]
        part = {c: part[left] if p == joined else p for c, p in part.items()}
    return edges


def _dependence(cells: Cells, model: GraphicalModel, pair: Columns) -> float:
    """How many rows are elsewhere than if the two columns were independent."""
    left, right = (model.counts((column,)) for column in pair)
    independent: Floats = np.outer(left, right).ravel() / model.total
    return float(np.abs(cells.real(pair) - independent).sum())
