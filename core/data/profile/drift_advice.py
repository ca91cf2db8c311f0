"""What a comparison of two versions means for synthetic data made from the earlier one."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.data.profile.drift_values import Drift, Level, TableDrift

NAMED = 5


@dataclass(frozen=True, slots=True)
class Advised:
    """What follows for synthesis; ``columns`` are named in front of it where it is about some."""

    level: Level
    says: str
    table: str = ""
    columns: tuple[str, ...] = ()


def advice_on(drift: Drift) -> tuple[Advised, ...]:
    """What to do about models of the earlier version, the most pressing first."""
    found = [*_of_the_whole(drift)]
    for table in drift.tables:
        found += _of_a_table(table)
    if not found:
        return (
            Advised(
                Level.NONE,
                "Nothing moved beyond chance and small changes: a model of the earlier version "
                "still describes these tables. To fit again is a choice, not a need.",
            ),
        )
    ranks = {Level.LARGE: 0, Level.SOME: 1, Level.NONE: 2}
    return tuple(sorted(found, key=lambda one: ranks[one.level]))


def _of_the_whole(drift: Drift) -> Iterator[Advised]:
    tables = drift.tables_added + drift.tables_removed
    if tables:
        yield Advised(
            Level.LARGE,
            "tables came or went: a model of the earlier version makes the earlier tables. Fit "
            "again.",
            columns=tables,
        )
    if drift.links_added or drift.links_removed:
        yield Advised(
            Level.LARGE,
            "Tables point to each other in another way: a model of the earlier version keeps the "
            "earlier keys. Fit again.",
        )


def _of_a_table(table: TableDrift) -> Iterator[Advised]:
    shape = (*table.removed, *(old for old, _ in table.renamed))
    came = (*table.added, *(new for _, new in table.renamed))
    if shape or came:
        yield Advised(
            Level.LARGE,
            "columns came, went or were renamed: a model of the earlier version makes the earlier "
            "columns. Fit again, and look at rules and shares that name them.",
            table.table,
            tuple(dict.fromkeys((*came, *shape))),
        )
    retyped = tuple(c.name for c in table.changed if c.type_before is not c.type_now)
    if retyped:
        yield Advised(
            Level.LARGE,
            "another type: values are learned in another way. Fit again.",
            table.table,
            retyped,
        )
    recast = tuple(c.name for c in table.changed if c.role_before is not c.role_now)
    if recast:
        yield Advised(
            Level.SOME,
            "another role: judge the privacy of earlier releases with it in mind.",
            table.table,
            recast,
        )
    yield from _of_values(table)


def _of_values(table: TableDrift) -> Iterator[Advised]:
    large = tuple(c.name for c in table.of_level(Level.LARGE))
    if large:
        yield Advised(
            Level.LARGE,
            "moved far: a model of the earlier version is stale here, and so are its releases. Fit "
            "again before anybody asks the synthetic data about them.",
            table.table,
            large,
        )
    fresh = tuple(c.name for c in table.columns if c.new_share > 0)
    if fresh:
        yield Advised(
            Level.SOME,
            "categories that the earlier version did not have: its models cannot make them.",
            table.table,
            fresh,
        )
    some = tuple(c.name for c in table.of_level(Level.SOME) if c.name not in fresh)
    if some:
        yield Advised(
            Level.SOME,
            "moved somewhat: fit again where these matter to the question.",
            table.table,
            some,
        )
    if table.pairs:
        yield Advised(
            Level.SOME,
            "associations changed: models of the earlier version have the earlier ones.",
            table.table,
            tuple(dict.fromkeys(name for p in table.pairs for name in (p.left, p.right))),
        )
    if table.rows_now < table.rows_before / 2:
        yield Advised(
            Level.SOME,
            "Less than half of the rows are left: a new model has less to learn from, and single "
            "rows weigh more.",
            table.table,
        )
