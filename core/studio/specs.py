"""What a run may be asked to do: a specification, checked against the dataset it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.data.pipeline import Steps, prepared_schema, restored_schema, steps_problems
from core.data.pipeline import private_problems as private_step_problems
from core.data.schema import Schema
from core.errors import InvalidParameter, ReviewIncomplete
from core.evaluation.effort import EFFORTS
from core.store.tables import DatasetRow, RunRow
from core.studio.ask_checks import asked_problems, fillable
from core.studio.context import Context, open_columns, to_run
from core.studio.fallback import contest_problems, fallback_problems
from core.studio.pipelines import pipeline_of
from core.studio.plans import plan_of
from core.studio.private_specs import is_private, private_problems
from core.studio.routing import usual_fallback
from core.studio.spec_codec import spec_from_dict, spec_to_dict
from core.studio.stored import read_profile
from core.studio.values import Purpose, RunSpec, made_by
from core.studio.writing import writing_problems
from core.synthesis.asks import Rule
from core.synthesis.params import build, to_dict
from core.synthesis.registry import ENGINES, engine_info

MOST_ROWS = 100_000_000


def refuse_open(row: DatasetRow) -> None:
    """Raise ``ReviewIncomplete`` while a finding of the dataset waits for a decision."""
    still_open = open_columns(row)
    if still_open:
        names = [f"{table}.{column}" for table, column in still_open]
        raise ReviewIncomplete(
            f"{len(names)} columns wait for a decision. Open the review and choose an action "
            "for each of them.",
            names,
        )


def checked_spec(context: Context, row: DatasetRow, spec: RunSpec) -> RunSpec:
    """The specification with every parameter filled in, and in the form that is stored.

    Raises
    ------
    InvalidParameter
        With all problems at once.
    """
    spec = replace(
        spec,
        kept=_kept(context, row, spec),
        preparation=preparation_of(context, row, spec),
    )
    schema, problems = prepared_for(row, spec)
    problems += [*_row_problems(schema, spec.rows), *_target_problems(schema, spec.target)]
    if not 0.05 <= spec.holdout <= 0.5:
        problems.append(f"`holdout` must be from 0.05 to 0.5. Got {spec.holdout:g}.")
    if not 0 <= spec.seed < 2**63:
        problems.append("`seed` must be a whole number from 0 to 2^63 - 1.")
    if spec.depth not in EFFORTS:
        problems.append(f"`depth` must be one of {', '.join(EFFORTS)}.")
    params: Mapping[str, Any] = {}
    try:
        params = to_dict(build(engine_info(spec.engine).params, spec.params))
        problems += private_problems(spec, schema, row.table_rows)
    except InvalidParameter as error:
        problems.extend(error.problems or (str(error),))
    problems += asked_problems(spec, schema, row.table_rows)
    problems += fallback_problems(spec)
    problems += contest_problems(spec)
    problems += _contest_origin_problems(context, row, spec)
    problems += _origin_problems(context, row, spec)
    problems += _stand_in_problems(context, row, spec)
    problems += writing_problems(context.settings, schema, spec)
    if spec.purpose is Purpose.IMPUTE and not fillable(schema, read_profile(context.vault, row.id)):
        problems.append("No cell is missing that could be filled, so there is nothing to do.")
    if problems:
        raise InvalidParameter("The run cannot start. " + " ".join(problems), problems)
    if spec.fallback is None:
        usual = usual_fallback(spec, schema, row.table_rows, list(ENGINES.values()))
        spec = replace(spec, fallback=usual)
    return _settled(replace(spec, params=params), schema)


def _kept(context: Context, row: DatasetRow, spec: RunSpec) -> Mapping[str, tuple[Rule, ...]]:
    """The rules of a run: those it names, of the model that it samples, or of its dataset.

    A formal guarantee has none by default: they come from the rows beside its budget.
    """
    if spec.kept is not None:
        return spec.kept
    if spec.engine in ENGINES and ENGINES[spec.engine].formal_guarantee:
        return {}
    with context.database.reading() as session:
        origin = session.get(RunRow, spec.model_of) if spec.model_of else None
        if origin is not None:
            return spec_from_dict(origin.spec).kept or {}
        return plan_of(session, row).rules


def preparation_of(context: Context, row: DatasetRow, spec: RunSpec) -> Steps:
    """The steps of a run: those it names, of the model that it samples, or of its dataset.

    There are none where missing cells of the real table are filled, or a stand-in is taken.
    """
    if spec.preparation is not None:
        return spec.preparation
    if spec.purpose is Purpose.IMPUTE or (spec.sweep is not None and spec.sweep.stand_in):
        return {}
    with context.database.reading() as session:
        origin = session.get(RunRow, spec.model_of) if spec.model_of else None
        if origin is not None:
            return spec_from_dict(origin.spec).preparation or {}
        return pipeline_of(session, row).steps


def prepared_for(row: DatasetRow, spec: RunSpec) -> tuple[Schema, list[str]]:
    """The schema that a run's engine learns, and what speaks against the steps that lead to it."""
    schema, steps = Schema.from_dict(row.schema), spec.preparation or {}
    problems = steps_problems(steps, schema)
    if steps and spec.purpose is Purpose.IMPUTE:
        problems.append("Filling missing cells takes the rows as they are: leave out preparation.")
    if steps and spec.sweep is not None and spec.sweep.stand_in:
        problems.append("A stand-in is taken as it is: leave out preparation.")
    if is_private(spec):
        problems += private_step_problems(steps)
    schema = schema if steps_problems(steps, schema) else prepared_schema(steps, schema)
    return schema, problems


