"""An engine under audit, and all that an outsider gets to see of one of its runs."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.errors import InvalidInput
from core.privacy.ledger import Ledger
from core.privacy.public import PublicTable
from core.progress import SilentProgress
from core.synthesis.params import build, specs
from core.synthesis.private import fit_privately, without_reasons
from core.synthesis.protocol import EngineInfo
from core.synthesis.stream import blocks_of

_BLOCK = 100_000
_SAMPLING = ("sample_share",)


@dataclass(frozen=True, slots=True)
class Released:
    """What one run gave out.

    Attributes
    ----------
    model
        Bytes of the engine.
    about
        What is kept beside them: schema, what was prepared, the released number of rows, the
        ledger; as JSON.
    told
        Notes and figures of the progress.
    rows
        Synthetic rows.
    size
        The released number of training rows.
    """

    model: bytes
    about: str
    told: tuple[str, ...]
    rows: pd.DataFrame
    size: int
    ledger: Ledger

    @property
    def text(self) -> bytes:
        """Everything as bytes to search in, packed models unpacked."""
        model = [self.model]
        if zipfile.is_zipfile(io.BytesIO(self.model)):
            with zipfile.ZipFile(io.BytesIO(self.model)) as parts:
                model = [parts.read(name) for name in parts.namelist()]
        rest = (self.about, *self.told, self.rows.to_csv(index=False))
        return b"\n".join([*model, *(part.encode() for part in rest)])


@dataclass(frozen=True, slots=True)
class Audited:
    """An engine under audit with everything but the rows settled.

    Attributes
    ----------
    info
        The engine; it need not be registered.
    schema
        Of one table.
    around
        Entered around each run: where a sham changes the noise.
    public_of
        Makes the public schema from the rows, which no honest engine does: for a sham.
    """

    info: EngineInfo
    schema: Schema
    params: Mapping[str, Any]
    public: PublicTable = field(default_factory=PublicTable)
    around: Callable[[], AbstractContextManager[Any]] = nullcontext
    public_of: Callable[[pd.DataFrame], PublicTable] | None = None

    def __post_init__(self) -> None:
        if not self.info.formal_guarantee:
            raise InvalidInput(f"{self.info.title} gives no formal guarantee to audit.")

    @property
    def epsilon(self) -> float:
        """The promised ε."""
        return float(self.params["epsilon"])

    @property
    def delta(self) -> float:
        """The promised δ."""
        return float(self.params["delta"])

    @property
    def trains(self) -> bool:
        """Whether the engine trains with noise in its steps, so that its tape has those."""
        return any(spec.name in _SAMPLING for spec in specs(self.info.params))

    def release(self, frame: pd.DataFrame, seed: int, rows: int) -> Released:
        """Fit canonical ``frame`` and give out all there is, with ``rows`` synthetic rows."""
        params: Any = build(self.info.params, self.params)
        public = self.public if self.public_of is None else self.public_of(frame)
        schema = without_reasons(self.schema)
        fitting = fit_privately(schema, self.info, params, public, None)
        notes = _Notes()
        (name,) = schema.names
        fit_rng, rng = np.random.default_rng(seed).spawn(2)
        with self.around():
            fitted = fitting.tables({name: frame}, fit_rng, notes)[name]
        made = list(blocks_of(fitted, rows, _BLOCK, rng, SilentProgress(), {}))
        about = {
            "preparation": fitted.preparation.to_dict(),
            "learned": Schema((fitted.learned,)).to_dict(),
            "rows": fitted.rows,
            "ledger": [entry.to_dict() for entry in fitting.ledger.entries],
        }
        return Released(
            b"" if fitted.engine is None else fitted.engine.dump(),
            json.dumps(about),
            tuple(notes.told),
            made[0] if len(made) == 1 else pd.concat(made, ignore_index=True),
            fitted.rows,
            fitting.ledger,
        )


def differences(one: Released, other: Released) -> list[str]:
    """In which parts two releases differ; empty when an outsider cannot tell them apart."""
    pairs = {
        "the bytes of the model": (one.model, other.model),
        "schema, ledger or number of rows": (one.about, other.about),
        "notes of the progress": (one.told, other.told),
    }
    found = [name for name, (left, right) in pairs.items() if left != right]
    return found + ([] if one.rows.equals(other.rows) else ["the synthetic rows"])


class _Notes:
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stage(self, name: str) -> None:
        """Keep the stage's name."""
        self.told.append(name)

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Keep the figures and the note."""
        self.told.append(f"{done:g}/{total:g} {note} {dict(values or {})}")
