"""Attacks on engines: planted shams are found, and honest engines are not accused."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from core.errors import InvalidInput, InvalidParameter
from core.privacy.gaussian import rho_of
from core.progress import SilentProgress
from core.synthesis.dp_audit import Audited, one_run, shams
from core.synthesis.dp_audit.cases import visits
from core.synthesis.dp_audit.shams import SHAMS, TALLY
from core.synthesis.dp_audit.suite import METHODS, AuditPlan, audit_engine
from core.synthesis.dp_audit.worlds import WORLDS, two_worlds
from core.synthesis.registry import ENGINES
from tests.privacy import tiny

ASKED = {"epsilon": 1.0, "delta": 1e-5}


def told_apart(info, world: str, sham: str = ""):
    case = WORLDS[world]()
    audited = Audited(info, case.schema, ASKED, case.public)
    audited = SHAMS[sham](audited) if sham else audited
    rng = np.random.default_rng(1)
    return two_worlds(audited, case, 48, rng=rng, progress=SilentProgress())


def test_categories_read_from_the_rows_give_a_person_away():
    """The label always shows; an honest engine shows it with a chance of a tenth of δ."""
    found = told_apart(tiny.INFO, "own value", "categories")
    assert found.lower_bound == found.ceiling > 1
    assert found.is_broken


def test_sampling_by_category_gives_a_rare_person_away(monkeypatch: pytest.MonkeyPatch):
    """With enough noise for ε = 1, which takes seconds to search for."""
    monkeypatch.setattr(shams, "_multiplier", lambda epsilon, delta: 2.5)
    fair = told_apart(TALLY, "rare label")
    assert fair.lower_bound < fair.ceiling
    found = told_apart(TALLY, "rare label", "sampling")
    assert found.lower_bound == found.ceiling > 1


@pytest.mark.parametrize(("sham", "is_broken"), [("", False), ("sigma", True)])
def test_a_fifth_of_the_noise_shows_in_one_run(sham, is_broken):
    """At 512 guesses, right ones are more than seven standard deviations from the line."""
    audited = Audited(ENGINES["mst"], one_run.SCHEMA, ASKED, one_run.PUBLIC)
    audited = SHAMS[sham](audited) if sham else audited
    rng = np.random.default_rng(1)
    found = one_run.one_run(audited, 5, rng=rng, progress=SilentProgress())
    assert found.is_broken == is_broken
    assert found.canaries == 5 * 1_024
    assert found.lower_bound < found.ceiling


def test_an_engine_is_audited_in_all_ways():
    plan = AuditPlan(runs=8, tables=1, sham="sigma", epsilon=4.0)
    found = audit_engine(tiny.INFO, plan, np.random.default_rng(1), SilentProgress())
    told = found.to_dict()
    assert [one["method"] for one in told["evidence"]] == [
        *(f"two worlds: {name}" for name in WORLDS),
        "one run",
    ]
    assert found.broken[0] == "replay"
    assert told["replay"]["draws"] > 0
    assert told["replay"]["problems"]


def test_the_sham_of_sampling_takes_the_engines_place():
    plan = AuditPlan(runs=8, methods=("replay", "cell"), sham="sampling")
    found = audit_engine(tiny.INFO, plan, np.random.default_rng(1), SilentProgress())
    assert (found.engine, found.replayed, len(found.evidence)) == ("tally", None, 1)


def test_categories_read_from_the_rows_are_found_by_replay():
    plan = AuditPlan(methods=("replay",), sham="categories")
    found = audit_engine(tiny.INFO, plan, np.random.default_rng(1), SilentProgress())
    assert found.broken == ("replay",)


def test_shams_are_not_registered():
    assert "tally" not in ENGINES
    with pytest.raises(InvalidInput, match="for audits"):
        TALLY.load(b"")


def test_a_plan_out_of_sense_is_refused_with_every_reason():
    with pytest.raises(InvalidParameter) as caught:
        AuditPlan(methods=("nothing",), sham="none", runs=1, confidence=2)
    assert len(caught.value.problems) == 4
    assert METHODS[0] == "replay"


def test_more_epsilon_asks_for_less_noise():
    noises = [rho_of(epsilon, 1e-5) ** -0.5 for epsilon in (0.1, 1.0, 10.0)]
    assert noises == sorted(noises, reverse=True)
    assert noises[0] > 50 * noises[-1]


@pytest.mark.parametrize("name", ["aim", "mst"])
def test_rows_agree_with_the_model_over_all_pairs(name):
    """Counts of rows lie within what chance allows, less than once in a million beyond."""
    info, case, rows = ENGINES[name], visits(), 40_000
    params = {"epsilon": 4.0, "delta": 1e-5, **info.presets["quick look"]}
    made = Audited(info, case.schema, params, case.public).release(case.frame, 1, rows)
    fitted = info.load(made.model)._fitted
    joint = joint_of(fitted)
    groups = [group.group for group in fitted.cells.groups]
    codes = fitted.domain.encode(made.rows)
    codes = np.stack([groups[i][codes[:, i]] for i in range(len(groups))], axis=1)
    for pair in combinations(range(joint.ndim), 2):
        others = tuple(i for i in range(joint.ndim) if i not in pair)
        expected = rows * joint.sum(axis=others)
        drawn = np.zeros_like(expected)
        np.add.at(drawn, tuple(codes[:, pair].T), 1)
        room = 6 * np.sqrt(expected * (1 - expected / rows)) + 6
        assert (np.abs(drawn - expected) <= room).all()


def joint_of(fitted) -> np.ndarray:
    """The whole table of a model: products of cliques over what they share with their parents."""
    tree = fitted.tree
    joint = np.ones(tree.sizes)
    for i, columns in enumerate(tree.cliques):
        shape = [size if c in columns else 1 for c, size in enumerate(tree.sizes)]
        counts = fitted.cliques[i].reshape(shape)
        shared = tuple(c for c in range(joint.ndim) if c not in tree.shared[i])
        below = counts.sum(axis=shared, keepdims=True)
        joint = joint * np.divide(counts, below, out=np.zeros_like(counts), where=below > 0)
    return joint / joint.sum()


def test_a_seed_changes_the_rows_not_the_promise():
    case = WORLDS["cell"]()
    audited = Audited(replace(tiny.INFO), case.schema, ASKED, case.public)
    one, other = (audited.release(case.frame, seed, 50) for seed in (1, 2))
    assert one.ledger.entries == other.ledger.entries
    assert not one.rows.equals(other.rows)
