"""What the engines built on SDV share: quiet imports, seeds, fit and sample, files without pickle.

SDV and torch are imported inside functions only. Nothing here lets SDV write a file: at import it
would copy a logging configuration into the user's home, which is prevented below.
"""

import io
import json
import logging
import os
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.coder_file import Arrays, coder_of_parts, coder_parts
from core.synthesis.encoding import Plain, TableCoder, without_rare
from core.synthesis.one_hot import grouping_notes
from core.synthesis.params import param

TABLE = "t"
LICENCE = "SDV: Business Source Licence; fine in-house, not for selling synthetic data as a service"
VERSION = 2
_ROWS_AT_ONCE = 20_000


def import_sdv() -> ModuleType:
    """``sdv.single_table``, imported without files in the user's home and without warnings."""
    import platformdirs

    original = platformdirs.user_data_dir
    platformdirs.user_data_dir = lambda *_, **__: f"{os.devnull}/sdv"
    try:
        with quiet():
            import sdv.single_table
    finally:
        platformdirs.user_data_dir = original
    for name in ("sdv", "SingleTableSynthesizer", "rdt", "copulas"):
        logging.getLogger(name).setLevel(logging.ERROR)
    module: ModuleType = sdv.single_table
    return module


def protect_rare_param() -> Any:
    """The parameter that keeps rare labels out of a model."""
    return param(
        5,
        "Protect rare labels",
        "Labels seen fewer times than this never reach the model where common ones cover nine "
        "tenths of a column; 1 keeps all.",
        low=1,
        high=1_000,
    )


def own_marginals_param() -> Any:
    """The parameter that gives single columns a curve of their own; see ``curves.shapes_of``."""
    return param(
        "",
        "Shape of single columns",
        "As `age=gamma; income=beta`; columns that are not named keep the shape above.",
        advanced=True,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings that other libraries raise about themselves; no processes, one thread.

    The models would spread their preparation over a process for each core, which a cancelled job
    would leave behind; and sums over several threads differ in their last digits with the number
    of cores.
    """
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    sequential = parallel_config(backend="sequential")
    with warnings.catch_warnings(), np.errstate(all="ignore"), sequential, threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def seeded(rng: np.random.Generator, *, with_torch: bool) -> Iterator[None]:
    """Set the global generators of numpy and torch for a while, from ``rng``."""
    seed = int(rng.integers(2**31))
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        if with_torch:
            with _seeded_torch(seed):
                yield
        else:
            yield
    finally:
        np.random.set_state(before)


@contextmanager
def _seeded_torch(seed: int) -> Iterator[None]:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True, warn_only=True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(strict)
            torch.set_num_threads(threads)


def sdv_metadata(plain: pd.DataFrame) -> Any:
    """SDV's metadata of a frame of plain columns: whole numbers are codes of categories."""
    from sdv.metadata import Metadata

    columns = {
        str(name): {"sdtype": "numerical" if plain[name].dtype.kind == "f" else "categorical"}
        for name in plain
    }
    return Metadata.load_from_dict({"tables": {TABLE: {"columns": columns}}})


class Fitted(Protocol):
    """What was learned of plain columns, as plain numbers."""

    def draw(self, rows: int, rng: np.random.Generator) -> Plain:
        """Plain columns of new rows."""

    def parts(self) -> tuple[dict[str, Any], Arrays]:
        """What JSON and arrays hold of it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one engine built on SDV does its own way.

    Attributes
    ----------
    encode
        From frame, table, parameters, generator and progress to a coder and plain columns.
    train
        From coder, plain columns, parameters, generator and progress to what was learned.
    restored
        The inverse of ``Fitted.parts``.
    with_torch
        Whether torch draws random numbers in the training.
    """

    encode: Callable[
        [pd.DataFrame, Table, Any, np.random.Generator, Progress], tuple[TableCoder, pd.DataFrame]
    ]
    train: Callable[[TableCoder, pd.DataFrame, Any, np.random.Generator, Progress], Fitted]
    restored: Callable[[Mapping[str, Any], Mapping[str, Any]], Fitted]
    with_torch: bool


class SdvEngine:
    """An engine that learns with one of SDV's single-table synthesizers; see ``Engine``.

    SDV and torch are needed to fit only: what was learned is kept and drawn from as plain numbers.
    """

    def __init__(self, params: Any, recipe: Recipe) -> None:
        self._params = params
        self._recipe = recipe
        self._coder: TableCoder | None = None
        self._fitted: Fitted | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of how columns were learned: counts, never values."""
        return () if self._coder is None else grouping_notes(self._coder)

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        context: tuple[str, ...] = (),
    ) -> None:
        """Learn the frame; a table of constants needs no model."""
        frame = without_rare(frame, table, self._params.protect_rare, rng)
        with quiet():
            coder, plain = self._recipe.encode(frame, table, self._params, rng, progress)
        fitted = None
        if len(plain.columns):
            import_sdv()
            with quiet(), seeded(rng, with_torch=self._recipe.with_torch):
                fitted = self._recipe.train(coder, plain, self._params, rng, progress)
        else:
            progress.step(1, 1, "constant columns only")
        self._coder, self._fitted = coder, fitted

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw rows, some ten thousand at a time."""
        assert self._coder is not None, "fit first"
        parts = []
        for start in range(0, max(rows, 1), _ROWS_AT_ONCE):
            size = min(_ROWS_AT_ONCE, rows - start)
            with quiet():
                plain = self._fitted.draw(size, rng) if self._fitted is not None else {}
            parts.append(self._coder.decode(plain, size, rng))
            progress.step(start + size, rows, f"{start + size:,} of {rows:,} rows")
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def dump(self) -> bytes:
        """JSON and arrays, without pickle; the same model gives the same bytes."""
        assert self._coder is not None, "fit first"
        coder, arrays = coder_parts(self._coder)
        fitted, own = self._fitted.parts() if self._fitted is not None else (None, {})
        header = {"version": VERSION, "params": asdict(self._params)}
        text = json.dumps({**header, "coder": coder, "fitted": fitted}).encode()
        held = {f"c.{name}": array for name, array in arrays.items()}
        held |= {f"f.{name}": array for name, array in own.items()}
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, about=np.frombuffer(text, np.uint8), **held)
        return stream.getvalue()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Not here: the recipe is not in the bytes; see :func:`load_engine`."""
        raise NotImplementedError("Load through the engine's INFO.load.")


def load_engine(blob: bytes, params: type, recipe: Recipe) -> SdvEngine:
    """A fitted engine from the bytes of :meth:`SdvEngine.dump`.

    Raises
    ------
    InvalidInput
        They are of another version, or of something else.
    """
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(arrays.pop("about").tobytes())
        if about["version"] != VERSION:
            raise InvalidInput("This model was made by another version. Fit it again.")
        engine = SdvEngine(params(**about["params"]), recipe)
        engine._coder = coder_of_parts(about["coder"], _part(arrays, "c."))
        if about["fitted"] is not None:
            engine._fitted = recipe.restored(about["fitted"], _part(arrays, "f."))
    except (KeyError, ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidInput("These bytes are no model of this engine. Fit it again.") from error
    return engine


def _part(arrays: Mapping[str, Any], prefix: str) -> Arrays:
    return {name[len(prefix) :]: a for name, a in arrays.items() if name.startswith(prefix)}
