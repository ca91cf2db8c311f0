"""Singling out: descriptions of single synthetic rows that describe single training rows."""

import numpy as np

from core.evaluation.attacks import limits
from core.evaluation.attacks.growth import expected_growth
from core.evaluation.attacks.protocol import Attack, Outcome, Trial
from core.evaluation.attacks.queries import Query, draw_query
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.encoding import Matrix
from core.evaluation.values import NotMeasured

_BATCH = 1000


def run(scene: Scene) -> Outcome:
    """Risk that a query that picks one judged row picks exactly one training row."""
    cells, rng = scene.cells, scene.rng()
    smallest = min(len(cells.train), len(cells.control), len(cells.judged))
    if smallest < limits.MIN_ROWS:
        return NotMeasured(f"Singling out needs {limits.MIN_ROWS} rows of each kind.")
    if not cells.names:
        return NotMeasured("There are no learned columns.")
    train, control, judged = (distinct(r) for r in (cells.train, cells.control, cells.judged))
    queries = find_queries(judged, np.asarray(cells.levels == 0), rng)
    if len(queries) < limits.MIN_QUERIES_FOUND:
        return NotMeasured(
            f"Only {len(queries)} descriptions of single rows were found; "
            f"{limits.MIN_QUERIES_FOUND} are needed."
        )
    return single_out(queries, train, control, rng)


def distinct(rows: Matrix) -> Matrix:
    """Rows without repetitions, in their order."""
    first = np.unique(rows, axis=0, return_index=True, equal_nan=True)[1]
    return rows[np.sort(first)]


def find_queries(
    rows: Matrix, is_number: np.ndarray[tuple[int], np.dtype[np.bool_]], rng: np.random.Generator
) -> list[Query]:
    """Different queries that pick exactly one of the rows."""
    medians = np.nanmedian(np.where(np.isnan(rows).all(0), 0.0, rows), axis=0)
    width = min(limits.QUERY_COLUMNS, rows.shape[1])
    found: dict[Query, None] = {}
    for _ in range(limits.QUERY_BATCHES * _BATCH):
        query = draw_query(rows, is_number, medians, width, rng)
        if query not in found and query.matches(rows).sum() == 1:
            found[query] = None
            if len(found) == limits.GUESSES:
                break
    return list(found)


def single_out(
    queries: list[Query], train: Matrix, control: Matrix, rng: np.random.Generator
) -> Trial:
    """The attack itself; the control's successes are scaled up to the number of training rows."""
    hits = sum(int(query.matches(train).sum() == 1) for query in queries)
    picked = [np.flatnonzero(query.matches(control)) for query in queries]
    control_hits = sum(len(rows) == 1 for rows in picked)
    growth = expected_growth(picked, len(control), len(train), rng)
    scaled = min(control_hits * growth, len(queries))
    trial = risk_trial(hits, len(queries), scaled, len(queries))
    note = f"{len(queries):,} descriptions of at most {limits.QUERY_COLUMNS} columns"
    return Trial(trial.value, trial.low, trial.high, trial.figures, note)


SINGLING_OUT = Attack("singling_out", run)
