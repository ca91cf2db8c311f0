"""The command that judges a synthetic table against real rows that the generator never saw."""

import json
from pathlib import Path
from typing import Annotated

import typer

from core.cli_support import JsonOut, LoggedProgress, answer, log, read_input
from core.data.schema import Schema
from core.errors import InvalidInput
from core.evaluation.policy import EvaluationPolicy, default_policy


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evaluate)


def evaluate(
    train: Annotated[Path, typer.Option(help="What the generator learned from.")],
    holdout: Annotated[Path, typer.Option(help="Real rows that it never saw.")],
    synthetic: Annotated[Path, typer.Option(help="What it made.")],
    target: Annotated[
        list[str] | None,
        typer.Option(help="Column to predict; repeat for several, the first for the dial."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="Models on fewer rows, no details, no attacks.")
    ] = False,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule", "--rules", help="What every row has to keep, as for `generate`; repeat."
        ),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Thresholds as JSON; what it leaves out has its default.")
    ] = None,
    domain: Annotated[
        str, typer.Option(help="Field of work, such as health or finance, for the thresholds.")
    ] = "",
    json_out: JsonOut = None,
) -> None:
    """Judge a synthetic table: fidelity, utility, privacy, gates, and the eight figures.

    The answer's `figures` are those of the neutral benchmark scorer, `verdict` is the level.
    """
    from core.data.align import align
    from core.evaluation import evaluate as evaluate_tables
    from core.synthesis.asks import read_rules

    bounds = _policy(policy, domain)
    real, held, made = read_input(train), read_input(holdout), read_input(synthetic)
    others = {"holdout": (held.tables, held.schema), "synthetic": (made.tables, made.schema)}
    frames, schema = align((real.tables, real.schema), others)
    report = evaluate_tables(
        frames["reference"],
        frames["holdout"],
        frames["synthetic"],
        schema,
        targets=[_qualified(one, schema) for one in target or []],
        seed=seed,
        depth="quick" if quick else "full",
        policy=bounds,
        rules=read_rules(rule or [], schema),
        progress=LoggedProgress(),
    )
    log(report.summary)
    for dial in report.dials:
        log(f"{dial.name}: {dial.level}. {dial.sentence}")
    answer(report.to_dict(), json_out)


def _policy(path: Path | None, domain: str) -> EvaluationPolicy:
    """The thresholds of a file over those of a field of work."""
    base = default_policy(domain)
    if path is None:
        return base
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}.") from error
    if not isinstance(values, dict):
        raise InvalidInput(f"{path} must hold a JSON object with thresholds.")
    return EvaluationPolicy.from_dict(_over(base.to_dict(), values))


def _over(base: dict[str, object], values: dict[str, object]) -> dict[str, object]:
    """``values`` over those of ``base``, part by part."""
    merged = dict(base)
    for name, value in values.items():
        before = base.get(name)
        is_part = isinstance(before, dict) and isinstance(value, dict)
        merged[name] = {**before, **value} if is_part else value  # type: ignore[dict-item]
    return merged


def _qualified(target: str, schema: Schema) -> str:
    """``table.column`` for a target given as a plain column name."""
    names = {f"{t.name}.{c.name}" for t in schema.tables for c in t.columns}
    if target in names:
        return target
    found = [name for name in sorted(names) if name.split(".", 1)[1] == target]
    if len(found) != 1:
        raise InvalidInput(
            f"--target {target!r} names no column, or more than one. Use table.column."
        )
    return found[0]
