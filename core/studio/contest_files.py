"""What a contest keeps in the vault: finished candidates, and nothing of those that were rejected.

A finished candidate lies there with its model, so that a cancel or a kill loses none. One that
fails on privacy keeps its figures and its report, which say why, and no model: its model may hold
what the report warns of. Its figures say that it is rejected before its model goes, so that
whatever happens in between, it is finished, and never takes part again.
"""

import json
import logging

from core.data.vault import Vault
from core.errors import IntegrityError
from core.evaluation import Report
from core.evaluation.codec import decode, encode
from core.studio.candidates import Tried
from core.studio.stored import (
    candidate_path,
    finished_candidates,
    model_path,
    report_path,
    synthetic_folder,
)
from core.synthesis.synthesizer import Synthesizer

logger = logging.getLogger(__name__)


def keep_candidate(
    vault: Vault, run_id: str, one: Tried, model: Synthesizer, report: Report
) -> None:
    """Keep a candidate that was judged; of a rejected one no model."""
    if not one.rejected:
        vault.write_blob(candidate_path(run_id, one.engine, "model"), model.dump())
    blob = json.dumps(report.to_dict()).encode()
    vault.write_blob(candidate_path(run_id, one.engine, "report"), blob)
    _write_figures(vault, run_id, one)


def reject_candidate(vault: Vault, run_id: str, one: Tried) -> None:
    """Note that a candidate cannot win, as ``one`` says why, and remove its model."""
    _write_figures(vault, run_id, one)
    vault.remove(candidate_path(run_id, one.engine, "model"))


def read_candidates(vault: Vault, run_id: str) -> dict[str, Tried]:
    """The finished candidates of a contest, by engine."""
    found = finished_candidates(vault, run_id)
    return {engine: decode(Tried, figures) for engine, figures in found.items()}


def copy_candidate(vault: Vault, source: str, target: str, one: Tried) -> None:
    """Take a finished candidate over from another run."""
    for part in ("report", "figures") if one.rejected else ("model", "report", "figures"):
        blob = vault.read_blob(candidate_path(source, one.engine, part))
        vault.write_blob(candidate_path(target, one.engine, part), blob)


def clear_made(vault: Vault, run_id: str) -> None:
    """Remove all that a contest made but its candidates, and what is left of rejected ones."""
    for path in (model_path(run_id), report_path(run_id), synthetic_folder(run_id)):
        vault.remove(path)
    try:
        known = read_candidates(vault, run_id)
    except IntegrityError as error:
        logger.error("run %s: its candidates cannot be read: %s", run_id, error)
        return
    for engine in [engine for engine, one in known.items() if one.rejected]:
        vault.remove(candidate_path(run_id, engine, "model"))


def _write_figures(vault: Vault, run_id: str, one: Tried) -> None:
    figures = json.dumps(encode(one)).encode()
    vault.write_blob(candidate_path(run_id, one.engine, "figures"), figures)
