"""How a worker judges what a run made, and what the result says of what was asked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.data.schema import Schema
from core.evaluation import Report, evaluate
from core.evaluation.fairness import fairness_cost
from core.evaluation.unmeasured import unmeasured
from core.studio.making import Made, noted
from core.studio.modelling import measured_rules
from core.studio.prepared_rows import PreparedRows, with_preparation
from core.studio.references import references
from core.studio.run_work import RunWork
from core.studio.task import RunTask
from core.synthesis.asks import Wishes
from core.synthesis.synthesizer import Synthesizer

MOST_COMPARED = 20_000


def judged(work: RunWork, real: PreparedRows, made: Made, output: Schema) -> Report:
    """The evaluation, against those real rows that are as the rows were to be."""
    spec, policy = work.task.spec, work.task.policy
    beside = references(spec, real.schema, real.train, real.holdout, work.streams.reference)
    frames = beside.train, beside.holdout, made.judged
    if beside.too_few:
        report = unmeasured(
            *frames, real.schema, beside.too_few, seed=spec.seed, depth=spec.depth, policy=policy
        )
    else:
        report = evaluate(
            *frames,
            real.schema,
            target=spec.target,
            seed=spec.seed,
            depth=spec.depth,
            policy=policy,
            rules=measured_rules(spec, real.schema, output),
            progress=work.progress,
        )
    used = {n: len(frame) + len(real.holdout.get(n, ())) for n, frame in real.train.items()}
    return noted(
        report,
        used,
        real.whole,
        made,
        with_preparation(_with_failed(work.task, real, beside.notes), real.pipeline),
    )


def told_of_asks(
    work: RunWork, synthesizer: Synthesizer, wishes: Wishes, real: PreparedRows, made: Made
) -> dict[str, Any]:
    """What the result says of what was asked beside how it came about; never a value."""
    said: dict[str, Any] = {
        "columns": [name for own in wishes.columns(real.schema).values() for name in own]
    }
    if wishes.fairness is not None:
        (name,) = real.schema.names
        rng = np.random.default_rng(work.task.spec.seed)
        fair = made.judged[name].head(MOST_COMPARED)
        cost = fairness_cost(synthesizer, wishes, real.train[name], fair, rng=rng)
        said["fairness"] = {"degree": wishes.fairness.degree, **cost.to_dict()}
    return said


def _with_failed(
    task: RunTask, real: PreparedRows, notes: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    """The notes of each table, with a word on the engines that did not come through before."""
    if not task.failed:
        return notes
    return {name: (*notes.get(name, ()), task.failed) for name in real.schema.names}