def _settled(spec: RunSpec, schema: Schema) -> RunSpec:
    """Without what asks nothing, and with values as they are stored."""
    ask = spec.ask if spec.ask is not None and spec.ask.columns else None
    if ask is not None:
        ask = replace(ask, table=ask.table or schema.names[0])
    rules = {name: tuple(texts) for name, texts in spec.rules.items() if texts}
    is_filling = spec.purpose is Purpose.IMPUTE
    rows = {} if is_filling else spec.rows
    target = None if is_filling else spec.target
    spec = replace(spec, ask=ask, rules=rules, rows=rows, target=target)
    return spec_from_dict(spec_to_dict(spec))


def _stand_in_problems(context: Context, row: DatasetRow, spec: RunSpec) -> list[str]:
    """Problems of the run whose synthetic rows stand in for the real ones of a sweep."""
    if spec.purpose is Purpose.SWEEP and spec.sweep is None:
        return ["Say which ε to try."]
    if spec.sweep is None or not spec.sweep.stand_in:
        return []
    with context.database.reading() as session:
        origin = session.get(RunRow, spec.sweep.stand_in)
    if origin is None or origin.dataset_id != row.id:
        return ["`stand_in` must name a run of this dataset."]
    if not to_run(origin).is_judged or "privacy" not in origin.result:
        return ["`stand_in` must name a finished run with a formal guarantee and its tables."]
    if _is_retyped(row, spec_from_dict(origin.spec)):
        return ["`stand_in` must name a run whose preparation left all columns' types as they are."]
    return []


def _is_retyped(row: DatasetRow, spec: RunSpec) -> bool:
    """Whether a run's tables have other types than its dataset, so that other checks hold."""
    steps, schema = spec.preparation or {}, Schema.from_dict(row.schema)
    if steps_problems(steps, schema):
        return True
    prepared = prepared_schema(steps, schema)
    return restored_schema(steps, schema, prepared) != schema


def _contest_origin_problems(context: Context, row: DatasetRow, spec: RunSpec) -> list[str]:
    """Problems of the run whose finished candidates are taken over."""
    if spec.contest is None or not spec.contest.taken_from:
        return []
    with context.database.reading() as session:
        origin = session.get(RunRow, spec.contest.taken_from)
    if origin is None or origin.dataset_id != row.id or not origin.spec.get("contest"):
        return ["`taken_from` must name a run of this dataset that tried several engines."]
    return []


def _origin_problems(context: Context, row: DatasetRow, spec: RunSpec) -> list[str]:
    """Problems of the run whose model is to be sampled again."""
    if not spec.model_of:
        return []
    with context.database.reading() as session:
        origin = session.get(RunRow, spec.model_of)
    if origin is None or origin.dataset_id != row.id:
        return ["`model_of` must name a run of this dataset."]
    if "output_schema" not in origin.result:
        return ["The run whose model is to be sampled has none: it did not come to its end."]
    before = made_by(spec_from_dict(origin.spec), origin.result)
    problems = []
    if spec.engine != before.engine:
        problems.append(f"The model is one of `{before.engine}`: name that engine.")
    if spec.holdout != before.holdout:
        problems.append("The rows held out are those of the model: leave `holdout` as it was.")
    if spec.public != before.public:
        problems.append("What is public was settled with the model: leave `public` as it was.")
    if (dict(spec.rules), spec.kept or {}) != (dict(before.rules), before.kept or {}):
        problems.append("Rules are learned: they cannot be changed without a new fit.")
    if dict(spec.preparation or {}) != dict(before.preparation or {}):
        problems.append("Preparation is learned: it cannot be changed without a new fit.")
    if _fair_columns(spec) - _fair_columns(before):
        problems.append("Fairness of other columns is learned: it needs a new fit.")
    return problems


def _fair_columns(spec: RunSpec) -> set[tuple[str, str | None]]:
    fairness = spec.fairness
    return set() if fairness is None else {(fairness.sensitive, fairness.target)}


def _row_problems(schema: Schema, rows: Mapping[str, int]) -> Sequence[str]:
    unknown = [f"There is no table {name!r}." for name in rows if name not in schema.names]
    wrong = [
        f"`rows` of {name!r} must be from 1 to {MOST_ROWS:,}. Got {count}."
        for name, count in rows.items()
        if not 1 <= count <= MOST_ROWS
    ]
    return unknown + wrong


def _target_problems(schema: Schema, target: str | None) -> Sequence[str]:
    known = {f"{t.name}.{c.name}" for t in schema.tables for c in t.columns}
    if target is None or target in known:
        return []
    return ["`target` must name table.column of this dataset, or nothing."]
