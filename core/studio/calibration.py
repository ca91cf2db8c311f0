"""How fast this machine is: small fits, samples and evaluations, measured once and kept.

A pace is a line, ``fixed + each * work``, through two sizes of a table that is made up here. It
is measured when it is first needed, takes some seconds, and is kept in the vault with the name
of the machine: on another machine it is measured anew. Engines that need torch are not measured,
since they would bring it into the server; their first guess is marked as one.
"""

import json
import logging
import os
import platform
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import TypeVar

import numpy as np
import pandas as pd

from core.data.schema import Column, ColumnType, Schema, Table
from core.data.vault import Vault
from core.errors import IntegrityError, NotFound, StorageError
from core.evaluation import evaluate
from core.synthesis.registry import DEFAULT_ENGINE
from core.synthesis.synthesizer import Synthesizer

T = TypeVar("T")
logger = logging.getLogger(__name__)

MEASURED_ENGINES = frozenset({"forest", "copula"})
VERSION = 3
_PATH = "machine/calibration.json"
_FIT_ROWS = (500, 9_000)  # The larger is one that `forest` corrects.
_EVALUATE_ROWS = (300, 2_000)
_MADE_ROWS, _PEAK_ROWS = 20_000, 2_000
_WARM_ROWS = 60
"""The first, uncounted piece of work only loads what is needed."""


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds, or MiB, of so much work: ``fixed + each * work``, neither below 0."""

    fixed: float
    each: float

    def at(self, work: float) -> float:
        """The value of so much work."""
        return self.fixed + self.each * work

    @classmethod
    def through(cls, small: tuple[float, float], large: tuple[float, float]) -> "Line":
        """The line through two points ``(work, value)``; through 0 where noise bends it."""
        each = (large[1] - small[1]) / (large[0] - small[0])
        fixed = small[1] - each * small[0]
        return cls(fixed, each) if each > 0 and fixed > 0 else cls(0.0, large[1] / large[0])


@dataclass(frozen=True, slots=True)
class Pace:
    """Of an engine: seconds to fit and to sample so many cells, and MiB that a fit takes."""

    fit: Line
    sample: Line
    memory: Line


class Calibration:
    """The paces of this machine, from the vault or measured now."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lock = threading.Lock()
        self._known: dict[str, Pace | Line] | None = None

    def pace(self, engine: str) -> Pace | None:
        """Of an engine; None for those that are not measured."""
        if engine not in MEASURED_ENGINES:
            return None
        found = self._find(engine, lambda: measure_engine(engine))
        return found if isinstance(found, Pace) else None

    def known(self) -> "KnownPaces":
        """The same without measuring more than the default engine.

        For looking at all engines at once: measuring one imports its library into the server.
        """
        return KnownPaces(self)

    def has(self, engine: str) -> bool:
        """Whether the pace of an engine was measured on this machine already."""
        with self._lock:
            if self._known is None:
                self._known = self._kept()
            return engine in self._known

    def evaluation(self) -> Line:
        """Seconds of a quick evaluation of so many real and synthetic cells."""
        found = self._find("evaluation", measure_evaluation)
        assert isinstance(found, Line)
        return found

    def _find(self, name: str, measure: Callable[[], Pace | Line]) -> Pace | Line:
        with self._lock:
            if self._known is None:
                self._known = self._kept()
            if name not in self._known:
                self._known[name] = measure()
                self._keep(self._known)
            return self._known[name]

    def _kept(self) -> dict[str, Pace | Line]:
        try:
            data = json.loads(self._vault.read_blob(_PATH))
        except (NotFound, IntegrityError):
            return {}
        if data.get("machine") != machine():
            return {}
        return {name: _from_dict(figures) for name, figures in data["paces"].items()}

    def _keep(self, known: dict[str, Pace | Line]) -> None:
        paces = {name: asdict(pace) for name, pace in known.items()}
        blob = json.dumps({"machine": machine(), "paces": paces}).encode()
        try:
            self._vault.write_blob(_PATH, blob)
        except StorageError as error:
            logger.warning("calibration: not kept: %s", type(error).__name__)


