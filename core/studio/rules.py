"""Use cases of a dataset's rules: settled by a person, checked on its rows, taken by its runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.data.schema import Schema
from core.errors import InvalidInput
from core.governance.audit import as_many_as_fit, ranges
from core.governance.policy import Actor
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.plans import Plan, plan_of, save_plan
from core.studio.rule_values import CheckedRule, RuleSet, SuggestedRule
from core.studio.rules_found import suggested_rules
from core.studio.rules_yaml import read_rules_yaml, rules_yaml
from core.studio.stored import read_column
from core.synthesis.asks import Rule, read_rule, rules_to_dict
from core.synthesis.asks.checks import rule_problems
from core.synthesis.asks.rule_codec import kind_of

__all__ = ["CheckedRule", "RuleSet", "Rules", "SuggestedRule"]

MOST_RULES = 500


class Rules:
    """Rules of datasets; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, actor: Actor, dataset_id: str) -> RuleSet:
        """The dataset's rules, or those of the version before it."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.get", row):
            return _to_set(self._plan(row))

    def set(
        self,
        actor: Actor,
        dataset_id: str,
        rules: Mapping[str, Sequence[Rule]],
        revision: int,
    ) -> RuleSet:
        """Settle the rules; runs that start from now on keep them.

        Raises
        ------
        InvalidInput
            With every problem of every rule. Nothing is saved then.
        Conflict
            Somebody else has changed them since ``revision``.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.set", row) as entry:
            schema = Schema.from_dict(row.schema)
            settled = {name: tuple(dict.fromkeys(own)) for name, own in rules.items() if own}
            refuse_problems(settled, schema)
            entry.details["rules"] = sum(map(len, settled.values()))
            entry.details["kinds"] = as_many_as_fit(_in_words(settled, schema))
            with self._context.database.session() as session:
                save_plan(session, row, revision, actor.username, rules_to_dict(settled))
            return _to_set(self._plan(row))

    def check(self, actor: Actor, dataset_id: str) -> tuple[CheckedRule, ...]:
        """For each rule the share of the real rows that keep it; only its columns are read."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.check", row):
            rules = self._plan(row).rules
            return self._checked(row, rules)

    def try_out(
        self, actor: Actor, dataset_id: str, rules: Mapping[str, Sequence[Rule]]
    ) -> tuple[CheckedRule, ...]:
        """As :meth:`check`, for rules that are not settled yet; raises ``InvalidInput``."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.check", row):
            refuse_problems(rules, Schema.from_dict(row.schema))
            return self._checked(row, rules)

    def suggest(self, actor: Actor, dataset_id: str) -> tuple[SuggestedRule, ...]:
        """Rules that the rows keep, found in the vault's files, and that engines can keep too.

        Those that are settled already are left out. None of them shows a value of a column that
        is sensitive or identifies.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.suggest", row):
            known, schema = self._plan(row).rules, Schema.from_dict(row.schema)
            return tuple(
                one
                for one in suggested_rules(self._context.vault, row)
                if one.rule not in known.get(one.table, ())
                and not rule_problems((one.rule,), schema[one.table], schema)
            )

    def to_yaml(self, actor: Actor, dataset_id: str) -> str:
        """The dataset's rules as YAML, which :meth:`from_yaml` reads."""
        return rules_yaml(self.get(actor, dataset_id).rules)

    def from_yaml(self, actor: Actor, dataset_id: str, text: str) -> dict[str, tuple[Rule, ...]]:
        """Rules that are written as YAML, checked against the schema; nothing is saved.

        Raises
        ------
        InvalidInput
            With every problem of every rule.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.check", row):
            rules = read_rules_yaml(text)
            refuse_problems(rules, Schema.from_dict(row.schema))
            return rules

    def _plan(self, row: DatasetRow) -> Plan:
        with self._context.database.reading() as session:
            return plan_of(session, row)

    def _checked(
        self, row: DatasetRow, rules: Mapping[str, Sequence[Rule]]
    ) -> tuple[CheckedRule, ...]:
        schema = Schema.from_dict(row.schema)
        return tuple(
            _check(self._context, row, schema, name, rule)
            for name, own in rules.items()
            for rule in own
        )


def read_one(fields: Mapping[str, Any]) -> Rule:
    """A rule from the fields of a form; raises ``InvalidInput`` with what is wrong."""
    try:
        return read_rule({name: value for name, value in fields.items() if value is not None})
    except ValueError as error:
        raise InvalidInput(f"This is no rule yet: {error}.") from None


def refuse_problems(rules: Mapping[str, Sequence[Rule]], schema: Schema) -> None:
    """Raise ``InvalidInput`` with every rule that makes no sense for its table."""
    problems = [
        f"There is no table {name!r} to have rules." for name in rules if name not in schema.names
    ]
    for name, own in rules.items():
        if name not in schema.names:
            continue
        for place, rule in enumerate(own, 1):
            problems += [f"{name}, rule {place}: {found}" for found in rule.problems(schema[name])]
    if sum(map(len, rules.values())) > MOST_RULES:
        problems.append(f"A dataset has at most {MOST_RULES} rules.")
    if problems:
        raise InvalidInput("Nothing was saved. " + " ".join(problems), problems)


def _check(context: Context, row: DatasetRow, schema: Schema, name: str, rule: Rule) -> CheckedRule:
    rows, table = int(row.table_rows[name]), schema[name]
    why = " ".join(rule_problems((rule,), table, schema))
    if problems := rule.problems(table):
        return CheckedRule(name, rule, rows, None, " ".join(problems), why)
    try:
        frame = read_columns(context, row, name, rule.columns)
        part = table.select(rule.columns)
        kept = rule.settled(frame, part).kept(frame, part)
    except InvalidInput as error:
        return CheckedRule(name, rule, rows, None, str(error), why)
    return CheckedRule(name, rule, rows, float(kept.mean()) if rows else None, "", why)


def read_columns(
    context: Context, row: DatasetRow, name: str, columns: Sequence[str]
) -> pd.DataFrame:
    """Some columns of a table, all rows, with the types that the review gave them."""
    found = {column: read_column(context.vault, row, name, column) for column in columns}
    return pd.DataFrame(found)


def _to_set(plan: Plan) -> RuleSet:
    return RuleSet(plan.rules, plan.revision, plan.set_by, plan.carried, plan.left_out)


def _in_words(rules: Mapping[str, Sequence[Rule]], schema: Schema) -> list[str]:
    """Kinds of rules with their columns by position: a column's name may itself be personal."""
    return [
        f"{name}[{ranges(schema[name].names.index(c) for c in rule.columns)}]: {kind_of(rule)}"
        for name, own in rules.items()
        for rule in own
    ]
