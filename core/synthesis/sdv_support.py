"""What the three engines built on SDV share: quiet imports, seeds, progress, fit and sample.

SDV and torch are imported inside functions only. Nothing here lets SDV write a file: at import it
would copy a logging configuration into the user's home, which is prevented below.

A dumped model is a pickle, because SDV offers nothing else. Whoever can change those bytes can run
code in the process that loads them: only bytes that this installation has sealed (see
``core.data.vault``) or made itself may be given to :func:`load_engine`.
"""

import logging
import os
import pickle
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Self

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.progress import Progress
from core.synthesis.encoding import TableCoder, without_rare
from core.synthesis.params import param

TABLE = "t"
LICENCE = "SDV: Business Source Licence; fine in-house, not for selling synthetic data as a service"
_ROWS_AT_ONCE = 50_000


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


@contextmanager
def epochs_seen(module: ModuleType, each: Callable[[int, int], None]) -> Iterator[None]:
    """Replace the ``tqdm`` of a training module by one that reports finished epochs.

    ``each`` gets the number of finished epochs and of all; what it raises ends the training.
    The module's own ``tqdm`` is put back whatever happens.
    """

    def watched(epochs: range, **_: object) -> Iterator[int]:
        for done, epoch in enumerate(epochs):
            yield epoch
            each(done + 1, len(epochs))

    original = vars(module)["tqdm"]
    vars(module)["tqdm"] = watched
    try:
        yield
    finally:
        vars(module)["tqdm"] = original


def sdv_metadata(plain: pd.DataFrame) -> Any:
    """SDV's metadata of a frame of plain columns: objects are categories, the rest numbers."""
    from sdv.metadata import Metadata

    columns = {
        str(name): {"sdtype": "categorical" if plain[name].dtype == object else "numerical"}
        for name in plain
    }
    return Metadata.load_from_dict({"tables": {TABLE: {"columns": columns}}})


def draw_rows(model: Any, rows: int) -> pd.DataFrame:
    """Plain columns of new rows as SDV makes them."""
    drawn: pd.DataFrame = model.sample(rows)[TABLE]
    return drawn


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one SDV engine does its own way.

    Attributes
    ----------
    encode
        From frame, table, parameters and generator to a coder, plain columns and what
        ``train`` needs to know of them.
    train
        Makes and fits SDV's synthesizer on the plain columns.
    with_torch
        Whether torch draws random numbers in it.
    draw
        Plain columns of new rows from SDV's synthesizer.
    """

    encode: Callable[
        [pd.DataFrame, Table, Any, np.random.Generator],
        tuple[TableCoder, pd.DataFrame, tuple[str, ...]],
    ]
    train: Callable[[pd.DataFrame, tuple[str, ...], Any, Progress], Any]
    with_torch: bool
    draw: Callable[[Any, int], pd.DataFrame] = draw_rows


class SdvEngine:
    """An engine around one of SDV's single-table synthesizers; see ``Engine``."""

    def __init__(self, params: Any, recipe: Recipe) -> None:
        self._params = params
        self._recipe = recipe
        self._coder: TableCoder | None = None
        self._model: Any = None

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
        self._coder, plain, hints = self._recipe.encode(frame, table, self._params, rng)
        self._model = None
        if len(plain.columns):
            import_sdv()
            with quiet(), seeded(rng, with_torch=self._recipe.with_torch):
                self._model = self._recipe.train(plain, hints, self._params, progress)
        else:
            progress.step(1, 1, "constant columns only")

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
            parts.append(self._coder.decode(self._draw(size, rng), size, rng))
            progress.step(start + size, rows, f"{start + size:,} of {rows:,} rows")
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def _draw(self, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        seed = int(rng.integers(2**31))
        if self._model is None or rows == 0:
            names = [name for coder in self._coder.coders for name in coder.names]  # type: ignore[union-attr]
            return pd.DataFrame({n: np.empty(0) for n in names}) if rows == 0 else pd.DataFrame()
        with quiet(), seeded(rng, with_torch=self._recipe.with_torch):
            self._model._set_random_state(seed)
            return self._recipe.draw(self._model, rows)

    def dump(self) -> bytes:
        """A pickle; see the module's text on what that means."""
        return pickle.dumps((self._params, self._coder, self._model))

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Not here: the recipe is not in the bytes; see :func:`load_engine`."""
        raise NotImplementedError("Load through the engine's INFO.load.")


def load_engine(blob: bytes, recipe: Recipe) -> SdvEngine:
    """A fitted engine from bytes that this installation made; they may run code."""
    import_sdv()
    with quiet():
        params, coder, model = pickle.loads(blob)
    engine = SdvEngine(params, recipe)
    engine._coder, engine._model = coder, model
    return engine
