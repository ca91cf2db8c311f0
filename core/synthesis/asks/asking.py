"""A synthesizer of which rows can be asked for: conditions and target shares, on any dataset.

Fitted once, it is asked many times: other values, ranges, shares and sizes need no second fit.
"""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.errors import InvalidInput
from core.privacy.ledger import Entry
from core.privacy.public import PublicTable
from core.progress import Progress
from core.synthesis.asks.answers import Answer, Asked, How
from core.synthesis.asks.checks import child_problems, refuse_columns, table_of
from core.synthesis.asks.conditions import Ask
from core.synthesis.asks.drawing import FittingRows, Quota
from core.synthesis.asks.engine import AskingEngine
from core.synthesis.asks.rule_codec import rules_from_dict, rules_to_dict
from core.synthesis.asks.rule_report import RuleReport
from core.synthesis.asks.ruled import RuledEngine, with_rules
from core.synthesis.asks.rules import Rule, check_rules
from core.synthesis.asks.settle import Part, settle
from core.synthesis.fitting import Frames
from core.synthesis.params import build
from core.synthesis.protocol import Engine, EngineInfo
from core.synthesis.registry import DEFAULT_ENGINE, engine_info
from core.synthesis.synthesizer import Synthesizer

_ABOUT = "asking"


class Asking(Synthesizer):
    """A :class:`Synthesizer` that is fitted so that something can be asked of ``columns``.

    Parameters
    ----------
    columns
        By table: the columns of which conditions or shares will be asked.
    rules
        By table: what every row has to keep.

    Raises
    ------
    InvalidInput
        With every column that does not exist or is not learned, at once.
    """

    def __init__(
        self,
        schema: Schema,
        engine: str,
        params: Mapping[str, Any] | None = None,
        mask_key: bytes = b"",
        *,
        columns: Mapping[str, Sequence[str]],
        rules: Mapping[str, Sequence[Rule]] | None = None,
    ) -> None:
        super().__init__(schema, engine, params, mask_key)
        if self.is_private:
            raise InvalidInput(
                f"{self._info.title} learns within a privacy budget and cannot be fitted so as to "
                "be asked. Fit it as it is, and ask the fitted model."
            )
        self._rules = {name: tuple(own) for name, own in (rules or {}).items() if own}
        for name, own in self._rules.items():
            check_rules(own, schema[name])
        asked = {name: tuple(dict.fromkeys(names)) for name, names in columns.items() if names}
        refuse_columns(schema, asked)
        self._columns = asked
        inner = with_rules(self._info, self._rules)
        by = asked_by(inner)

        def make(values: Any) -> AskingEngine:
            return AskingEngine(inner, values, asked, by)

        def load(blob: bytes) -> AskingEngine:
            return AskingEngine.restored(blob, inner, self._params, by)

        self._info = replace(inner, make=make, load=load)

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """By table: the columns of which something can be asked without rejection."""
        return self._columns

    def fit(
        self,
        tables: Frames,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        public: PublicTable | None = None,
        watch: Callable[[Entry], None] | None = None,
    ) -> None:
        """As :meth:`Synthesizer.fit`; nothing can be asked of tables that follow others."""
        rows = {name: len(tables.get(name, ())) for name in self.schema.names}
        problems = child_problems(self._columns, self.schema, rows)
        if problems:
            raise InvalidInput(" ".join(problems), problems)
        super().fit(tables, rng=rng, progress=progress, public=public, watch=watch)

    def ask(
        self,
        ask: Ask,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> Asked:
        """Rows as asked; ``rows`` as in :meth:`Synthesizer.sample`.

        Raises
        ------
        InvalidInput
            With every problem of the ask, or when rejection is hopeless.
        """
        return self.stream_ask(ask, rows, rng=rng, progress=progress).taken(self.output_schema)

    def stream_ask(
        self,
        ask: Ask,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        taken: Mapping[str, pd.Series] | None = None,
    ) -> Answer:
        """The rows of :meth:`ask`, block by block; ``taken`` as in :meth:`Synthesizer.stream`."""
        table = table_of(ask, self.schema)
        pool = self.pool(table.name)
        lost = [name for name in ask.columns if name in table.names and name not in pool]
        if lost:
            raise InvalidInput(f"This model was not fitted to be asked of {', '.join(lost)}.")
        parts = settle(ask, table, pool)
        return self.stream_parts(table.name, parts, rows, rng=rng, progress=progress, taken=taken)

    def stream_parts(
        self,
        table: str,
        parts: tuple[Part, ...],
        rows: Mapping[str, int] | None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        taken: Mapping[str, pd.Series] | None = None,
    ) -> Answer:
        """Rows in parts that are settled already, block by block."""
        engine = self.asking_engine(table)
        for_pool, for_rows = rng.spawn(2)
        drawing = engine.drawing(parts, self.sizes(rows)[table], for_pool)
        matching = None
        if engine.has_training_pool:
            matching = sum(int(part.mask(engine.pool).sum()) for part in parts)
        reports = self.fresh_reports()
        frames = self.with_engine(table, drawing).frames(
            rows, rng=for_rows, progress=progress, taken=taken
        )
        return Answer(frames, lambda: _how(drawing, matching, reports))

    def pool(self, table: str) -> pd.DataFrame:
        """The asked columns of a table's training rows, or rows like these in a loaded model."""
        return self.asking_engine(table).pool

    def asking_engine(self, table: str) -> AskingEngine:
        """The fitted engine of a table; raises ``InvalidInput`` where there is none."""
        engine = self.engine(table)
        if not isinstance(engine, AskingEngine):
            raise InvalidInput(f"Table {table!r} has not been fitted, or had nothing to learn.")
        return engine

    def fresh_reports(self) -> tuple[RuleReport, ...]:
        """How rules are kept from now on, in all tables."""
        engines = [self.engine(name) for name in self.schema.names]
        inner = [engine.inner for engine in engines if isinstance(engine, AskingEngine)]
        return tuple(r for e in inner if isinstance(e, RuledEngine) for r in e.restart())

    def about(self) -> dict[str, Any]:
        """As :meth:`Synthesizer.about`, with what can be asked and the rules."""
        columns = {name: list(names) for name, names in self._columns.items()}
        asking = {"columns": columns, "rules": rules_to_dict(self._rules)}
        return {**super().about(), _ABOUT: asking}

    @classmethod
    def restored(cls, archive: zipfile.ZipFile, about: Mapping[str, Any]) -> Self:
        """As :meth:`Synthesizer.restored`."""
        asking = about[_ABOUT]
        made = cls(
            Schema.from_dict(about["schema"]),
            about["engine"],
            about["params"],
            columns=asking["columns"],
            rules=rules_from_dict(asking["rules"]),
        )
        made.take_fitted(archive, about)
        return made


def can_be_asked(about: Mapping[str, Any]) -> bool:
    """Whether the synthesizer of an archive is an :class:`Asking`."""
    return _ABOUT in about


def asked_by(info: EngineInfo) -> tuple[EngineInfo, object] | None:
    """What draws the asked columns for an engine: the forest where any can be given, for speed.

    They are few, and a network would be trained for each part of an ask; the forest learns them
    in a moment and protects rare values alike. Else None, the engine itself.
    """
    if not info.any_order:
        return None
    forest = engine_info(DEFAULT_ENGINE)
    return forest, build(forest.params, {})


def ask_fitted(
    synthesizer: Synthesizer,
    ask: Ask,
    rows: Mapping[str, int] | None = None,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Asked:
    """Rows as asked from any fitted synthesizer, also one that was loaded.

    By construction where the engine draws given any columns, else by rejection.

    Raises
    ------
    InvalidInput
        With every problem of the ask, or when rejection is hopeless.
    """
    answer = stream_fitted(synthesizer, ask, rows, rng=rng, progress=progress)
    return answer.taken(synthesizer.output_schema)


def stream_fitted(
    synthesizer: Synthesizer,
    ask: Ask,
    rows: Mapping[str, int] | None = None,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
    taken: Mapping[str, pd.Series] | None = None,
) -> Answer:
    """The rows of :func:`ask_fitted`, block by block."""
    table = table_of(ask, synthesizer.schema)
    refuse_columns(synthesizer.schema, {table.name: ask.columns})
    engine = synthesizer.engine(table.name)
    if engine is None or table.name not in synthesizer.root_tables:
        raise InvalidInput(f"Nothing can be asked of table {table.name!r}: it follows another.")
    size = synthesizer.sizes(rows)[table.name]
    asking = _of_any_order(synthesizer, table.name, engine, ask.columns)
    if asking is not None:
        parts = settle(ask, table, asking.pool)
        for_pool, rng = rng.spawn(2)
        drawing = asking.drawing(parts, size, for_pool)
    else:
        quota = Quota(settle(ask, table), size)
        drawing = FittingRows(engine, synthesizer.learned(table.name), quota)
    frames = synthesizer.with_engine(table.name, drawing).frames(
        rows, rng=rng, progress=progress, taken=taken
    )
    reports = synthesizer.fresh_reports() if isinstance(synthesizer, Asking) else ()
    return Answer(frames, lambda: _how(drawing, None, reports))


def _of_any_order(
    synthesizer: Synthesizer, table: str, engine: Engine, names: tuple[str, ...]
) -> AskingEngine | None:
    """The fitted engine, ready to be asked of any columns; None where it cannot."""
    info = engine_info(synthesizer.about()["engine"])
    inner = engine.inner if isinstance(engine, AskingEngine) else engine
    by = asked_by(info)
    if by is None or isinstance(inner, RuledEngine):
        return None
    return AskingEngine.around(inner, info, synthesizer.learned(table), names, by)


def _how(drawing: Engine, matching: int | None, reports: tuple[RuleReport, ...]) -> How:
    if isinstance(drawing, FittingRows):
        tally = drawing.tally
        return How("rejection", tally.rate, tally.drawn, matching, reports)
    return How(matching=matching, rules=reports)
