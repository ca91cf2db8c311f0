"""Record and replay: with all noise frozen, a person more or less must change nothing.

The engine learns a table while everything that draws noise is recorded, then the table without a
person while the recorded values are given out again. Whatever differs got past the noise. The
recorded calls are held against the ledger: as many as were charged, with the scale that was
charged, for at least as much as that person changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.privacy.audit.charged import not_charged, too_sensitive
from core.privacy.audit.tape import Diverged, Tape, without_noise
from core.synthesis.dp_audit.released import Audited, differences

_ROWS = 300


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found.

    Attributes
    ----------
    problems
        Everything that tells a table with a person from one without; none when it holds.
    draws
        How often noise was drawn.
    """

    problems: tuple[str, ...]
    draws: int

    @property
    def holds(self) -> bool:
        """Whether nothing but the noise saw the person."""
        return not self.problems


def replay(audited: Audited, frame: pd.DataFrame, person: Iterable[int], seed: int = 1) -> Replayed:
    """Record a run on ``frame`` and replay it without one person, then the other way round.

    Parameters
    ----------
    frame
        Canonical rows.
    person
        Positions of all rows of one person.
    """
    without = frame.drop(frame.index[list(person)]).reset_index(drop=True)
    problems: list[str] = []
    draws = 0
    for first, second in ((frame, without), (without, frame)):
        found, draws = _one_way(audited, first, second, seed)
        problems += [problem for problem in found if problem not in problems]
    return Replayed(tuple(problems), draws)


def _one_way(
    audited: Audited, first: pd.DataFrame, second: pd.DataFrame, seed: int
) -> tuple[list[str], int]:
    tape = Tape(training=audited.trains)
    with tape.recording():
        recorded = audited.release(first, seed, _ROWS)
    problems = not_charged(recorded.ledger, tape)
    try:
        with tape.replaying() as again:
            replayed = audited.release(second, seed, _ROWS)
    except Diverged as error:
        return [*problems, str(error)], len(tape.draws)
    problems += too_sensitive(recorded.ledger, tape, again)
    return problems + differences(recorded, replayed), len(tape.draws)


def unnoised(audited: Audited) -> Audited:
    """The engine with its noise switched off, which an audit must notice."""
    return replace(audited, around=lambda: without_noise(training=audited.trains))


def same_sampling(sizes: Sequence[int], probability: float, rows: int) -> bool:
    """Whether steps took rows as the accountant assumes: each on its own, with one chance.

    Parameters
    ----------
    sizes
        Rows in each step. They must vary as those of Poisson sampling do; a fair sampler fails in
        less than one of a million audits.
    probability
        The chance that was charged.
    rows
        Rows to sample from.
    """
    from scipy.stats import chi2

    if len(sizes) < 2:
        return False
    taken = np.array(sizes, np.float64)
    mean, variance = rows * probability, rows * probability * (1 - probability)
    off = abs(taken.mean() - mean) / np.sqrt(variance / len(taken))
    spread = float(((taken - taken.mean()) ** 2).sum() / variance)
    low, high = chi2.ppf([1e-7, 1 - 1e-7], len(taken) - 1)
    return bool(off < 5.5 and low <= spread <= high)
