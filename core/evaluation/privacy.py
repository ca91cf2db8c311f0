"""Whether synthetic rows give training rows away: copies, nearness, membership.

Each compares training rows with holdout rows, which are alike in all but that the generator
never saw them: a verbatim copy of the training rows scores worst, fresh real rows score best.
These are observations on one synthetic table, no guarantee; only differential privacy gives one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.evaluation.fidelity import no_holdout
from core.evaluation.models import auc, auc_margin
from core.evaluation.nearest import Cloud, Points, nearest, share_first, share_nearer
from core.evaluation.thresholds import MAX_QUERIES, MIN_HOLDOUT
from core.evaluation.values import Measure, NotMeasured, Score

_HALVES = 10
Hashes = npt.NDArray[np.uint64]
Distances = npt.NDArray[np.float32]


def copies(
    train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame, columns: list[str]
) -> Measure:
    """Share of synthetic rows that equal a training row in every judged column.

    Reference: the share of holdout rows that do, since in a narrow table equal rows are common;
    without a holdout, the share of training rows that equal another training row.
    """
    if not columns or not len(synthetic):
        reason = NotMeasured("There are no learned columns or no synthetic rows.")
        return Measure("copies", reason, reason, reason, 0.0)
    known = row_hashes(train[columns])
    value = float(np.isin(row_hashes(synthetic[columns]), known).mean())
    margin = 2 * float(np.sqrt(value * (1 - value) / len(synthetic)))
    if no_holdout(len(holdout)):
        note = "the reference is the share of training rows that have a twin"
        return Measure("copies", value, _twins(known), 1.0, 0.0, margin=margin, note=note)
    fresh = float(np.isin(row_hashes(holdout[columns]), known).mean())
    return Measure("copies", value, fresh, 1.0, 0.0, margin=margin)


def _twins(hashes: Hashes) -> float:
    """Share of rows that occur more than once."""
    counts = np.unique(hashes, return_counts=True)[1]
    return float(counts[counts > 1].sum() / len(hashes))


def row_hashes(frame: pd.DataFrame) -> Hashes:
    """64-bit hash of each row; two of 200,000 different rows collide in one of 10⁹ tables."""
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), np.uint64)


def attacks(cloud: Cloud, rng: np.random.Generator) -> dict[str, Measure]:
    """``nearer``, ``distance`` and ``membership``, and the scorer's ``dcr``."""
    problem = no_holdout(len(cloud.holdout))
    if not problem and min(len(cloud.train), len(cloud.synthetic)) < MIN_HOLDOUT:
        problem = f"Distances need {MIN_HOLDOUT} training and synthetic rows."
    if not problem and not cloud.width:
        problem = "There are no learned columns."
    if problem:
        reason = NotMeasured(problem)
        names = {"nearer": 0.5, "distance": 0.0, "membership": 0.5, "dcr": 0.5}
        return {n: Measure(n, reason, reason, reason, best) for n, best in names.items()}
    controls = _copy(cloud), _fresh(cloud, rng)
    return {**_nearness(cloud, *controls), "membership": _membership(cloud, *controls, rng)}


@dataclass(frozen=True, slots=True)
class _Control:
    """What rows that are known to leak, or not to, reach in the synthetic rows' place."""

    nearer: Score
    distance: Score
    membership: Score


