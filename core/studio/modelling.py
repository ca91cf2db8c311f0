"""The model of a run: fitted so that it can do what the run asks, or that of an earlier run.

What is asked is checked against the training rows before anything is fitted: a value that they do
not have ends a run within seconds.
"""

from collections.abc import Mapping

import pandas as pd

from core.data.schema import Action, Schema
from core.data.vault import Vault
from core.studio.plans import enforceable
from core.studio.stored import model_path
from core.studio.values import RunSpec
from core.synthesis.asks import Wishes, load_synthesizer, read_rules
from core.synthesis.asks.checks import table_of
from core.synthesis.asks.fairness import refuse_groups
from core.synthesis.asks.rules import Rule
from core.synthesis.asks.settle import settle
from core.synthesis.registry import engine_info
from core.synthesis.synthesizer import Synthesizer


def wishes_of(spec: RunSpec, schema: Schema) -> Wishes:
    """What a checked specification asks of a model."""
    return Wishes(spec.ask, rules_of(spec, schema), spec.fairness)


def rules_of(spec: RunSpec, schema: Schema) -> dict[str, tuple[Rule, ...]]:
    """By table the rules that every row keeps."""
    kept = enforceable(spec.kept or {}, schema)
    read = {
        name: read_rules(spec.rules.get(name, ()), Schema((schema[name],))).get(name, ())
        for name in schema.names
    }
    both = {name: tuple(dict.fromkeys((*read[name], *kept.get(name, ())))) for name in read}
    return {name: rules for name, rules in both.items() if rules}


def measured_rules(spec: RunSpec, schema: Schema, output: Schema) -> dict[str, tuple[Rule, ...]]:
    """By table the rules whose keeping is reported: also those of columns that are made up.

    Not those of columns that are masked or dropped, whose values are others or none.
    """
    kept = rules_of(spec, schema)
    for name, own in (spec.kept or {}).items():
        shown = [c.name for c in output[name].columns if c.action is not Action.MASK]
        more = [r for r in own if set(r.columns) <= set(shown) and not r.problems(schema[name])]
        kept[name] = tuple(dict.fromkeys((*kept.get(name, ()), *more)))
    return {name: rules for name, rules in kept.items() if rules}


def refuse_unknown(
    spec: RunSpec, wishes: Wishes, schema: Schema, train: Mapping[str, pd.DataFrame]
) -> None:
    """Refuse what the training rows do not have; raises ``InvalidInput`` with every problem.

    Not for engines with a formal guarantee: an error would tell of rows beside the budget.
    """
    if engine_info(spec.engine).formal_guarantee:
        return
    if wishes.ask is not None:
        table = table_of(wishes.ask, schema)
        settle(wishes.ask, table, train[table.name])
    if wishes.fairness is not None:
        refuse_groups(train[schema.tables[0].name], wishes.fairness)


def known_model(spec: RunSpec, vault: Vault) -> Synthesizer | None:
    """The model of an earlier run, if that is what is sampled."""
    if not spec.model_of:
        return None
    return load_synthesizer(vault.read_blob(model_path(spec.model_of)))
