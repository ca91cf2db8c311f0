"""A maximum spanning tree of columns and some pairs beside it: the quickest model of noisy counts.

After McKenna, Miklau and Sheldon, "Winning the NIST contest: a scalable and general approach to
differentially private synthetic data" (Journal of Privacy and Confidentiality, 2021): pairs of
columns that tell most of each other are selected one by one, privately, so that they make a tree,
and are measured. A tree leaves each column but few neighbours, so that a second round adds the
pairs that the tree's model gets most wrong, as far as the model stays small. Numbers of rounds,
pairs and shares of the budget do not hang on the data.
"""

from itertools import combinations

import numpy as np
import numpy.typing as npt

from core.synthesis.marginals.adaptive import Told, fits, gain, score_rows
from core.synthesis.marginals.learn import Cells
from core.synthesis.marginals.model import GraphicalModel
from core.synthesis.marginals.sample import sample_codes
from core.synthesis.marginals.tree import Columns, cells_of, junction_tree

Floats = npt.NDArray[np.float64]

_SELECTION = 0.15
_BESIDE = 0.6
_MODEL_CELLS = 20_000
_STEPS = 500
_FIRST_STEPS = 100
_TOLERANCE = 1e-6


def fit_tree(cells: Cells, rng: np.random.Generator, told: Told) -> GraphicalModel:
    """The model of a table after all of the budget was spent; ``told`` hears the share spent."""
    model = GraphicalModel(cells.sizes, cells.rows)
    measured = cells.singles()
    model.fit(measured, _FIRST_STEPS)
    tree, beside = _numbers(sum(size > 1 for size in cells.sizes))
    choosing = _SELECTION * cells.rho / (2 if beside else 1)
    each = (1 - _SELECTION) * cells.rho / max(tree + beside, 1)
    edges = _select_edges(cells, model, choosing)
    measured += [cells.measure(edge, each) for edge in edges]
    if beside:
        model.fit(measured, _FIRST_STEPS)
        told(0.6)
        more = _select_beside(cells, model, (beside, choosing, each), rng)
        measured += [cells.measure(pair, each) for pair in more]
    told(0.9)
    model.fit(measured, _STEPS, _TOLERANCE)
    return model


def _numbers(columns: int) -> tuple[int, int]:
    """How many pairs make up the tree, and how many come beside it."""
    tree = max(columns - 1, 0)
    return tree, min(round(_BESIDE * tree), columns * (columns - 1) // 2 - tree)


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


def _select_beside(
    cells: Cells, model: GraphicalModel, plan: tuple[int, float, float], rng: np.random.Generator
) -> list[Columns]:
    """Further pairs of a model that stays small, each selected by how far the model is off.

    ``plan`` is the number of pairs, the ρ for choosing all of them, and that for measuring one. Of
    how far a model is off, what noise alone would put it off is taken away. The smallest pair
    stands in where none fits, which is public: it hangs on sizes alone.
    """
    number, rho, each = plan
    known = {one.columns for one in model.measured}
    varied = [c for c, size in enumerate(cells.sizes) if size > 1]
    pairs = [pair for pair in combinations(varied, 2) if pair not in known]
    rows = sample_codes(model.tree, model.cliques, score_rows(cells), rng)
    off = {pair: gain(cells, rows, pair, each) for pair in pairs}
    tree, chosen = model.tree, list[Columns]()
    for _ in range(number):
        fitting = [pair for pair in pairs if fits(tree, pair, _MODEL_CELLS)]
        fitting = fitting or [min(pairs, key=lambda pair: cells_of(cells.sizes, pair))]
        scores = np.array([off[pair] for pair in fitting])
        pair = fitting[cells.select(scores, rho / number)]
        pairs.remove(pair)
        chosen.append(pair)
        tree = junction_tree(tree.sizes, [*tree.cliques, pair])
    return chosen


def _dependence(cells: Cells, model: GraphicalModel, pair: Columns) -> float:
    """How many rows are elsewhere than if the two columns were independent."""
    left, right = (model.counts((column,)) for column in pair)
    independent: Floats = np.outer(left, right).ravel() / model.total
    return float(np.abs(cells.real(pair) - independent).sum())
