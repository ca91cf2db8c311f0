"""A run's specification as the JSON that the state keeps, and back.

Fields that came later may be absent: what an older installation stored still loads.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.data.pipeline import steps_from_dict, steps_to_dict
from core.studio.values import Contest, Purpose, RunSpec, Sweep
from core.synthesis.asks.codec import (
    ask_from_dict,
    ask_to_dict,
    fairness_from_dict,
    fairness_to_dict,
)
from core.synthesis.asks.rule_codec import rules_from_dict, rules_to_dict

_PLAIN = ("engine", "seed", "holdout", "target", "model_of", "copies", "depth", "accepted")


def spec_to_dict(spec: RunSpec) -> dict[str, Any]:
    """Plain dicts, lists and values, fit for JSON."""
    return {
        **{name: getattr(spec, name) for name in _PLAIN},
        "params": dict(spec.params),
        "rows": dict(spec.rows),
        "purpose": str(spec.purpose),
        "public": None if spec.public is None else dict(spec.public),
        "sweep": None if spec.sweep is None else asdict(spec.sweep),
        "fallback": None if spec.fallback is None else list(spec.fallback),
        "contest": None if spec.contest is None else asdict(spec.contest),
        "ask": None if spec.ask is None else ask_to_dict(spec.ask),
        "rules": {table: list(texts) for table, texts in spec.rules.items()},
        "preparation": None if spec.preparation is None else steps_to_dict(spec.preparation),
        "kept": None if spec.kept is None else rules_to_dict(spec.kept),
        "fairness": None if spec.fairness is None else fairness_to_dict(spec.fairness),
    }


def spec_from_dict(data: Mapping[str, Any]) -> RunSpec:
    """The inverse of :func:`spec_to_dict`, also of what was stored before some fields were."""
    kept, preparation = data.get("kept"), data.get("preparation", {})
    ask, fairness, public = data.get("ask"), data.get("fairness"), data.get("public")
    sweep, fallback, contest = (data.get(name) for name in ("sweep", "fallback", "contest"))
    return RunSpec(
        **{name: data[name] for name in _PLAIN if name in data},
        params=dict(data.get("params", {})),
        rows=dict(data.get("rows", {})),
        public=None if public is None else dict(public),
        sweep=None if sweep is None else _sweep(sweep),
        fallback=None if fallback is None else tuple(fallback),
        contest=None
        if contest is None
        else Contest(tuple(contest["engines"]), contest["taken_from"]),
        purpose=Purpose(data.get("purpose", Purpose.TABLES)),
        ask=None if ask is None else ask_from_dict(ask),
        rules={table: tuple(texts) for table, texts in (data.get("rules") or {}).items()},
        preparation=None if preparation is None else steps_from_dict(preparation),
        kept=None if kept is None else rules_from_dict(kept),
        fairness=None if fairness is None else fairness_from_dict(fairness),
    )


def _sweep(data: Mapping[str, Any]) -> Sweep:
    epsilons = tuple(float(epsilon) for epsilon in data["epsilons"])
    return Sweep(epsilons, float(data["least_utility"]), str(data["stand_in"]))
