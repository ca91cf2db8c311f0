"""Checks of how an engine behaves: description, randomness, bytes, progress, refusals."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.errors import InvalidInput, JobCancelled
from core.synthesis.conformance.candidate import Candidate, Recorder, drawn, holds
from core.synthesis.conformance.tables import mixed
from core.synthesis.description import description_problems


def check_description_is_complete(candidate: Candidate) -> None:
    """Texts, presets and parameters are there, and what presets name can be used."""
    found = description_problems(candidate.info)
    holds(not found, " ".join(found))


def check_seed_decides(candidate: Candidate) -> None:
    """The same seed gives the same table, another seed another one."""
    frame, table = mixed()
    one, again = candidate.fitted(frame, table), candidate.fitted(frame, table)
    pd.testing.assert_frame_equal(drawn(one, 60), drawn(again, 60))
    pd.testing.assert_frame_equal(drawn(one, 60), drawn(one, 60))
    differs = not drawn(one, 60, seed=2).equals(drawn(one, 60, seed=3))
    holds(differs, "Two seeds give the same table.")


def check_global_generators_are_left_alone(candidate: Candidate) -> None:
    """Randomness comes from the generator that is given, never from NumPy's own."""
    frame, table = mixed(40)
    np.random.seed(3)
    expected = np.random.random(3)
    np.random.seed(3)
    drawn(candidate.fitted(frame, table), 10)
    np.testing.assert_array_equal(np.random.random(3), expected)


def check_dump_and_load(candidate: Candidate) -> None:
    """A loaded model gives the same sample as the one that was dumped."""
    frame, table = mixed()
    engine = candidate.fitted(frame, table)
    blob = engine.dump()
    holds(isinstance(blob, bytes), "`dump` does not give bytes.")
    pd.testing.assert_frame_equal(drawn(engine, 50), drawn(candidate.info.load(blob), 50))


def check_the_frame_is_not_changed(candidate: Candidate) -> None:
    """Learning leaves the frame as it is."""
    frame, table = mixed(50)
    before = frame.copy(deep=True)
    drawn(candidate.fitted(frame, table), 5)
    pd.testing.assert_frame_equal(frame, before)


def check_progress_ends_at_its_total(candidate: Candidate) -> None:
    """Fitting and sampling report steps that only grow and end at their total."""
    frame, table = mixed(60)
    fit, sample = Recorder(), Recorder()
    engine = candidate.fitted(frame, table, progress=fit)
    drawn(engine, 30, progress=sample)
    for name, steps in (("fit", fit.steps), ("sample", sample.steps)):
        holds(steps, f"`{name}` reports no step.")
        holds(steps[-1][0] == steps[-1][1], f"`{name}` does not end at its total.")
        done = [step[0] / step[1] for step in steps]
        holds(done == sorted(done), f"The steps of `{name}` go back.")


def check_cancel_in_fit(candidate: Candidate) -> None:
    """What progress raises ends the fit, and another fit is possible afterwards."""
    frame, table = mixed(60)
    try:
        candidate.fitted(frame, table, progress=Recorder(stop=0))
    except JobCancelled:
        pass
    else:
        raise AssertionError("A cancelled fit went on.")
    holds(len(drawn(candidate.fitted(frame, table), 5)) == 5, "A second fit gives no rows.")


def check_what_cannot_be_is_said(candidate: Candidate) -> None:
    """An engine that was not fitted, and bytes of something else, raise ``InvalidInput``."""
    attempts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("Sampling before a fit", lambda: drawn(candidate.make(), 5)),
        ("Loading other bytes", lambda: candidate.info.load(b"nothing")),
    )
    for what, attempt in attempts:
        try:
            attempt()
        except InvalidInput as error:
            holds(str(error).strip(), f"{what} is refused without a word.")
        else:
            raise AssertionError(f"{what} is not refused.")
