"""What a run is asked beyond its engine, checked against the dataset: all problems at once.

No problem repeats a value of the table, nor one that the user gave.
"""

from collections.abc import Mapping

from core.data.profile import TableProfile
from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.studio.values import Purpose, RunSpec
from core.synthesis.asks.checks import ask_problems, rule_problems
from core.synthesis.asks.rule_texts import read_rules
from core.synthesis.asks.settle import not_learned
from core.synthesis.registry import ENGINES

MOST_COPIES = 20


def asked_problems(spec: RunSpec, schema: Schema, rows: Mapping[str, int]) -> list[str]:
    """Problems of conditions, shares, rules, fairness and purpose."""
    problems = []
    if spec.ask is not None and spec.ask.columns:
        problems += ask_problems(spec.ask, schema, rows)
    is_private = spec.engine in ENGINES and ENGINES[spec.engine].formal_guarantee
    if is_private and (
        any(spec.rules.values()) or any((spec.kept or {}).values()) or spec.fairness is not None
    ):
        problems.append(
            f"`{spec.engine}` learns within a privacy budget, and rules and fairness look at the "
            "rows beside it: leave them out, or choose another engine."
        )
    return [
        *problems,
        *_rule_problems(spec, schema),
        *_fairness_problems(spec, schema),
        *_purpose_problems(spec, schema),
    ]


def fillable(schema: Schema, profiles: Mapping[str, TableProfile]) -> dict[str, tuple[str, ...]]:
    """By table the columns with missing cells that can be filled."""
    found = {}
    for table in schema.tables:
        known = {column.name: column for column in profiles[table.name].columns}
        left = unfilled(table, schema)
        found[table.name] = tuple(
            name
            for name in table.names
            if name not in left and 0 < known[name].missing < known[name].rows
        )
    return {name: columns for name, columns in found.items() if columns}


def unfilled(table: Table, schema: Schema) -> dict[str, str]:
    """Columns whose missing cells are left as they are, and why."""
    keys = schema.keys_of(table.name)
    reasons = {c.name: _reason(not_learned(c, table)) for c in table.columns}
    reasons |= {name: "it is a key" for name in table.names if name in keys}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(why_not_learned: str) -> str:
    return why_not_learned and f"it {why_not_learned}"


def _rule_problems(spec: RunSpec, schema: Schema) -> list[str]:
    problems = []
    for name, own in (spec.kept or {}).items():
        if name not in schema.names:
            problems.append(f"There is no table {name!r} to have rules.")
            continue
        problems += [problem for rule in own for problem in rule.problems(schema[name])]
    for name, texts in spec.rules.items():
        if name not in schema.names:
            problems.append(f"There is no table {name!r} to have rules.")
            continue
        try:
            rules = read_rules(texts, Schema((schema[name],)))
        except InvalidInput as error:
            problems += error.problems or [str(error)]
            continue
        problems += rule_problems(rules.get(name, ()), schema[name], schema)
    return problems


def _fairness_problems(spec: RunSpec, schema: Schema) -> list[str]:
    if spec.fairness is None:
        return []
    if len(schema.tables) != 1:
        return [f"Fairness is of one table; this dataset has {len(schema.tables)}."]
    problems = []
    if spec.ask is not None and spec.ask.columns:
        problems.append(
            "Conditions and shares cannot be asked of a run that breaks a dependence: it sets "
            "the shares itself. Leave out one of them."
        )
    try:
        spec.fairness.check(schema.tables[0])
    except InvalidInput as error:
        problems += error.problems or [str(error)]
    return problems


def _purpose_problems(spec: RunSpec, schema: Schema) -> list[str]:
    if spec.purpose is not Purpose.IMPUTE:
        problems = [] if spec.copies == 1 else ["`copies` is for filling missing cells only."]
        if spec.purpose is Purpose.AUGMENT and len(schema.tables) != 1:
            problems.append(
                f"Extra rows are of one table; this dataset has {len(schema.tables)}. Make "
                "synthetic tables instead."
            )
        return problems
    problems = []
    if not 1 <= spec.copies <= MOST_COPIES:
        problems.append(f"`copies` must be from 1 to {MOST_COPIES}. Got {spec.copies}.")
    if spec.engine in ENGINES and not ENGINES[spec.engine].takes_context:
        able = ", ".join(name for name, info in ENGINES.items() if info.takes_context)
        problems.append(f"`{spec.engine}` cannot fill cells given others. Choose {able}.")
    if spec.ask is not None and spec.ask.columns:
        problems.append("Filling missing cells takes no conditions or shares: leave them out.")
    if spec.fairness is not None:
        problems.append("Filling missing cells breaks no dependence: leave fairness out.")
    if spec.model_of:
        problems.append("Filling missing cells needs a fit of its own: leave out the model.")
    return problems
