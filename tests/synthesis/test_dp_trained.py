"""Private training: what is charged is what was done, nothing else comes from the rows."""

import io
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput
from core.privacy.accountant import spent
from core.privacy.audit.tape import Tape
from core.privacy.events import Gaussian, SampledGaussian
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import BudgetExceeded, Ledger
from core.privacy.public import public_from_dict
from core.progress import SilentProgress
from core.synthesis.neural import gan, secret
from core.synthesis.neural.decoder import Decoder
from core.synthesis.neural.engine import Training
from core.synthesis.params import build
from core.synthesis.protocol import PrivateFit
from core.synthesis.registry import ENGINES

ROWS = 3_000
TABLE = Table(
    "t",
    (
        Column("group", ColumnType.CATEGORY),
        Column("other", ColumnType.CATEGORY),
        Column("age", ColumnType.INTEGER),
    ),
)
PUBLIC = public_from_dict(
    {
        "columns": {
            "group": {"values": ["a", "b", "c"]},
            "other": {"values": ["x", "y"]},
            "age": {"low": 0, "high": 99},
        }
    }
)
SHORT = {"steps": 20, "hidden_width": 8}
TRAINED = ("dp_vae", "dp_ctgan")
QUICK = {"dp_vae": {}, "dp_ctgan": {"generator_rate": 0.02, "discriminator_rate": 0.02}}


def people(seed: int, rows: int = ROWS) -> pd.DataFrame:
    """``other`` follows ``group``, ``age`` follows ``other``."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2])
    other = np.where((group == "a") ^ (rng.random(rows) < 0.1), "x", "y")
    age = np.where(other == "x", rng.integers(20, 40, rows), rng.integers(50, 80, rows))
    frame = pd.DataFrame({"group": group, "other": other, "age": age})
    return frame.astype({c.name: c.type.dtype for c in TABLE.columns})


@pytest.fixture(params=TRAINED)
def name(request):
    return request.param


@pytest.fixture(autouse=True)
def few_made_up_rows(monkeypatch):
    """Seconds less; fits of a wider scope have them all."""
    monkeypatch.setattr(gan, "_MADE", 64)


class Watch(SilentProgress):
    """Keeps what is told live."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str, dict]] = []

    def step(self, done, total, note="", values=None) -> None:
        self.told.append((done, note, dict(values or {})))


def fitted(name, frame, *, epsilon=2.0, seed=0, progress=None, persons=1, public=PUBLIC, **params):
    info = ENGINES[name]
    ledger = Ledger(Guarantee(epsilon, 1e-6, persons, "id" if persons > 1 else None))
    engine = info.make(build(info.params, {**SHORT, **params}))
    engine.fit(
        frame,
        TABLE,
        rng=np.random.default_rng(seed),
        progress=progress or SilentProgress(),
        private=PrivateFit(ledger, public),
    )
    return engine, ledger


def drawn(engine, rows: int, seed: int = 1) -> pd.DataFrame:
    return engine.sample(rows, rng=np.random.default_rng(seed), progress=SilentProgress())


@dataclass(frozen=True)
class Story:
    """A fit and what came of it."""

    name: str
    engine: Any
    ledger: Ledger
    watch: Watch
    made: pd.DataFrame


def training(ledger: Ledger) -> list[SampledGaussian]:
    return [entry.event for entry in ledger.entries if entry.purpose == "training"]


@pytest.fixture(scope="module", params=TRAINED)
def story(request):
    """One fit that many tests look at: engine, ledger, what was told live, drawn rows.

    One row has labels and a number that are not declared.
    """
    frame, watch = people(3, 12_000), Watch()
    frame.loc[7, ["group", "other", "age"]] = ["only-me", "only-me", 1_234_567]
    params = {"steps": 150, "hidden_width": 16, **QUICK[request.param]}
    engine, ledger = fitted(request.param, frame, epsilon=4.0, progress=watch, **params)
    return Story(request.param, engine, ledger, watch, drawn(engine, 4_000))


def test_dependences_come_back(story):
    made = story.made
    assert list(made.columns) == list(TABLE.names)
    assert all(made[c.name].dtype == c.type.dtype for c in TABLE.columns)
    assert (made["other"] == "x")[made["group"] == "a"].mean() > 0.7
    assert (made["other"] == "x")[made["group"] != "a"].mean() < 0.3
    assert (made["group"] == "b").mean() == pytest.approx(0.3, abs=0.05)
    assert story.engine.rows == pytest.approx(12_000, rel=0.05)


