"""Fast audits of private training: frozen gradients, the noise of each step, and its sampling."""

import pytest

from core.privacy.audit.charged import not_charged
from core.privacy.audit.tape import Tape
from core.privacy.events import SampledGaussian
from core.synthesis.dp_audit import Audited, differences
from core.synthesis.dp_audit.cases import visits
from core.synthesis.dp_audit.replay import same_sampling
from core.synthesis.neural import gan, training
from core.synthesis.registry import ENGINES

STEPS, SHARE = 10, 0.1
CASE = visits()
PARAMS = {
    "epsilon": 8.0,
    "delta": 1e-6,
    "person": "person",
    "rows_per_person": 2,
    "steps": STEPS,
    "sample_share": SHARE,
    "hidden_width": 8,
}


@pytest.fixture(params=["dp_vae", "dp_ctgan"])
def trained(request: pytest.FixtureRequest) -> Audited:
    return Audited(ENGINES[request.param], CASE.schema, PARAMS, CASE.public)


@pytest.fixture(autouse=True)
def known_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than enough noise: searching for the least takes seconds. Few made-up rows."""
    monkeypatch.setattr(training, "_least_noise", lambda *args: 6.0)
    monkeypatch.setattr(gan, "_MADE", 64)


def test_with_frozen_gradients_a_person_changes_nothing(trained):
    without = CASE.frame.drop(index=list(CASE.persons[0])).reset_index(drop=True)
    tape = Tape(training=True)
    with tape.recording():
        one = trained.release(CASE.frame, 1, 50)
    assert not_charged(one.ledger, tape) == []
    with tape.replaying():
        other = trained.release(without, 1, 50)
    assert differences(one, other) == []


def test_steps_sample_and_draw_as_the_accountant_assumes(trained, monkeypatch: pytest.MonkeyPatch):
    sizes: list[int] = []

    def counted(rows, share, draw=training.poisson_sample):
        sample = draw(rows, share)
        sizes.append(len(sample))
        return sample

    monkeypatch.setattr(training, "poisson_sample", counted)
    tape = Tape(training=True)
    with tape.recording():
        made = trained.release(CASE.frame, 1, 10)
    (event,) = [e.event for e in made.ledger.entries if isinstance(e.event, SampledGaussian)]
    steps = [draw for draw in tape.draws if draw.kind == "training"]
    assert len(sizes) == len(steps) == event.steps == STEPS
    assert event.sampling_probability == pytest.approx(1 - (1 - SHARE) ** 2)
    assert same_sampling(sizes, SHARE, len(CASE.frame))
    assert all(step.scale >= 2 * event.noise_multiplier for step in steps)
