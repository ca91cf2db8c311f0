"""What the server does when a run's engine fails: note it, clear up, and let the next one try.

See ``core.studio.fallback`` for the order. A contest goes on with its other candidates, and keeps
those that have finished.
"""

import logging
from collections.abc import Mapping
from typing import Any

from core.data.vault import Vault
from core.errors import NotFound, StorageError
from core.jobs import Failed
from core.store.tables import RunRow
from core.studio.contest_files import clear_made
from core.studio.fallback import FAILED, attempt, in_words, next_engine
from core.studio.spec_codec import spec_from_dict
from core.studio.stored import (
    finished_candidates,
    log_path,
    run_folder,
)
from core.studio.values import RunSpec

logger = logging.getLogger(__name__)
Told = dict[str, Any]


def failed_so_far(result: Mapping[str, Any]) -> list[Told]:
    """The engines of a run that did not come through, in order."""
    return [dict(one) for one in result.get(FAILED, ())]


def attempt_of(row: RunRow) -> RunSpec:
    """What is carried out next of a run: its specification, with the engine whose turn it is."""
    return attempt(spec_from_dict(row.spec), failed_so_far(row.result))


def after(vault: Vault, row: RunRow, message: Failed) -> list[Told] | None:
    """The failed engines once this failure is among them; None where the run is to end.

    Only what lies with an engine leads on: not what was asked, a full disk, or the evaluation.
    """
    spec, failed = spec_from_dict(row.spec), failed_so_far(row.result)
    if not message.kind:
        return None
    if spec.contest is None:
        engine = attempt(spec, failed).engine if next_engine(spec, failed) else ""
    else:
        over = {*finished_candidates(vault, row.id), *(one["engine"] for one in failed)}
        engine = next((name for name in spec.contest.engines if name not in over), "")
    told = {"engine": engine, "why": message.message, "kind": message.kind}
    return [*failed, told] if engine else None


def completed(row: RunRow, result: Mapping[str, Any]) -> Told:
    """The result of a run with what had failed before, and which engine made the rows."""
    failed = failed_so_far(row.result)
    if not failed or spec_from_dict(row.spec).contest is not None:
        return dict(result)
    made = attempt_of(row)
    return {**result, "engine": made.engine, "params": dict(made.params), FAILED: failed}


def keep_log(vault: Vault, row: RunRow, log: str, *, is_done: bool = False) -> None:
    """Keep the log of a run, after those of its engines before; else only what has to stay.

    A disk that takes no log must not leave the run without its ending.
    """
    try:
        before = _log_before(vault, row)
        if not is_done:
            clear_unfinished(vault, row)
        vault.write_blob(log_path(row.id), f"{before}{log}".encode())
    except StorageError as error:
        logger.error("run %s: its log is lost: %s", row.id, error)


def clear_unfinished(vault: Vault, row: RunRow) -> None:
    """Remove what a run without an ending made; the finished candidates of a contest stay."""
    if row.spec.get("contest") is not None:
        clear_made(vault, row.id)
    else:
        vault.remove(run_folder(row.id))


def _log_before(vault: Vault, row: RunRow) -> str:
    if not failed_so_far(row.result):
        return ""
    try:
        return vault.read_blob(log_path(row.id)).decode() + "\n"
    except NotFound:
        return ""


def error_words(row: RunRow, error: str) -> str:
    """Why a run failed, with what had failed before."""
    failed = failed_so_far(row.result)
    return f"{in_words(failed)} `{attempt_of(row).engine}`: {error}" if failed else error


def interrupted_words(row: RunRow) -> str:
    """What a run that was broken off says of the engines before the one that was under way."""
    failed = failed_so_far(row.result)
    if not failed:
        return ""
    return f" {in_words(failed)} `{attempt_of(row).engine}` was under way."
