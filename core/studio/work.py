"""How much work a run is, in cells: of one that is planned, and of one that was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.data.schema import Action, Schema
from core.evaluation.imputed import DRAWS
from core.evaluation.imputed import MOST_ROWS as JUDGED_FILLING
from core.evaluation.thresholds import MAX_CELLS
from core.store.tables import RunRow
from core.studio.execute import MOST_TRAIN_ROWS
from core.studio.making import JUDGED_CELLS, JUDGED_ROWS
from core.studio.values import Purpose, RunSpec
from core.synthesis.params import specs
from core.synthesis.registry import engine_info

FILLS = 3
"""How often each cell is drawn at most to fill a table once, see ``core.synthesis.asks.fill``."""


@dataclass(frozen=True, slots=True)
class Work:
    """Cells that each step goes over.

    Attributes
    ----------
    fit
        Cells learned, each as often as the parameters say.
    sample
        Cells made.
    evaluate
        Real and synthetic cells compared, as far as the evaluation goes.
    held
        Cells in memory at once.
    """

    fit: float
    sample: float
    evaluate: float
    held: float


def planned(schema: Schema, table_rows: Mapping[str, int], spec: RunSpec) -> Work:
    """The work of a specification on a dataset."""
    widths = {
        table.name: sum(column.action is not Action.DROP for column in table.columns)
        for table in schema.tables
    }
    cap = MOST_TRAIN_ROWS if len(widths) == 1 else max(table_rows.values(), default=0)
    share = 1 - spec.holdout
    train = {name: min(round(rows * share), cap) for name, rows in table_rows.items()}
    made = {**table_rows, **_following(table_rows, spec.rows)}
    if spec.purpose is Purpose.IMPUTE:
        return _filling(table_rows, widths, spec.copies)
    if spec.sweep is not None:
        return _sweeping(spec, _cells(train, widths), share)
    learned = _cells(train, widths)
    fit = 0.0 if spec.model_of else learned * effort(spec.engine, spec.params)
    judged = {name: _judged(rows, widths[name]) for name, rows in made.items()}
    held = learned / share + _cells(judged, widths)
    if len(widths) > 1:
        held += _cells(made, widths)
    compared = min(_cells(train, widths), MAX_CELLS) + min(_cells(judged, widths), MAX_CELLS)
    return Work(fit, _cells(made, widths), compared, held)


def carried_out(run: RunRow) -> Work | None:
    """The work that a finished run was; None when its result does not tell."""
    result = run.result
    made: dict[str, Any] = {k: result[k] for k in ("engine", "params") if k in result}
    spec = {**run.spec, **made}
    if spec.get("purpose") in {Purpose.SWEEP, Purpose.CONTEST}:
        return None
    if "rows" not in result and "train_rows" not in result:
        return None
    widths = _widths(result)
    if spec.get("purpose") == Purpose.IMPUTE:
        return _filling(result["rows"], widths, spec.get("copies", 1))
    train, made = result.get("train_rows", {}), result.get("rows", {})
    judged = result.get("judged_rows", {})
    learned = _cells(train, widths)
    fit = 0.0 if spec.get("model_of") else learned * effort(spec["engine"], spec["params"])
    held = learned + _cells(result.get("holdout_rows", {}), widths) + _cells(judged, widths)
    if len(widths) > 1:
        held += _cells(made, widths)
    compared = min(learned, MAX_CELLS) + min(_cells(judged, widths), MAX_CELLS)
    return Work(fit, _cells(made, widths), compared, held)


def effort(engine: str, params: Mapping[str, Any]) -> float:
    """How often an engine goes over the data: its epochs, or its trees beside the usual ones."""
    epochs = params.get("epochs", 1)
    times = float(epochs) if isinstance(epochs, int | float) and epochs > 0 else 1.0
    usual = {spec.name: spec.default for spec in specs(engine_info(engine).params)}
    if "trees" in usual:
        times *= _tree_work({**usual, **params}) / _tree_work(usual)
    return times


def _tree_work(params: Mapping[str, Any]) -> float:
    """Trees a column, and those over whole rows, which cost about a fortieth of them."""
    return float(params["trees"]) + float(params.get("corrections", 0)) / 40


def _sweeping(spec: RunSpec, learned: float, share: float) -> Work:
    """One fit for each ε, and as many cells made and judged."""
    times = len(spec.sweep.epsilons) if spec.sweep is not None else 1
    cells = times * learned
    held = learned / share + learned
    return Work(cells * effort(spec.engine, spec.params), cells, 2 * cells, held)


def _filling(rows: Mapping[str, int], widths: Mapping[str, int], copies: int) -> Work:
    whole = _cells(rows, widths)
    some = _cells({name: min(count, JUDGED_FILLING) for name, count in rows.items()}, widths)
    return Work(0.0, FILLS * copies * whole, FILLS * DRAWS * some, 3 * whole)


def _following(table_rows: Mapping[str, int], asked: Mapping[str, int]) -> dict[str, int]:
    """Rows asked for; tables that are not named grow with those that are."""
    if not asked:
        return {}
    named = sum(table_rows.get(name, 0) for name in asked)
    growth = sum(asked.values()) / max(named, 1)
    others = {name: round(rows * growth) for name, rows in table_rows.items()}
    return {**others, **asked}


def _judged(rows: int, width: int) -> int:
    return min(rows, max(JUDGED_ROWS, JUDGED_CELLS // max(width, 1)))


def _cells(rows: Mapping[str, int], widths: Mapping[str, int]) -> float:
    return float(sum(count * widths.get(name, 0) for name, count in rows.items()))


def _widths(result: Mapping[str, Any]) -> dict[str, int]:
    """Columns of each table, as far as a result tells."""
    described = result.get("output_schema") or result.get("filled", {}).get("schema")
    if described:
        return {table["name"]: len(table["columns"]) for table in described["tables"]}
    names = result.get("train_rows") or result.get("rows", {})
    return dict.fromkeys(names, round(result.get("columns", 0) / max(1, len(names))))
