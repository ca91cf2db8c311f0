"""Which engine to take for a dataset, and how long a run will take on this machine."""

from collections.abc import Mapping, Sequence
from statistics import median

from core.data.schema import Action, Schema
from core.store.tables import RunRow
from core.studio.values import Estimate, RunSpec, Suggestion
from core.synthesis.registry import engine_info

FEW_ROWS = 200
MOST_PAST = 10
FIRST_GUESS_EVALUATE = 2e-5
START_S = 2.0


def suggest(schema: Schema, table_rows: Mapping[str, int]) -> Suggestion:
    """Choose by size, types and relations; the reason names the figures it rests on."""
    rows = max(table_rows.values())
    columns = [column for table in schema.tables for column in table.columns]
    numeric = sum(column.type.is_numeric for column in columns)
    if len(schema.tables) > 1:
        return Suggestion(
            "forest",
            f"{len(schema.tables)} related tables: forest learns each table together with the "
            "rows it points to, and keeps every key valid.",
        )
    if rows < FEW_ROWS and numeric > len(columns) / 2:
        return Suggestion(
            "copula",
            f"Only {rows} rows, {numeric} of {len(columns)} columns are numbers or dates: a "
            "copula has few parameters to learn and does not memorise rows.",
        )
    return Suggestion(
        "forest",
        f"{rows:,} rows with {numeric} numeric and {len(columns) - numeric} other columns: "
        "forest handles mixed columns best and takes seconds.",
    )


def estimate(
    schema: Schema, table_rows: Mapping[str, int], spec: RunSpec, past: Sequence[RunRow]
) -> Estimate:
    """Expected seconds: a median over past runs of the engine, scaled by cells and epochs."""
    cells = sum(
        table_rows[table.name] * sum(c.action is not Action.DROP for c in table.columns)
        for table in schema.tables
    )
    made = sum(spec.rows.get(name, count) for name, count in table_rows.items())
    growth = max(1.0, made / max(1, sum(table_rows.values())))
    work = cells * _effort(spec.params)
    measured = [
        run
        for run in past
        if run.spec["engine"] == spec.engine and not run.spec.get("model_of") and _cells(run)
    ]
    if not measured:
        pace = engine_info(spec.engine).seconds_per_cell
        seconds = START_S + work * pace + cells * growth * FIRST_GUESS_EVALUATE
        return Estimate(seconds, "first guess: this engine has not run here yet")
    recent = measured[:MOST_PAST]
    fit = median(
        run.result["fit_s"] / (_cells(run) * _effort(run.spec["params"])) for run in recent
    )
    rest = median(
        (run.result["sample_s"] + run.result["evaluate_s"]) / _cells(run) for run in recent
    )
    seconds = START_S + work * fit + cells * growth * rest
    count = f"{len(recent)} past runs" if len(recent) > 1 else "one past run"
    return Estimate(seconds, f"from {count} of this engine here")


def _cells(run: RunRow) -> int:
    """Rows times columns that a past run learned from."""
    rows = sum(run.result.get("train_rows", {}).values())
    tables = max(1, len(run.result.get("train_rows", {})))
    return int(rows * run.result.get("columns", 0) / tables)


def _effort(params: Mapping[str, object]) -> float:
    """How often an engine goes over the data: its epochs, else once."""
    epochs = params.get("epochs", 1)
    return float(epochs) if isinstance(epochs, (int, float)) and epochs > 0 else 1.0
