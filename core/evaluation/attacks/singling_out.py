"""Singling out: descriptions of single synthetic rows that describe single training rows."""

from dataclasses import replace
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.evaluation.attacks import limits
from core.evaluation.attacks.growth import single_rate
from core.evaluation.attacks.limits import Effort
from core.evaluation.attacks.protocol import Attack, Outcome, Trial
from core.evaluation.attacks.queries import Query, ready, single_queries
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.encoding import Matrix
from core.evaluation.privacy import row_hashes
from core.evaluation.values import NotMeasured

Queries = list[Query]


def run(scene: Scene) -> Outcome:
    """Risk that a query that picks one judged row picks exactly one training row."""
    cells, rng = scene.cells, scene.rng()
    smallest = min(len(cells.train), len(cells.control), len(cells.judged))
    if smallest < limits.MIN_ROWS:
        return NotMeasured(f"Singling out needs {limits.MIN_ROWS} rows of each kind.")
    if not cells.names:
        return NotMeasured("There are no learned columns.")
    train, control, judged = (distinct(r) for r in (cells.train, cells.control, cells.judged))
    queries = find_queries(judged, cells.levels, scene.effort, rng)
    if len(queries) < limits.MIN_QUERIES_FOUND:
        return NotMeasured(
            f"Only {len(queries)} descriptions of single rows were found; "
            f"{limits.MIN_QUERIES_FOUND} are needed."
        )
    return single_out(queries, train, control)


def distinct(rows: Matrix) -> Matrix:
    """Rows without repetitions, in their order, ready for queries."""
    first = np.unique(row_hashes(pd.DataFrame(rows)), return_index=True)[1]
    return ready(rows[np.sort(first)])


def find_queries(
    rows: Matrix, levels: npt.NDArray[np.int64], effort: Effort, rng: np.random.Generator
) -> Queries:
    """Different queries that pick exactly one of the rows, at most as many as there are rows."""
    width = min(limits.QUERY_COLUMNS, rows.shape[1])
    found = single_queries(rows, levels == 0, width, effort.batches, rng)
    return list(islice(found, min(effort.guesses, len(rows))))


def single_out(queries: Queries, train: Matrix, control: Matrix) -> Trial:
    """The attack itself; the control's successes are those of as many rows as training."""
    hits = sum(int(query.matches(train).sum() == 1) for query in queries)
    met = np.array([query.matches(control).sum() for query in queries])
    expected = single_rate(met, len(control), len(train)) * len(queries)
    trial = risk_trial(hits, len(queries), expected, len(queries))
    note = f"{len(queries):,} descriptions of at most {limits.QUERY_COLUMNS} columns"
    return replace(trial, note=note)


SINGLING_OUT = Attack("singling_out", run)
