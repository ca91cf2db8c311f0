"""What every engine in the registry has to do, whatever it is made of."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from core.privacy import noise
from core.synthesis.conformance import (
    CHECKS,
    PRIVATE_CHECKS,
    Candidate,
    drawn,
    mixed,
    problems,
)
from core.synthesis.description import description_problems
from core.synthesis.marginals import adaptive, spanning
from core.synthesis.neural import gan
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo
from core.synthesis.registry import ENGINES

QUICK = {name: {"epochs": 2, "layer_width": 16} for name in ("ctgan", "tvae", "copulagan")}
QUICK["tabular_ar"] = {"epochs": 2, "width": 16}
SLOW = {"two_hundred_columns"}

OPEN = sorted(name for name, info in ENGINES.items() if not info.formal_guarantee)
PRIVATE = sorted(name for name, info in ENGINES.items() if info.formal_guarantee)
BY_NOISY_STEPS = {"dp_vae", "dp_ctgan"}
IN_SHORT = ("columns_order_and_types", "dump_and_load", "what_cannot_be_is_said")
"""Checks of engines that take seconds to plan their noise; the others have tests of their own."""
PROMISE = {"epsilon": 4.0, "delta": 1e-4}
SHORT = {
    "aim": {"rounds": 1, "model_cells": 2_000, "triple_cells": 0},
    "dp_vae": {"steps": 10, "hidden_width": 4},
    "dp_ctgan": {"steps": 10, "hidden_width": 4},
}


@pytest.mark.parametrize("name", OPEN)
@pytest.mark.parametrize(
    "check", [pytest.param(c, marks=[pytest.mark.slow] if c in SLOW else []) for c in CHECKS]
)
def test_engine(name: str, check: str) -> None:
    CHECKS[check](Candidate(ENGINES[name], QUICK.get(name, {})))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits that stop early: what comes out has the same form, and is further from the counts."""
    for module, steps in (
        (adaptive, ("_FIRST_STEPS", "_ROUND_STEPS", "_LAST_STEPS")),
        (spanning, ("_FIRST_STEPS", "_STEPS")),
    ):
        for name in steps:
            monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(adaptive, "_SCORE_ROWS", 500)
    monkeypatch.setattr(gan, "_MADE", 16)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("name", "check"),
    [
        (name, check)
        for name in PRIVATE
        for check in (IN_SHORT if name in BY_NOISY_STEPS else PRIVATE_CHECKS)
    ],
)
def test_private_engine(name: str, check: str) -> None:
    PRIVATE_CHECKS[check](Candidate(ENGINES[name], {**PROMISE, **SHORT.get(name, {})}))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", sorted(set(PRIVATE) - BY_NOISY_STEPS))
def test_apart_from_noise_a_seed_decides(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that train by noisy steps, tests of their own play a tape."""
    monkeypatch.setattr(noise, "_discrete_gaussian", lambda counts, scale: counts)
    monkeypatch.setattr(noise._OpenDP, "noisy_max", lambda self, scores, scale: np.argmax(scores))
    candidate = Candidate(ENGINES[name], {**PROMISE, **SHORT.get(name, {})})
    frame, table = mixed()
    one, again = candidate.fitted(frame, table), candidate.fitted(frame, table)
    assert one.dump() == again.dump()
    pd.testing.assert_frame_equal(drawn(one, 60), drawn(again, 60))
    assert not drawn(one, 60, seed=2).equals(drawn(one, 60, seed=3))


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_description_is_complete(name: str) -> None:
    assert ENGINES[name].name == name
    assert description_problems(ENGINES[name]) == []


@dataclass(frozen=True, slots=True)
class NoParams:
    pass


@dataclass(frozen=True, slots=True)
class Unbounded:
    steps: int = param(3, "Steps", "How many steps there are.")


class Wrong:
    """An engine that gives the first row again and again, with a column that is not asked for."""

    def __init__(self, params: NoParams) -> None:
        pass

    def fit(self, frame, table, *, rng, progress, context=()) -> None:
        frame.iloc[:, 0] = frame.iloc[0, 0]
        self.frame = frame

    def sample(self, rows, *, rng, progress, given=None) -> pd.DataFrame:
        np.random.random(1)
        return self.frame.head(1).assign(more=1)

    def dump(self) -> str:
        return "no bytes"


WRONG = EngineInfo(
    name="wrong",
    title="Wrong",
    summary="Does nothing right.",
    good_at="Showing that a check notices.",
    not_for="Anything else.",
    licence="none",
    params=NoParams,
    make=Wrong,
    load=lambda blob: Wrong(NoParams()),
    presets={"quick look": {}, "balanced": {}, "best": {}},
)


def test_an_engine_that_does_nothing_right_fails_nearly_every_check() -> None:
    failed = {problem.partition(":")[0] for problem in problems(Candidate(WRONG))}
    right = {"description_is_complete", "values_stay_inside_what_was_seen", "extreme_numbers"}
    assert failed == set(CHECKS) - right


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": " "}, "`title`"),
        ({"make": None}, "`make`"),
        ({"presets": {"balanced": {}}}, "exactly quick look, balanced, best"),
        ({"params": dict}, "made with `param`"),
        ({"params": Unbounded}, "`low` and `high`"),
        ({"presets": {"quick look": {"x": 1}, "balanced": {}, "best": {}}}, "'quick look'"),
    ],
)
def test_what_a_description_lacks_is_said(change: dict, said: str) -> None:
    (problem,) = description_problems(replace(WRONG, **change))
    assert said in problem
