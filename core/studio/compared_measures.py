"""The measures of several reports side by side, with the best of each marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.evaluation.attacks.words import ATTACK_WORDS
from core.evaluation.details import AttackReport
from core.evaluation.measures import Measure, NotMeasured, Score
from core.evaluation.values import Report, TableReport
from core.evaluation.words import MEASURES

PARTS = {
    "columns": "fidelity",
    "pairs": "fidelity",
    "c2st": "fidelity",
    "tstr": "utility",
    "copies": "privacy",
    "nearer": "privacy",
    "distance": "privacy",
    "membership": "privacy",
}
_ABSENT = NotMeasured("This run's report does not have it.")


@dataclass(frozen=True, slots=True)
class ComparedMeasure:
    """One measure of one table in all runs; scores are in the order of the runs.

    Attributes
    ----------
    key
        ``measure`` or ``attack``: where the words of ``name`` are.
    part
        ``fidelity``, ``utility`` or ``privacy``.
    best
        The best value that the measure can take.
    winners
        Positions of the runs that come nearest to it; empty when fewer than two are measured.
    tied
        Positions of the runs that noise does not tell from the winners.
    """

    key: str
    name: str
    title: str
    table: str
    part: str
    best: float
    values: tuple[Score, ...]
    fresh: tuple[Score, ...]
    winners: tuple[int, ...]
    tied: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A score, that of fresh real rows, how far it is from the best, and its noise."""

    value: Score
    fresh: Score
    gap: float
    noise: float


_NOTHING = _Entry(_ABSENT, _ABSENT, 0.0, 0.0)


def compared_measures(
    reports: Sequence[Report], *, is_marked: bool = True
) -> tuple[ComparedMeasure, ...]:
    """Every measure, then every attack, of every table that one of the reports has.

    Without ``is_marked`` there are no winners: figures against other real rows are not compared.
    """
    names = dict.fromkeys(table.name for report in reports for table in report.tables)
    found: list[ComparedMeasure] = []
    for name in names:
        tables = [next((t for t in r.tables if t.name == name), None) for r in reports]
        found += _of_table(name, tables)
    return tuple(found if is_marked else [replace(m, winners=(), tied=()) for m in found])


def _of_table(name: str, tables: Sequence[TableReport | None]) -> list[ComparedMeasure]:
    measures = [dict(t.measures) if t else {} for t in tables]
    attacks = [{a.name: a for a in t.privacy.attacks} if t and t.privacy else {} for t in tables]
    found = [
        _compared("measure", key, MEASURES[key].title, name, part, measures, _measure_entry)
        for key, part in PARTS.items()
        if any(key in each for each in measures)
    ]
    for key, words in ATTACK_WORDS.items():
        if any(key in each and _applies(each[key]) for each in attacks):
            found.append(
                _compared("attack", key, words.title, name, "privacy", attacks, _attack_entry)
            )
    return found


def _applies(attack: AttackReport) -> bool:
    return attack.outcome != "not applicable"


def _compared(
    key: str,
    name: str,
    title: str,
    table: str,
    part: str,
    each: Sequence[Mapping[str, Measure | AttackReport]],
    entry: Callable[..., _Entry],
) -> ComparedMeasure:
    entries = [entry(found[name]) if name in found else _NOTHING for found in each]
    first = next(found[name] for found in each if name in found)
    best = first.best if isinstance(first, Measure) else first.harmless
    winners, tied = _best(entries)
    values = tuple(e.value for e in entries)
    fresh = tuple(e.fresh for e in entries)
    return ComparedMeasure(key, name, title, table, part, best, values, fresh, winners, tied)


def _measure_entry(measure: Measure) -> _Entry:
    """Beyond the best is as good as the best: an AUC of .48 is no better than one of .50."""
    if isinstance(measure.value, NotMeasured):
        return _Entry(measure.value, measure.fresh, 0.0, 0.0)
    gap = measure.value - measure.best
    if isinstance(measure.chance, float) and measure.chance != measure.best:
        gap = max(0.0, gap if measure.chance > measure.best else -gap)
    return _Entry(measure.value, measure.fresh, abs(gap), measure.margin)


def _attack_entry(attack: AttackReport) -> _Entry:
    if isinstance(attack.value, NotMeasured):
        return _Entry(attack.value, attack.fresh, 0.0, 0.0)
    gap = max(0.0, (attack.value - attack.harmless) * (1 if attack.worst > attack.harmless else -1))
    noise = 0.0
    if isinstance(attack.low, float) and isinstance(attack.high, float):
        noise = (attack.high - attack.low) / 2
    return _Entry(attack.value, attack.fresh, gap, noise)


def _best(entries: Sequence[_Entry]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which are nearest to the best value, and which others noise does not tell from them."""
    known = {i: e for i, e in enumerate(entries) if isinstance(e.value, float)}
    if len(known) < 2:
        return (), ()
    least = min(e.gap for e in known.values())
    winners = tuple(i for i, e in known.items() if e.gap - least <= 1e-12)
    noise = max(known[i].noise for i in winners)
    tied = tuple(
        i for i, e in known.items() if i not in winners and e.gap - least <= max(noise, e.noise)
    )
    return winners, tied
