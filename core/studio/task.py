"""What a job worker gets for a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.assistant import LanguageAccess
from core.data.schema import Schema
from core.data.vault import VaultAccess
from core.evaluation.policy import EvaluationPolicy
from core.studio.values import RunSpec


@dataclass(frozen=True, slots=True)
class RunTask:
    """Everything a worker needs for one run.

    ``fit_seed`` is the seed of the run whose model is sampled, where ``spec.model_of`` names one;
    ``policy`` what the project judges its runs by, ``stand_in`` the schema of the synthetic tables
    that a sweep takes for the real ones. ``plugins`` are the packages that the administrator named.
    ``failed`` says in words which engines did not come through before this one, ``lost`` as values
    which candidates of a contest did not. ``language`` is the language model that may be asked for
    texts; its key is not among what it holds.
    """

    run_id: str
    dataset_id: str
    stored_schema: Schema
    schema: Schema
    spec: RunSpec
    vault: VaultAccess
    fit_seed: int | None = None
    policy: EvaluationPolicy | None = None
    stand_in: Schema | None = None
    plugins: tuple[str, ...] = ()
    failed: str = ""
    lost: tuple[Mapping[str, Any], ...] = ()
    language: LanguageAccess | None = None