def test_the_ledger_holds_the_training_that_was_done(story):
    (event,) = training(story.ledger)
    assert (event.steps, event.sampling_probability) == (150, 0.1)
    assert {e.purpose for e in story.ledger.entries} == {"measurement", "training"}
    assert story.ledger.entries[-1].purpose == "training"
    assert any(note == "step 150 of 150" for _, note, _ in story.watch.told)
    assert 0.95 * 4.0 < story.ledger.spent().epsilon <= 4.0 + 1e-6


def test_live_progress_tells_steps_and_epsilon_and_no_loss(story):
    figures = [values for _, note, values in story.watch.told if note.startswith("step ")]
    assert figures
    assert all(set(values) == {"epsilon_spent"} for values in figures)
    assert figures[0]["epsilon_spent"] == story.ledger.spent().epsilon


def test_nothing_beyond_the_domain_comes_out_or_is_kept(story):
    assert set(story.made["group"]) <= {"a", "b", "c"}
    assert set(story.made["other"]) <= {"x", "y"}
    assert story.made["age"].between(0, 99).all()
    with np.load(io.BytesIO(story.engine.dump())) as held:
        about = held["about"].tobytes().decode()
    assert "only-me" not in about
    assert "1234567" not in about
    assert json.loads(about)["domain"]["rows"] == story.engine.rows


def test_the_model_goes_through_its_bytes(story):
    again = ENGINES[story.name].load(story.engine.dump())
    pd.testing.assert_frame_equal(drawn(again, 300), drawn(story.engine, 300))
    assert again.rows == story.engine.rows
    with pytest.raises(InvalidInput, match="no trained model"):
        ENGINES[story.name].load(b"nothing")


def test_steps_do_not_hang_on_the_rows(name):
    """The same steps for constant rows, for no rows, and for many."""
    constant = people(1, 600).assign(group="a", other="x", age=5).astype(people(1, 1).dtypes)
    for frame in (constant, people(1, 600).iloc[:0], people(1, 600)):
        engine, ledger = fitted(name, frame)
        (event,) = training(ledger)
        assert event.steps == 20
        assert len(drawn(engine, 20)) == 20


def test_apart_from_noise_and_sampling_the_same_comes_out(name, monkeypatch):
    """With sampling and noise played from a tape, two fits are the same to the last byte."""
    tape = {"state": 0}

    def same(rows: int, share: float):
        return np.flatnonzero(np.random.default_rng(rows).random(rows) < share)

    def stirred(generator) -> None:
        tape["state"] += 1
        generator.manual_seed(tape["state"])

    from core.privacy import noise
    from core.synthesis.neural import training as module

    monkeypatch.setattr(noise, "_discrete_gaussian", lambda counts, scale: np.array(counts))
    monkeypatch.setattr(module, "poisson_sample", same)
    monkeypatch.setattr(module, "stir", stirred)
    monkeypatch.setattr(secret, "stir", stirred)
    blobs = []
    for _ in range(2):
        tape["state"] = 0
        blobs.append(drawn(fitted(name, people(3))[0], 200))
    pd.testing.assert_frame_equal(*blobs)


def test_global_generators_are_left_alone(name):
    import torch

    torch.manual_seed(3)
    np.random.seed(3)
    expected = (torch.rand(2), np.random.random(2))
    torch.manual_seed(3)
    np.random.seed(3)
    drawn(fitted(name, people(3, 300))[0], 10)
    assert torch.equal(torch.rand(2), expected[0])
    np.testing.assert_array_equal(np.random.random(2), expected[1])


def test_no_layer_mixes_rows():
    from torch import nn

    from core.synthesis.neural.gan import GanShape, gan_networks
    from core.synthesis.neural.vae import VaeShape, vae_network

    for whole in (vae_network(10, VaeShape(2, 4, 0.01)), *gan_networks(10, GanShape(2, 4, (1, 1)))):
        inner = [module for module in whole.modules() if module is not whole]
        assert all(isinstance(module, nn.Linear) for module in inner)
        assert not list(whole.buffers())


