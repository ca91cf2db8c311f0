"""The model of a run: fitted so that it can do what the run asks, or that of an earlier run.

What is asked is checked against the training rows before anything is fitted: a value that they do
not have ends a run within seconds.
"""

from collections.abc import Mapping

import pandas as pd

from core.data.schema import Schema
from core.data.vault import Vault
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
    read = {
        name: read_rules(texts, Schema((schema[name],))).get(name, ())
        for name, texts in spec.rules.items()
    }
    return {name: rules for name, rules in read.items() if rules}


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
