"""The command that attacks the engines with a formal guarantee, and bounds their ε from below."""

from typing import Annotated, Any

import numpy as np
import typer

from core.cli_support import JsonOut, LoggedProgress, answer, log, name_values
from core.errors import InvalidInput
from core.privacy.audit import with_evidence
from core.synthesis.dp_audit.shams import SHAMS
from core.synthesis.dp_audit.suite import METHODS, AuditPlan, Findings, audit_engine
from core.synthesis.registry import ENGINES, engine_info


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dp-audit")(dp_audit)


def dp_audit(
    engine: Annotated[
        list[str] | None, typer.Option(help="Engine to audit; repeat. All with a guarantee.")
    ] = None,
    epsilon: Annotated[float, typer.Option(help="The ε that they promise.")] = 1.0,
    delta: Annotated[float, typer.Option(help="The δ that they promise.")] = 1e-5,
    method: Annotated[
        list[str] | None, typer.Option(help=f"Of {', '.join(METHODS)}; repeat. All if left out.")
    ] = None,
    runs: Annotated[int, typer.Option(help="Runs of each audit of two worlds.")] = 1_000,
    tables: Annotated[int, typer.Option(help="Runs of the one-run audit.")] = 20,
    confidence: Annotated[float, typer.Option(help="Of the lower bounds.")] = 0.95,
    param: Annotated[
        list[str] | None, typer.Option(help="name=value of an engine's parameter; repeat.")
    ] = None,
    sham: Annotated[str, typer.Option(help=f"Plant a fault to be found: {', '.join(SHAMS)}.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Of coins and samples; never of noise.")] = 1,
    store: Annotated[
        bool, typer.Option("--store", help="Keep the evidence for the reports to quote.")
    ] = False,
    json_out: JsonOut = None,
) -> None:
    """Attack engines with a formal guarantee: replays, two worlds, one run; bounds on ε.

    Ends with status 1 when a promise is found to be broken, as with --sham it must be.
    """
    if store and sham:
        raise InvalidInput("What is found of a sham is not kept. Leave out --store.")
    values: dict[str, Any] = dict(name_values(param or [], "--param"))
    plan = AuditPlan(
        epsilon, delta, tuple(method or METHODS), runs, tables, confidence, sham, values
    )
    private = [name for name, info in ENGINES.items() if info.formal_guarantee]
    found = []
    for name in engine or private:
        log(f"{name}: ε = {epsilon:g}, δ = {delta:g}" + (f", sham {sham}" if sham else ""))
        rng = np.random.default_rng(seed)
        found.append(audit_engine(engine_info(name), plan, rng, LoggedProgress()))
        _report(found[-1])
        if store:
            with_evidence(found[-1].evidence)
    broken = {one.engine: list(one.broken) for one in found if one.broken}
    told = [one.to_dict() for one in found]
    answer({"ok": not broken, "broken": broken, "sham": sham or None, "engines": told}, json_out)
    if broken:
        raise typer.Exit(1)


def _report(findings: Findings) -> None:
    """What was found of one engine, for people."""
    again = findings.replayed
    if again is not None:
        said = "holds" if again.holds else " ".join(again.problems)
        log(f"{findings.engine}: replay over {again.draws} draws of noise: {said}")
    for one in findings.evidence:
        log(f"{findings.engine}: {one.sentence}")