class KnownPaces:
    """Paces as far as they are known; see :meth:`Calibration.known`."""

    def __init__(self, whole: Calibration) -> None:
        self._whole = whole

    def pace(self, engine: str) -> Pace | None:
        """Of an engine; None for those that were not measured yet."""
        is_known = engine == DEFAULT_ENGINE or self._whole.has(engine)
        return self._whole.pace(engine) if is_known else None

    def evaluation(self) -> Line:
        """Seconds of a quick evaluation of so many real and synthetic cells."""
        return self._whole.evaluation()


def machine() -> list[str | int | None]:
    """What a measurement is of: this machine, its cores and this version of the measurement."""
    return [platform.node(), platform.machine(), os.cpu_count(), VERSION]


@cache
def measure_engine(engine: str) -> Pace:
    """Fit and sample small tables; a second or two."""
    table = _table()
    width, name = len(table.columns), table.name
    _fitted(engine, table, _frame(_WARM_ROWS))
    points = []
    for rows in _FIT_ROWS:
        fit = partial(_fitted, engine, table, _frame(rows))
        seconds, fitted = _timed(fit)
        points.append((float(rows * width), seconds))
    made, _ = _timed(lambda: fitted.sample({name: _MADE_ROWS}, rng=np.random.default_rng(0)))
    peak = _peak_mb(partial(_fitted, engine, table, _frame(_PEAK_ROWS)))
    return Pace(
        Line.through(*points),
        Line(0.0, made / (_MADE_ROWS * width)),
        Line(0.0, peak / (_PEAK_ROWS * width)),
    )


@cache
def measure_evaluation() -> Line:
    """Evaluate small tables quickly; a second or two."""
    table = _table()
    schema, points = Schema((table,)), []
    for rows in (_WARM_ROWS, *_EVALUATE_ROWS):
        train, holdout, made = (
            {table.name: _frame(size, seed)} for seed, size in enumerate((rows, rows // 4, rows))
        )
        seconds, _ = _timed(partial(evaluate, train, holdout, made, schema, depth="quick"))
        points.append((2.0 * rows * len(table.columns), seconds))
    return Line.through(*points[1:])


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds that work takes when nothing else runs, and its result.

    Of wall and CPU time the lesser: on a busy machine work waits for a core, and with several
    threads it takes more than one.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return min(time.perf_counter() - wall, time.process_time() - cpu), result


def _fitted(engine: str, table: Table, frame: pd.DataFrame) -> Synthesizer:
    synthesizer = Synthesizer(Schema((table,)), engine)
    synthesizer.fit({table.name: frame}, rng=np.random.default_rng(0))
    return synthesizer


def _peak_mb(work: Callable[[], object]) -> float:
    """Most memory that Python and numpy took for a piece of work, in MiB."""
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    work()
    peak = tracemalloc.get_traced_memory()[1] - before
    if not was_tracing:
        tracemalloc.stop()
    return peak / 2**20


def _table() -> Table:
    kinds = {
        "label": ColumnType.CATEGORY,
        "flag": ColumnType.BOOLEAN,
        "level": ColumnType.NUMBER,
        "amount": ColumnType.NUMBER,
        "count": ColumnType.INTEGER,
        "day": ColumnType.DATE,
    }
    return Table("t", tuple(Column(name, kind) for name, kind in kinds.items()))


def _frame(rows: int, seed: int = 0) -> pd.DataFrame:
    """Made-up rows of mixed columns that depend on each other."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 8, rows)
    days = np.datetime64("2020-01-01", "us") + rng.integers(0, 900, rows) * np.timedelta64(1, "D")
    values = {
        "label": np.array(list("abcdefgh"), dtype=object)[group],
        "flag": rng.random(rows) < group / 8,
        "level": rng.normal(group, 1.0),
        "amount": rng.gamma(2.0, 10.0, rows).round(2),
        "count": rng.integers(0, 90, rows),
        "day": days,
    }
    return pd.DataFrame(
        {c.name: pd.Series(values[c.name]).astype(c.type.dtype) for c in _table().columns}
    )


def _from_dict(figures: dict[str, float | dict[str, float]]) -> Pace | Line:
    if "fixed" in figures:
        return Line(**figures)  # type: ignore[arg-type]
    return Pace(**{name: Line(**line) for name, line in figures.items()})  # type: ignore[arg-type]
