"""Trying several engines on the same rows: each is fitted and judged quickly, the best is kept.

All get the same split, the same seed and the same wishes, one after another in the same process. A
candidate that is finished lies in the vault with its model, so that a cancel or a kill loses none:
the same contest started again takes it over. Of one that is rejected neither model nor rows stay.
How they are ranked stands in ``core.studio.candidates``, what is kept in
``core.studio.contest_files``.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pandas as pd

from core.data.schema import Schema
from core.data.vault import Vault
from core.errors import EngineFailed, JobFailed
from core.evaluation import Report
from core.evaluation.codec import encode
from core.memory import forget_peak, recent_peak_mb
from core.plugins import Kind, load_plugins
from core.progress import Progress
from core.studio.candidates import (
    Outcome,
    Tried,
    no_winner,
    params_of,
    ranked,
    rejected,
    share_of,
    told,
)
from core.studio.contest_files import (
    clear_made,
    copy_candidate,
    keep_candidate,
    read_candidates,
    reject_candidate,
)
from core.studio.fallback import engine_at_work
from core.studio.stored import candidate_path, model_path, report_path
from core.studio.task import RunTask
from core.studio.values import Contest
from core.synthesis.asks import load_synthesizer
from core.synthesis.fitted import PartProgress
from core.synthesis.synthesizer import Synthesizer

MOST_JUDGED = 20_000
_STEPS = ("fit", "sample", "judge")


@dataclass(frozen=True, slots=True)
class Bench:
    """How candidates are made and judged; given by the run.

    Attributes
    ----------
    fit
        From engine, parameters and progress to a fitted model.
    sample
        Some rows of a model.
    judge
        The quick report of rows with their schema.
    """

    fit: Callable[[str, Mapping[str, Any], Progress], Synthesizer]
    sample: Callable[[Synthesizer, Progress], dict[str, pd.DataFrame]]
    judge: Callable[[dict[str, pd.DataFrame], Schema, Progress], Report]


def few_rows(sizes: Mapping[str, int]) -> dict[str, int]:
    """How many rows of a candidate are judged; related tables hang together and are whole."""
    return {n: min(count, MOST_JUDGED) if len(sizes) == 1 else count for n, count in sizes.items()}


def keep_best(
    task: RunTask,
    vault: Vault,
    bench: Bench,
    conclude: Callable[[Synthesizer], dict[str, Any]],
    progress: Progress,
) -> dict[str, Any]:
    """Hold a contest and let its winner make the rows; who fails on privacy then hands over.

    Parameters
    ----------
    conclude
        From a fitted model to the result of the run, with its report in the vault.

    Raises
    ------
    JobFailed
        No candidate can win.
    """
    progress.stage("fit")
    outcome = hold(task, vault, bench, progress)
    order = ranked(list(outcome.tried.values()))
    for one in [one for one in order if not one.rejected]:
        blob = vault.read_blob(candidate_path(task.run_id, one.engine, "model"))
        vault.write_blob(model_path(task.run_id), blob)
        try:
            result = conclude(load_synthesizer(blob))
            why = rejected(_report(vault, task.run_id))
            failed = replace(one, rejected=why)
            if why:
                reject_candidate(vault, task.run_id, failed)
        except EngineFailed as error:
            failed = replace(one, rejected=f"It made no rows: {error}")
        if not failed.rejected:
            return {**result, "fit_s": one.fit_s, **told(task.spec, outcome, order)}
        clear_made(vault, task.run_id)
        order = ranked([failed if x.engine == one.engine else x for x in order])
    raise JobFailed(no_winner(order, outcome))


def _report(vault: Vault, run_id: str) -> Report:
    return Report.from_dict(json.loads(vault.read_blob(report_path(run_id))))


def hold(task: RunTask, vault: Vault, bench: Bench, progress: Progress) -> Outcome:
    """Fit and judge every candidate that is not finished yet; each is kept when it is done."""
    spec, outcome = task.spec, Outcome(failed=[dict(one) for one in task.lost])
    contest = spec.contest or Contest(())
    known = _taken_over(task, vault, contest)
    lost = {one["engine"] for one in outcome.failed}
    for place, engine in enumerate(contest.engines):
        if engine in known:
            outcome.tried[engine] = known[engine]
        if engine in known or engine in lost:
            continue
        part = PartProgress(progress, engine, place, len(contest.engines))
        try:
            outcome.tried[engine] = _try(task, vault, bench, engine, part)
        except EngineFailed as error:
            outcome.failed.append({"engine": engine, "why": str(error), "kind": "engine"})
    return outcome


def _taken_over(task: RunTask, vault: Vault, contest: Contest) -> dict[str, Tried]:
    """Candidates that finished before: of this run, or of the one that it starts again."""
    origin, found = _origin(task), {}
    for run_id in filter(None, (task.run_id, contest.taken_from)):
        for engine, one in read_candidates(vault, run_id).items():
            if engine in contest.engines and engine not in found and one.origin == origin:
                found[engine] = one
                if run_id != task.run_id:
                    copy_candidate(vault, run_id, task.run_id, one)
    return found


def _origin(task: RunTask) -> str:
    """What candidates are made of: dataset, its reviewed schema, what is asked, policy, plug-ins.

    Of plug-ins the versions of those that fit or measure: another one may do so otherwise.
    """
    spec = replace(task.spec, contest=None, rows={}, depth="quick", fallback=())
    policy = None if task.policy is None else encode(task.policy)
    plugins = sorted(
        (one.package, one.version)
        for one in load_plugins(task.plugins)
        if any(part.kind is not Kind.READER for part in one.loaded)
    )
    said = [task.dataset_id, task.schema.to_dict(), policy, repr(spec), plugins]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _try(task: RunTask, vault: Vault, bench: Bench, engine: str, part: Progress) -> Tried:
    """One candidate, from its fit to its figures in the vault."""
    steps = [PartProgress(part, name, place, len(_STEPS)) for place, name in enumerate(_STEPS)]
    params = params_of(task.spec, engine)
    can_tell, cpu, moments = forget_peak(), time.process_time(), [time.perf_counter()]
    with engine_at_work():
        synthesizer = bench.fit(engine, params, steps[0])
        moments.append(time.perf_counter())
        rows = bench.sample(synthesizer, steps[1])
        moments.append(time.perf_counter())
    report = bench.judge(rows, synthesizer.output_schema, steps[2])
    moments.append(time.perf_counter())
    fit_s, sample_s, evaluate_s = (round(end - begin, 3) for begin, end in pairwise(moments))
    tried = Tried(
        engine,
        share_of(report, "fidelity"),
        share_of(report, "utility"),
        report.dial("privacy").value,
        report.level,
        report.dial("privacy").level,
        fit_s,
        sample_s,
        evaluate_s,
        round(time.process_time() - cpu, 2),
        recent_peak_mb() if can_tell else None,
        _origin(task),
        rejected=rejected(report),
    )
    keep_candidate(vault, task.run_id, tried, synthesizer, report)
    return tried
