"""An engine whose rows keep rules: by construction, by drawing again, and by repair.

Only rows that keep all rules are learned. Rules that can be built in are (see
``core.synthesis.asks.rules``); rows that break one all the same are drawn again a few times and
then repaired. What was kept at each step is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn, Self

import numpy as np
import pandas as pd

from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.asks.container import pack, unpack
from core.synthesis.asks.rule_order import in_order, undoing
from core.synthesis.asks.rule_report import RuleReport
from core.synthesis.asks.rules import Keeper, Rule
from core.synthesis.asks.unique import Hashes, Unique
from core.synthesis.protocol import Engine, EngineInfo

FEWEST_KEPT = 10
_KIND = "ruled"
_TRIES = 3


class RuledEngine:
    """An engine (see :class:`core.synthesis.protocol.Engine`) whose rows keep rules.

    Parameters
    ----------
    inner
        The engine inside.
    rules
        By table. Those that speak of columns which a table does not have are left aside.
    """

    def __init__(self, inner: Engine, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._inner = inner
        self._rules = rules
        self._keepers: list[Keeper] = []
        self._table: Table | None = None
        self._context: tuple[str, ...] = ()
        self._given_out: dict[int, Hashes] = {}
        self.reports: list[RuleReport] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What the engine inside says of how columns were learned."""
        return tuple(getattr(self._inner, "notes", ()))

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        context: tuple[str, ...] = (),
    ) -> None:
        """Learn the rows of ``frame`` that keep the rules, in the form that builds them in."""
        rules = self._rules_of(table)
        self._table, self._context = table, context
        self._keepers = [rule.settled(frame, table) for rule in rules]
        masks = [keeper.kept(frame, table) for keeper in self._keepers]
        learned, coded = frame, table
        if masks:
            learned = frame[np.logical_and.reduce(masks)].reset_index(drop=True)
            if len(learned) < min(FEWEST_KEPT, len(frame)):
                raise InvalidInput(
                    f"Only {len(learned)} of {len(frame):,} training rows of {table.name!r} keep "
                    "the rules. Check the rules."
                )
        self.reports = []
        for rule, keeper, mask in zip(rules, self._keepers, masks, strict=True):
            is_there = set(rule.columns) <= set(coded.names)
            changed = keeper.encode(learned, coded, context) if is_there else None
            if changed is not None:
                learned, coded = changed
            self.reports.append(RuleReport(rule.words, changed is not None, float(mask.mean())))
        self._inner.fit(learned, coded, rng=rng, progress=progress, context=context)

    def _rules_of(self, table: Table) -> list[Rule]:
        own = self._rules.get(table.name, ())
        return in_order([rule for rule in own if set(rule.columns) <= set(table.names)])

    def restart(self) -> list[RuleReport]:
        """Reports that count from now on; what was learned of the training rows stays in them."""
        self.reports = [RuleReport(r.rule, r.built_in, r.training) for r in self.reports]
        self._given_out = {}
        return self.reports

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw ``rows`` rows that keep the rules."""
        table = self._table
        if table is None:
            _refuse()
        made = self._draw(rows, table, rng, progress, given)
        self._count(made, table, first=True)
        for _ in range(_TRIES):
            wrong = np.flatnonzero(self._broken(made, table))
            if not len(wrong):
                break
            around = None if given is None else given.iloc[wrong]
            fresh = self._draw(len(wrong), table, rng, progress, around)
            made = _with_rows(made, wrong, fresh)
        for place, report in enumerate(self.reports):
            report.repaired += int((~self._kept(place, made, table)).sum())
        for place, keeper in (*enumerate(self._keepers), *enumerate(self._keepers)):
            if self._broken(made, table).any():
                made = self._repaired(place, keeper, made, table, rng)
        self._count(made, table, first=False)
        if given is None:
            self._remember(made)
        return made

    def _repaired(
        self,
        place: int,
        keeper: Keeper,
        made: pd.DataFrame,
        table: Table,
        rng: np.random.Generator,
    ) -> pd.DataFrame:
        if isinstance(keeper, Unique):
            return keeper.repaired(made, table, self._context, rng, self._earlier(place))
        return keeper.repair(made, table, self._context, rng)

    def _draw(
        self,
        rows: int,
        table: Table,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None,
    ) -> pd.DataFrame:
        drawn = self._inner.sample(rows, rng=rng, progress=progress, given=given)
        drawn = drawn.reset_index(drop=True)
        for keeper in undoing(self._keepers):
            drawn = keeper.decode(drawn, table, self._context)
        return drawn[list(table.names)]

    def _broken(self, frame: pd.DataFrame, table: Table) -> np.ndarray:
        broken = np.zeros(len(frame), np.bool_)
        for place in range(len(self._keepers)):
            broken |= ~self._kept(place, frame, table)
        return broken

    def _kept(self, place: int, frame: pd.DataFrame, table: Table) -> np.ndarray:
        """Which rows keep a rule, also beside the rows that were given out before."""
        keeper = self._keepers[place]
        if isinstance(keeper, Unique):
            return ~keeper.repeated(frame, table, self._earlier(place))
        return keeper.kept(frame, table)

    def _earlier(self, place: int) -> Hashes:
        return self._given_out.get(place, np.zeros(0, np.uint64))

    def _remember(self, made: pd.DataFrame) -> None:
        for place, keeper in enumerate(self._keepers):
            if isinstance(keeper, Unique):
                earlier = self._earlier(place)
                self._given_out[place] = np.concatenate([earlier, keeper.hashes(made)])

    def _count(self, frame: pd.DataFrame, table: Table, *, first: bool) -> None:
        for place, report in enumerate(self.reports):
            kept = int(self._kept(place, frame, table).sum())
            if first:
                report.drawn, report.kept = report.drawn + len(frame), report.kept + kept
            else:
                report.rows, report.final = report.rows + len(frame), report.final + kept

    def dump(self) -> bytes:
        """The fitted engine with the combinations that at least five training rows have."""
        table = self._table or _refuse()
        header = {
            "kind": _KIND,
            "schema": Schema((table,)).to_dict(),
            "context": list(self._context),
            "keepers": [keeper.state(table) for keeper in self._keepers],
            "reports": [[report.built_in, report.training] for report in self.reports],
        }
        return pack(header, {"inner": self._inner.dump()})

    @classmethod
    def restored(cls, blob: bytes, info: EngineInfo, rules: Mapping[str, Sequence[Rule]]) -> Self:
        """The inverse of :meth:`dump`, for the same engine inside and the same rules.

        Raises
        ------
        InvalidInput
            When the bytes are not of an engine that was dumped so.
        """
        header, blobs = unpack(blob, _KIND)
        made = cls(info.load(blobs["inner"]), rules)
        made._table = table = Schema.from_dict(header["schema"]).tables[0]
        made._context = tuple(header["context"])
        own = made._rules_of(table)
        made._keepers = [
            rule.restored(state, table) for rule, state in zip(own, header["keepers"], strict=True)
        ]
        made.reports = [
            RuleReport(rule.words, built_in, training)
            for rule, (built_in, training) in zip(own, header["reports"], strict=True)
        ]
        return made

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Refused: the engine inside and the rules have to be named, see :meth:`restored`."""
        _refuse()


def with_rules(info: EngineInfo, rules: Mapping[str, Sequence[Rule]]) -> EngineInfo:
    """The engine, with its rows keeping the rules (by table).

    Rules may learn columns in another form, so that only those can be given that the fit knew of.
    """
    if not any(rules.values()):
        return info

    def make(values: Any) -> RuledEngine:
        return RuledEngine(info.make(values), rules)

    def load(blob: bytes) -> RuledEngine:
        return RuledEngine.restored(blob, info, rules)

    return replace(info, make=make, load=load, any_order=False)


def _with_rows(frame: pd.DataFrame, places: np.ndarray, fresh: pd.DataFrame) -> pd.DataFrame:
    """The frame with other rows at these places."""
    order = np.arange(len(frame))
    order[places] = len(frame) + np.arange(len(places))
    both = pd.concat([frame, fresh], ignore_index=True).take(order)
    return both.reset_index(drop=True)


def _refuse() -> NoReturn:
    raise InvalidInput("An engine with rules has to be fitted, or restored with its rules, first.")
