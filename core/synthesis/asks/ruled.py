"""An engine whose rows keep rules: by construction, by drawing again, and by repair.

Only rows that keep all rules are learned. Rules that can be built in are (see
``core.synthesis.asks.rules``); rows that break one all the same are drawn again a few times and
then repaired. What was kept at each step is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Self

import numpy as np
import pandas as pd

from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.asks.at_most import AtMost
from core.synthesis.asks.container import pack, unpack
from core.synthesis.asks.row_rules import SumOf
from core.synthesis.asks.rules import Keeper, Rule
from core.synthesis.asks.unique import Hashes, Unique
from core.synthesis.protocol import Engine, EngineInfo

FEWEST_KEPT = 10
_KIND = "ruled"
_TRIES = 3


@dataclass(slots=True)
class RuleReport:
    """How a rule was kept.

    Attributes
    ----------
    built_in
        Whether it is built into what is learned.
    training
        Share of training rows that keep it; the others were not learned.
    drawn, kept
        Rows drawn, and rows of them that kept it before anything was rejected or repaired.
    repaired
        Rows that still broke it when they had been drawn again.
    rows, final
        Rows handed out, and rows of them that keep it.
    """

    rule: str
    built_in: bool
    training: float
    drawn: int = 0
    kept: int = 0
    repaired: int = 0
    rows: int = 0
    final: int = 0

    @property
    def how(self) -> str:
        """``construction`` where no row had to be rejected, else how those were made to fit."""
        if self.built_in or self.kept == self.drawn:
            return "construction"
        return "repair" if self.repaired else "rejection"

    def to_dict(self) -> dict[str, object]:
        """Shares, for a report."""
        return {
            "rule": self.rule,
            "how": self.how,
            "kept_in_training": round(self.training, 6),
            "kept_as_drawn": round(self.kept / self.drawn, 6) if self.drawn else None,
            "repaired_rows": self.repaired,
            "kept": round(self.final / self.rows, 6) if self.rows else None,
        }


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
        return _in_order([rule for rule in own if set(rule.columns) <= set(table.names)])

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
            order = np.arange(rows)
            order[wrong] = rows + np.arange(len(wrong))
            made = pd.concat([made, fresh], ignore_index=True).take(order)
            made = made.reset_index(drop=True)
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
        for keeper in _undoing(self._keepers):
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


def _in_order(rules: Sequence[Rule]) -> list[Rule]:
    """Sums first, then inequalities in the order of their chain, so that gaps add up from below.

    Of sums of sums the outermost comes first: its total is left out while its parts are there.
    """
    sums: list[Rule] = []
    open_sums = [rule for rule in rules if isinstance(rule, SumOf)]
    while open_sums:
        parts = {name for rule in open_sums for name in rule.parts}
        outer = [rule for rule in open_sums if rule.total not in parts] or open_sums[:1]
        sums += outer
        open_sums = [rule for rule in open_sums if rule not in outer]
    left = [rule for rule in rules if isinstance(rule, AtMost)]
    ordered: list[Rule] = []
    while left:
        highs = {rule.high for rule in left}
        ready = [rule for rule in left if rule.low not in highs] or left[:1]
        ordered += ready
        left = [rule for rule in left if rule not in ready]
    rest = [rule for rule in rules if not isinstance(rule, AtMost | SumOf)]
    return [*sums, *ordered, *rest]


def _undoing(keepers: Sequence[Keeper]) -> list[Keeper]:
    """What was put together is taken apart first, then gaps from below, and sums at the end."""
    sums = [keeper for keeper in keepers if isinstance(keeper, SumOf)]
    gaps = [keeper for keeper in keepers if isinstance(keeper, AtMost)]
    rest = [keeper for keeper in keepers if not isinstance(keeper, SumOf | AtMost)]
    return [*rest, *gaps, *reversed(sums)]


def _refuse() -> NoReturn:
    raise InvalidInput("An engine with rules has to be fitted, or restored with its rules, first.")
