"""What a private run may be asked to do: checked before anything is spent, all problems at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from core.data.pipeline import prepared_schema, steps_problems
from core.data.schema import Schema
from core.errors import InvalidInput, InvalidParameter
from core.governance.budgets import Account, Claim
from core.privacy.guards import (
    ERROR,
    LEAST_EPSILON,
    MOST_EPSILON,
    Facts,
    Remark,
    Wanted,
    remarks,
)
from core.privacy.public import PublicTable, public_from_dict
from core.store.tables import DatasetRow
from core.studio.values import Purpose, RunSpec
from core.synthesis.params import build
from core.synthesis.private import facts_of, learned_names, wanted_of
from core.synthesis.protocol import PrivateParams
from core.synthesis.registry import ENGINES, engine_info

MOST_PRIVATE_ROWS = 1_000_000
MOST_EPSILONS = 8


def is_private(spec: RunSpec) -> bool:
    """Whether a specification's engine has a formal guarantee."""
    return spec.engine in ENGINES and ENGINES[spec.engine].formal_guarantee


def spends(spec: RunSpec) -> bool:
    """Whether a run takes of the budget: it fits to real rows with a guarantee.

    More rows of a fitted model are free, and so is what is fitted to a private stand-in.
    """
    is_free = bool(spec.model_of) or (spec.sweep is not None and bool(spec.sweep.stand_in))
    return is_private(spec) and not is_free


def private_params(spec: RunSpec) -> PrivateParams:
    """The parameters of a private specification; raises ``InvalidParameter`` out of bounds."""
    return cast(PrivateParams, build(engine_info(spec.engine).params, spec.params))


def public_of(spec: RunSpec) -> PublicTable:
    """What is public by the specification; raises ``InvalidInput`` with every reason why not."""
    return PublicTable() if spec.public is None else public_from_dict(spec.public)


def account_of(row: DatasetRow, spec: RunSpec) -> Account:
    """The budget that a private run takes of."""
    return Account(row.project_id, row.content_hash, private_params(spec).person)


def claim_of(row: DatasetRow, run_id: str, spec: RunSpec) -> Claim:
    """What a checked private run takes of its budget: the sum over a sweep's fits."""
    params = private_params(spec)
    epsilons = (params.epsilon,) if spec.sweep is None else spec.sweep.epsilons
    delta = params.delta * len(epsilons)
    return Claim(run_id, row.id, spec.engine, sum(epsilons), delta)


def asked_of(row: DatasetRow, spec: RunSpec) -> tuple[Wanted, Facts]:
    """What a private run is asked, and what may be known of its table."""
    params, schema = private_params(spec), Schema.from_dict(row.schema)
    if not steps_problems(spec.preparation or {}, schema):
        schema = prepared_schema(spec.preparation or {}, schema)
    table, *_ = schema.tables
    return wanted_of(params), facts_of(table, params, public_of(spec), row.table_rows[table.name])


def private_problems(spec: RunSpec, schema: Schema, rows: Mapping[str, int]) -> list[str]:
    """Why a private run cannot be; rules and fairness are looked at elsewhere."""
    if not is_private(spec):
        if spec.purpose is Purpose.SWEEP:
            return [f"`{spec.engine}` has no ε to try. Choose an engine with a formal guarantee."]
        problem = "A public schema is for engines with a formal guarantee: leave it out."
        return [problem] if spec.public is not None else []
    if len(schema.tables) != 1:
        return [
            f"`{spec.engine}` learns one table; this dataset has {len(schema.tables)}. A guarantee "
            "over several tables is not offered. Run them one by one, or join them."
        ]
    return [*_purpose_problems(spec), *_table_problems(spec, schema, rows)]


