"""A private run in its worker: the fit with a live ledger, and what the result says of it."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.keys import Keys
from core.privacy.accountant import spent
from core.privacy.guarantee import NO_GUARANTEE
from core.privacy.ledger import Entry, Ledger, by_purpose
from core.privacy.public import PublicTable, public_to_dict
from core.privacy.second import second_opinion
from core.progress import Progress
from core.studio.private_specs import public_of
from core.studio.values import RunSpec
from core.synthesis.private import told_of
from core.synthesis.synthesizer import Synthesizer

EPSILON_SPENT = "epsilon_spent"
"""Name among a job's figures of the ε that was spent so far."""
_RARELY = 20.0
COVERS = (
    "The guarantee is about the rows that the model was trained on. Each row was held out or not "
    "by a coin of its own. What is measured against real rows, trained on or held out, is "
    "internal: no noise was added to it, and it must not be published beside the tables."
)

Frames = dict[str, pd.DataFrame]


class LiveProgress:
    """Progress that also tells the ε spent so far; :meth:`watch` is for the ledger.

    Adding up takes a while with many events: at most a twentieth of the time goes into it.

    Parameters
    ----------
    delta
        Of the events together.
    entries
        Those of before, to which more are added.
    """

    def __init__(
        self, progress: Progress, delta: float, entries: list[Entry] | None = None
    ) -> None:
        self._progress = progress
        self._delta = delta
        self._entries = [] if entries is None else entries
        self._last: tuple[float, float, str] = (0.0, 1.0, "")
        self._next = 0.0

    def stage(self, name: str) -> None:
        """Pass on."""
        self._last = (0.0, 1.0, "")
        self._progress.stage(name)

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Pass on."""
        self._last = (done, total, note)
        self._progress.step(done, total, note, values)

    def watch(self, entry: Entry) -> None:
        """Take an entry of the ledger before its noise is drawn."""
        self._entries.append(entry)
        begun = time.monotonic()
        if begun < self._next:
            return
        cost = spent([one.event for one in self._entries], self._delta).epsilon
        ended = time.monotonic()
        self._next = ended + _RARELY * (ended - begun)
        self._progress.step(*self._last, {EPSILON_SPENT: cost})


def secret_coins(keys: Keys, public: np.random.Generator) -> np.random.Generator:
    """Random numbers that the seed gives only together with the installation's key.

    A row's coin goes by its place, and a row less moves all that follow. Nobody who sees a result
    and its seed may therefore know the coins: without them, each other row has the same chances.
    """
    seed = public.integers(2**63).tobytes()
    digest = hashlib.sha256(keys.derive("mask") + b"split" + seed).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def split_by_coins(
    tables: Frames, holdout: float, rng: np.random.Generator
) -> tuple[Frames, Frames]:
    """Train and holdout rows, each row by a coin of its own.

    Unlike a share of a fixed size, one more person changes nothing for the others' rows. So what
    holds for the training rows holds for the table.
    """
    train, held = {}, {}
    for name, frame in tables.items():
        chosen = rng.random(len(frame)) < holdout
        train[name] = frame[~chosen].reset_index(drop=True)
        held[name] = frame[chosen].reset_index(drop=True)
    return train, held


def fit_privately(
    synthesizer: Synthesizer,
    spec: RunSpec,
    train: Mapping[str, pd.DataFrame],
    rng: np.random.Generator,
    progress: LiveProgress,
) -> None:
    """Fit to the training rows; a public number of rows is of the whole table."""
    public = trained_public(spec)
    synthesizer.fit(train, rng=rng, progress=progress, public=public, watch=progress.watch)


def trained_public(spec: RunSpec) -> PublicTable:
    """What is public of the training rows."""
    public = public_of(spec)
    rows = int(spec.params.get("rows", 0)) or public.rows
    return replace(public, rows=trained_rows(rows, spec.holdout))


def trained_params(spec: RunSpec) -> dict[str, Any]:
    """The engine's parameters for the training rows."""
    return {**spec.params, "rows": 0}


def trained_rows(rows: int, holdout: float) -> int:
    """About how many rows are trained on, of a public number; 0 for none."""
    return max(1, round(rows * (1 - holdout))) if rows else 0


def whole_sizes(synthesizer: Synthesizer, holdout: float) -> dict[str, int]:
    """Rows of the whole table as the model knows them: noisy or public, never the true number."""
    return {name: round(n / (1 - holdout)) for name, n in synthesizer.trained_rows.items()}


def guarantee_of(ledger: Ledger | None) -> str:
    """The formal guarantee of a run in words, also that there is none."""
    return NO_GUARANTEE if ledger is None else ledger.guarantee.statement


def told_privately(ledger: Ledger | None, spec: RunSpec) -> dict[str, Any]:
    """What a run's result says of its guarantee under ``privacy``; nothing without one."""
    if ledger is None:
        return {}
    opinion = second_opinion([entry.event for entry in ledger.entries], ledger.guarantee)
    told = told_of(ledger)
    costs = by_purpose(ledger.entries, ledger.guarantee.delta)
    told |= {
        "declared": {} if spec.public is None else public_to_dict(public_of(spec)),
        "covers": COVERS,
        "by_purpose": {purpose: cost.epsilon for purpose, cost in costs.items()},
        "check": opinion.to_dict(),
        "withheld": not opinion.is_kept,
    }
    return {"privacy": told}