def test_the_generator_learns_from_the_discriminator_and_noisy_counts_alone():
    """With the discriminator's noisy gradients frozen, another table gives the same generator."""
    from core.synthesis.neural.gan import GanShape, train_gan
    from core.synthesis.neural.training import Plan

    shares = [np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.6])]
    made = []
    tape = Tape(training=True)
    for codes in (np.zeros((40, 2), np.int32), np.ones((7, 2), np.int32)):
        ledger, rng = Ledger(Guarantee(1.0, 1e-6)), np.random.default_rng(2)
        plan = Plan(0.5, 4, 50.0)
        training = Training(codes, shares, plan, 40.0, ledger, rng, lambda done: None)
        with tape.replaying() if made else tape.recording():
            made.append(train_gan(training, GanShape(2, 4, (0.01, 0.01))))
    for one, other in zip(*(decoder.layers for decoder in made), strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


def test_conditions_follow_the_noisy_shares():
    """Of 60 rows and two columns, each cell is given as often as half its share says."""
    shares = (np.array([0.5, 0.5]), np.array([0.2, 0.3, 0.5]))
    layers = ((np.zeros((4, 8)), np.zeros(4)), (np.zeros((5, 4)), np.zeros(5)))
    inputs = Decoder((2, 3), layers, shares).inputs(60, np.random.default_rng(0))
    assert inputs.shape == (60, 8)
    np.testing.assert_array_equal(inputs[:, 3:].sum(axis=1), 1)
    np.testing.assert_allclose(inputs[:, 3:].sum(axis=0), [15, 15, 6, 9, 15], atol=1)


class TestSteps:
    """The steps themselves, on a network of one layer."""

    def steps(self, epsilon=1.0, count=3, share=0.5, persons=1, multiplier=20.0):
        import torch

        from core.synthesis.neural.training import Plan, PrivateSteps

        ledger = Ledger(Guarantee(epsilon, 1e-5, persons, "id" if persons > 1 else None))
        plan = Plan(share, count, multiplier)
        network = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
        return PrivateSteps(plan, network, optimizer, rows=10.0, ledger=ledger), network, ledger

    def loss(self, module, codes, secret):
        import torch

        return 1000 * module(torch.from_numpy(codes.astype(np.float32))).squeeze(1)

    def test_no_step_beyond_those_paid_for(self):
        steps, network, _ = self.steps()
        codes = np.ones((10, 2), np.int32)
        for _ in range(3):
            steps.step(codes, self.loss)
        before = network.weight.detach().clone()
        with pytest.raises(BudgetExceeded, match="All 3 steps"):
            steps.step(codes, self.loss)
        assert (network.weight == before).all()

    def test_less_noise_than_the_budget_allows_is_refused_before_anything(self):
        with pytest.raises(BudgetExceeded, match="Nothing was drawn"):
            self.steps(epsilon=0.5, multiplier=2.0)

    def test_a_person_of_several_rows_costs_more_noise(self, monkeypatch):
        from opacus.optimizers import optimizer_fast_gradient_clipping as opacus

        scales = []
        draw = opacus._generate_noise

        def watched(std, *args, **kwargs):
            scales.append(std)
            return draw(std, *args, **kwargs)

        monkeypatch.setattr(opacus, "_generate_noise", watched)
        steps, _, ledger = self.steps(persons=3, share=0.1, multiplier=50.0)
        steps.step(np.ones((10, 2), np.int32), self.loss)
        (event,) = training(ledger)
        assert event.sampling_probability == pytest.approx(1 - 0.9**3)
        assert scales == [pytest.approx(3 * 50.0)] * 2

    def test_a_row_moves_the_sum_by_the_bound_at_most(self, monkeypatch):
        """Without noise, a step over all of ten rows of huge gradients moves by the bound."""
        import torch
        from opacus.optimizers import optimizer_fast_gradient_clipping as opacus

        monkeypatch.setattr(
            opacus, "_generate_noise", lambda std, reference, **_: torch.zeros_like(reference)
        )
        steps, network, _ = self.steps(share=0.999999, count=1)
        before = [p.detach().clone() for p in network.parameters()]
        steps.step(np.ones((10, 2), np.int32), self.loss)
        moved = [p.detach() - b for p, b in zip(network.parameters(), before, strict=True)]
        norm = sum(float((m**2).sum()) for m in moved) ** 0.5
        assert norm == pytest.approx(1.0, abs=1e-3)

    def test_an_empty_sample_leaves_noise_alone(self):
        steps, network, _ = self.steps()
        before = network.weight.detach().clone()
        steps.step(np.ones((0, 2), np.int32), self.loss)
        assert not (network.weight == before).any()

    def test_what_goes_beside_is_clipped_and_weighted_and_counts_without_any_row(self, monkeypatch):
        """Two losses of huge gradients, each worth 2, over 5 expected rows: 2 · 2 / 5."""
        import torch
        from opacus.optimizers import optimizer_fast_gradient_clipping as opacus

        from core.synthesis.neural.training import Beside

        monkeypatch.setattr(
            opacus, "_generate_noise", lambda std, reference, **_: torch.zeros_like(reference)
        )
        steps, network, _ = self.steps(count=1)
        before = [p.detach().clone() for p in network.parameters()]
        beside = Beside(lambda module: 1000 * module(torch.ones(2, 2)).squeeze(1), weight=2.0)
        steps.step(np.ones((0, 2), np.int32), self.loss, beside)
        moved = [p.detach() - b for p, b in zip(network.parameters(), before, strict=True)]
        norm = sum(float((m**2).sum()) for m in moved) ** 0.5
        assert norm == pytest.approx(0.8, abs=1e-3)

    def test_large_samples_go_in_parts_with_noise_once(self, monkeypatch):
        from opacus.optimizers import optimizer_fast_gradient_clipping as opacus

        from core.synthesis.neural import training as module

        draws = []
        draw = opacus._generate_noise

        def watched(*args, **kwargs):
            draws.append(args)
            return draw(*args, **kwargs)

        monkeypatch.setattr(opacus, "_generate_noise", watched)
        monkeypatch.setattr(module, "_ROWS_AT_ONCE", 4)
        steps, network, _ = self.steps(count=1, share=0.9)
        steps.step(np.ones((50, 2), np.int32), self.loss)
        assert len(draws) == len(list(network.parameters()))


class TestSecret:
    def test_a_sample_has_its_share_and_two_are_not_the_same(self):
        one, two = (secret.poisson_sample(100_000, 0.1) for _ in range(2))
        assert len(one) == pytest.approx(10_000, abs=700)
        assert not np.array_equal(one, two)
        assert len(secret.poisson_sample(0, 0.5)) == 0
        assert len(secret.poisson_sample(7, 1.0)) == 7

    def test_noise_is_normal_and_no_seed_repeats_it(self):
        import torch

        draws = []
        for _ in range(2):
            torch.manual_seed(1)
            draws.append(torch.randn(50_000, generator=secret.secret_generator()))
        assert not torch.equal(*draws)
        assert float(draws[0].mean()) == pytest.approx(0, abs=0.03)
        assert float(draws[0].std()) == pytest.approx(1, abs=0.03)

    def test_stirred_noise_does_not_follow_from_what_was_drawn(self):
        import torch

        generator, twin = torch.Generator(), torch.Generator()
        generator.manual_seed(1)
        twin.manual_seed(1)
        torch.randn(1, generator=generator)
        torch.randn(1, generator=twin)
        secret.stir(generator)
        assert not torch.equal(torch.randn(9, generator=generator), torch.randn(9, generator=twin))
        state = secret.secret_generator().get_state().numpy()
        assert len(np.unique(state[24 : 24 + 8 * 624].view(np.uint64))) > 600


def test_a_plan_meets_the_budget_beside_what_was_charged():
    from core.synthesis.neural.training import plan_training

    ledger = Ledger(Guarantee(1.0, 1e-5))
    ledger.charge("measurement", "a count", Gaussian(20.0))
    plan = plan_training(ledger, 0.1, 100)
    both = [Gaussian(20.0), plan.event(1)]
    assert 0.97 < spent(both, 1e-5).epsilon <= 1.0
    assert (
        spent(
            [Gaussian(20.0), replace(plan, multiplier=0.99 * plan.multiplier).event(1)], 1e-5
        ).epsilon
        > 1.0
    )