def _copy(cloud: Cloud) -> _Control:
    """Judge the training rows as if they were synthetic: what a plain copy reaches here.

    In a narrow table holdout rows equal training rows, so that not even a copy is told apart.
    """
    limit = max(1, cloud.queries(len(cloud.train) + len(cloud.holdout)) // 2)
    members, outside = cloud.train[:limit], cloud.holdout[:limit]
    own, other = nearest(np.concatenate([members, outside]), cloud.train).split(len(members))
    first = share_first(own, nearest(members, cloud.holdout))
    return _Control(
        _size_free(first, len(cloud.train), len(cloud.holdout)),
        _median(own.distance),
        auc(-_exact(own.distance), -_exact(other.distance)),
    )


def _fresh(cloud: Cloud, rng: np.random.Generator) -> _Control:
    """Judge one half of the holdout as if it were synthetic, against the other half.

    Averaged over several random halves where the holdout is small.
    """
    half = len(cloud.holdout) // 2
    if half < MIN_HOLDOUT:
        reason = NotMeasured(
            f"Half of the holdout stands in for synthetic rows; that needs {2 * MIN_HOLDOUT} rows."
        )
        return _Control(reason, reason, reason)
    times = int(np.clip(MAX_QUERIES // (2 * half), 1, _HALVES))
    found = []
    for _ in range(times):
        mixed = cloud.holdout[rng.permutation(len(cloud.holdout))]
        found.append(_fresh_once(cloud, mixed[:half], mixed[half:], rng))
    means = np.mean(found, axis=0)
    return _Control(*(float(mean) for mean in means))


def _fresh_once(
    cloud: Cloud, stand_in: Points, rest: Points, rng: np.random.Generator
) -> tuple[float, float, float]:
    limit = cloud.queries(len(cloud.train) + len(rest))
    to_train = nearest(stand_in[:limit], cloud.train)
    first = share_first(to_train, nearest(stand_in[:limit], rest))
    rows = min(len(rest), len(cloud.train), cloud.queries(len(stand_in)) // 2)
    members = cloud.train[rng.permutation(len(cloud.train))[:rows]]
    return (
        _size_free(first, len(cloud.train), len(rest)),
        _median(to_train.distance),
        _attack(members, rest[:rows], stand_in),
    )


def _nearness(cloud: Cloud, copy: _Control, fresh: _Control) -> dict[str, Measure]:
    limit = cloud.queries(len(cloud.train) + len(cloud.holdout))
    queries = cloud.synthetic[:limit]
    equal = min(len(cloud.train), len(cloud.holdout))
    some = nearest(queries, cloud.train[:equal])
    every = some.merge(nearest(queries, cloud.train[equal:]))
    held_equal = nearest(queries, cloud.holdout[:equal])
    held = held_equal.merge(nearest(queries, cloud.holdout[equal:]))
    value = _size_free(share_first(every, held), len(cloud.train), len(cloud.holdout))
    note = _queries_note(len(queries), cloud.rows)
    margin = _share_margin(len(queries), len(cloud.train), len(cloud.holdout))
    scorer = share_nearer(some, held_equal)
    return {
        "nearer": Measure(
            "nearer", value, fresh.nearer, copy.nearer, 0.5, margin=margin, note=note
        ),
        "dcr": Measure("dcr", scorer, fresh.nearer, copy.nearer, 0.5, margin=margin, note=note),
        "distance": Measure(
            "distance",
            _median(every.distance),
            fresh.distance,
            copy.distance,
            _best(fresh.distance),
            note=note,
        ),
    }


def _median(squared: Distances) -> float:
    return float(np.median(np.sqrt(squared)))


def _best(typical: Score) -> float:
    return 0.0 if isinstance(typical, NotMeasured) else typical


def _size_free(share: float, train: int, holdout: int) -> float:
    """Share nearer to training rows as if there were as many holdout rows.

    Without any leak the nearest real row is a training row as often as training rows are among
    the real rows, p; always, for a copy. The line through (p, ½) and (1, 1) makes the share
    comparable between splits, and leaves it as it is for halves.
    """
    expected = train / (train + holdout)
    return float(np.clip(0.5 + 0.5 * (share - expected) / (1 - expected), 0.0, 1.0))


def _share_margin(queries: int, train: int, holdout: int) -> float:
    expected = train / (train + holdout)
    independent = min(queries, holdout)
    return float(np.sqrt(expected / (1 - expected) / independent))


def _membership(cloud: Cloud, copy: _Control, fresh: _Control, rng: np.random.Generator) -> Measure:
    """Tell training from holdout rows by how near the nearest synthetic row is."""
    rows = min(len(cloud.train), len(cloud.holdout), cloud.queries(len(cloud.synthetic)) // 2)
    members = cloud.train[rng.permutation(len(cloud.train))[:rows]]
    outside = cloud.holdout[rng.permutation(len(cloud.holdout))[:rows]]
    value = _attack(members, outside, cloud.synthetic)
    return Measure(
        "membership",
        value,
        fresh.membership,
        copy.membership,
        0.5,
        margin=auc_margin(value, rows, rows),
        note=_queries_note(rows, min(len(cloud.train), len(cloud.holdout))),
    )


def _attack(members: Points, outside: Points, known: Points) -> float:
    near = -_exact(nearest(np.concatenate([members, outside]), known).distance)
    return auc(near[: len(members)], near[len(members) :])


def _exact(squared: Distances) -> npt.NDArray[np.float64]:
    """Distances below float noise are none."""
    return np.where(squared < 1e-5, 0.0, squared).astype(np.float64)


def _queries_note(used: int, rows: int) -> str:
    return "" if used >= rows else f"taken on {used:,} of {rows:,} rows"