def refuse_unaccepted(
    row: DatasetRow, spec: RunSpec, more: Sequence[Remark] = ()
) -> tuple[Remark, ...]:
    """The warnings of a checked private run that may start; ``more`` of them were found elsewhere.

    Raises
    ------
    InvalidParameter
        With every warning that was not accepted.
    """
    if not spends(spec):
        return ()
    found = list(remarks(*asked_of(row, spec)))
    if spec.sweep is not None:
        found = [one for e in spec.sweep.epsilons for one in remarks(*asked_of(row, at(spec, e)))]
    found += more
    warnings = list(dict.fromkeys(remark.message for remark in found))
    if warnings and not spec.accepted:
        raise InvalidParameter(
            " ".join([*warnings, "Set `accepted` once you have read this, to go on."]), warnings
        )
    return tuple(found)


def at(spec: RunSpec, epsilon: float) -> RunSpec:
    """The specification of one fit of a sweep."""
    return replace(spec, params={**spec.params, "epsilon": epsilon})


def _purpose_problems(spec: RunSpec) -> list[str]:
    if spec.purpose is Purpose.AUGMENT:
        return [
            f"`{spec.engine}` cannot make extra rows beside the real ones: their keys would tell "
            "which keys are real. Make synthetic tables instead."
        ]
    if spec.purpose is Purpose.IMPUTE:
        return [
            f"`{spec.engine}` cannot fill missing cells: what it fills is given with the real "
            "row, and no guarantee covers that. Choose another engine."
        ]
    return _sweep_problems(spec)


def _sweep_problems(spec: RunSpec) -> list[str]:
    sweep = spec.sweep
    if sweep is None:
        return []
    problems = []
    if spec.purpose is not Purpose.SWEEP:
        problems.append("`sweep` is for trying several ε only: leave it out.")
    if not 1 <= len(sweep.epsilons) <= MOST_EPSILONS:
        problems.append(f"Give from 1 to {MOST_EPSILONS} ε to try.")
    if list(sweep.epsilons) != sorted(set(sweep.epsilons)):
        problems.append("The ε to try must differ and be in rising order.")
    if not all(LEAST_EPSILON <= epsilon <= MOST_EPSILON for epsilon in sweep.epsilons):
        problems.append(f"Every ε must be from {LEAST_EPSILON:g} to {MOST_EPSILON:g}.")
    if not 0 <= sweep.least_utility <= 1:
        problems.append(f"`least_utility` must be from 0 to 1. Got {sweep.least_utility:g}.")
    if spec.model_of or spec.rows or (spec.ask is not None and spec.ask.columns):
        problems.append("Trying several ε takes no model, rows or conditions: leave them out.")
    return problems


def _table_problems(spec: RunSpec, schema: Schema, rows: Mapping[str, int]) -> list[str]:
    """Problems of parameters, public schema and size for the only table."""
    (table,) = schema.tables
    problems: list[str] = []
    try:
        params: Any = private_params(spec)
        guarantee = params.guarantee
    except InvalidParameter as error:
        return list(error.problems or (str(error),))
    if guarantee.person is not None and guarantee.person not in table.names:
        problems.append(f"`person`: table {table.name!r} has no column {guarantee.person!r}.")
    try:
        public = public_of(spec)
        problems += public.problems(table)
    except InvalidInput as error:
        return [*problems, *(error.problems or (str(error),))]
    if rows[table.name] > MOST_PRIVATE_ROWS:
        problems.append(
            f"A guarantee is offered for tables of up to {MOST_PRIVATE_ROWS:,} rows: not "
            "all rows of a larger one can be held at once, as it asks. Import fewer rows."
        )
    if not spends(spec):
        return problems
    facts = facts_of(table, params, public, rows[table.name])
    wanted = wanted_of(params)
    wanted_each = (
        [wanted]
        if spec.sweep is None
        else [replace(wanted, epsilon=epsilon) for epsilon in spec.sweep.epsilons]
    )
    for one in wanted_each:
        problems += [r.message for r in remarks(one, facts) if r.severity == ERROR]
    if not learned_names(table, guarantee.person):
        problems.append("No column is left to learn: all are made up or dropped.")
    return list(dict.fromkeys(problems))
