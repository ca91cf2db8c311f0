"""The real rows that asked rows are judged against: those that are as the rows were to be.

Rows with conditions are compared with the training and holdout rows that fit the conditions, rows
with target shares with real rows drawn to the same shares, as many as there are. Children go with
their parents. Where too few rows are left nothing is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.linked import link_keys
from core.data.schema import Schema
from core.evaluation.thresholds import MIN_HOLDOUT
from core.studio.values import Purpose, RunSpec
from core.synthesis.asks.checks import table_of
from core.synthesis.asks.conditions import Ask
from core.synthesis.asks.settle import Part, counts_of, settle

LEAST_ROWS = MIN_HOLDOUT
Frames = Mapping[str, pd.DataFrame]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class References:
    """Real rows to judge by, what is to be said of them, and why they do not do, if so."""

    train: Frames
    holdout: Frames
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    too_few: str = ""


def references(
    spec: RunSpec, schema: Schema, train: Frames, holdout: Frames, rng: np.random.Generator
) -> References:
    """The rows that a run's result is judged against."""
    if spec.ask is not None:
        return _fitting(spec.ask, schema, train, holdout, rng)
    notes: dict[str, tuple[str, ...]] = {}
    if spec.fairness is not None:
        what = spec.fairness.target or "every other column"
        notes[schema.names[0]] = (
            f"The influence of {spec.fairness.sensitive!r} on {what!r} was broken on purpose, to "
            f"the degree {spec.fairness.degree:g}: these rows differ from the real ones there.",
        )
    if spec.purpose is Purpose.AUGMENT:
        name = schema.names[0]
        more = "Extra rows: their keys are none of the real ones."
        notes[name] = (*notes.get(name, ()), more)
    return References(train, holdout, notes)


def _fitting(
    ask: Ask, schema: Schema, train: Frames, holdout: Frames, rng: np.random.Generator
) -> References:
    table = table_of(ask, schema)
    parts = settle(ask, table)
    sides = []
    for frames in (train, holdout):
        frame = frames[table.name]
        kept = _drawn(parts, frame, rng) if ask.shares is not None else parts[0].mask(frame)
        sides.append(_with_children(table.name, kept, schema, frames))
    counts = [
        (len(side[table.name]), len(frames[table.name]))
        for side, frames in zip(sides, (train, holdout), strict=True)
    ]
    note = _note(ask, counts)
    too_few = ""
    if min(len(frame) for frame in sides[0].values()) < LEAST_ROWS:
        too_few = (
            f"{counts[0][0]:,} training rows are as the rows that were asked for; "
            f"{LEAST_ROWS} are needed to compare with."
        )
    return References(sides[0], sides[1], {table.name: (note,)}, too_few)


def _note(ask: Ask, counts: Sequence[tuple[int, int]]) -> str:
    kept = " and ".join(
        f"{few:,} of {all_rows:,} {name} rows"
        for name, (few, all_rows) in zip(("training", "holdout"), counts, strict=True)
    )
    columns = ", ".join(ask.columns)
    if ask.shares is None:
        return f"Judged against the {kept} that fit the conditions on {columns}."
    return f"Judged against {kept}, drawn so that they are as was asked of {columns}."


def _drawn(parts: Sequence[Part], frame: pd.DataFrame, rng: np.random.Generator) -> Mask:
    """As many rows as there are with the parts' shares, each part's drawn at random."""
    free = np.ones(len(frame), np.bool_)
    members = []
    for part in parts:
        fits = part.mask(frame) & free
        free &= ~fits
        members.append(np.flatnonzero(fits))
    most = min(len(own) / part.share for part, own in zip(parts, members, strict=True))
    kept = np.zeros(len(frame), np.bool_)
    for own, count in zip(members, counts_of(parts, int(most)), strict=True):
        kept[rng.permutation(own)[:count]] = True
    return kept


def _with_children(
    name: str, kept: Mask, schema: Schema, frames: Frames
) -> dict[str, pd.DataFrame]:
    """The tables with only these rows of one, and the rows that follow them."""
    found = {**frames, name: frames[name][kept].reset_index(drop=True)}
    cut, waiting = {name}, [name]
    while waiting:
        parent = waiting.pop(0)
        for link in schema.relationships:
            if link.parent != parent or link.child == parent:
                continue
            rows = found[link.child]
            keys, own = link_keys(found, link)
            follows = own.isin(keys.dropna())
            found[link.child] = rows[follows.to_numpy(dtype=bool)].reset_index(drop=True)
            if link.child not in cut:
                cut.add(link.child)
                waiting.append(link.child)
    return found
