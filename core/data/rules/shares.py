"""How many of all rows keep a rule, counted by DuckDB where the rows lie.

Columns are named by position (``c0``, ``c1``, …), as the vault's files name them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_BATCH = 100


class Cursor(Protocol):
    """What is needed of DuckDB."""

    def execute(self, query: str) -> "Cursor":
        """Run a query."""

    def fetchall(self) -> list[tuple[int, ...]]:
        """Its rows."""


@dataclass(frozen=True, slots=True)
class Test:
    """A condition in SQL, and in which rows it is asked."""

    met: str
    asked: str = "true"


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows that were asked, and those of them that keep the rule."""

    rows: int
    kept: int

    @property
    def share(self) -> float:
        """Share of the rows that keep it; 0 for none."""
        return self.kept / self.rows if self.rows else 0.0


def counted(cursor: Cursor, source: str, tests: Sequence[Test]) -> list[Counted]:
    """Count each test over all rows, many in one pass."""
    found: list[Counted] = []
    for start in range(0, len(tests), _BATCH):
        sums = []
        for test in tests[start : start + _BATCH]:
            sums.append(f"count(*) FILTER (WHERE {test.asked})")
            sums.append(f"count(*) FILTER (WHERE ({test.asked}) AND ({test.met}))")
        (row,) = cursor.execute(f"SELECT {', '.join(sums)} FROM {source}").fetchall()
        found += [Counted(*pair) for pair in zip(row[::2], row[1::2], strict=True)]
    return found


def at_most(low: int, high: int, strict: bool = False) -> Test:
    """One column is not above (or is below) another."""
    sign = "<" if strict else "<="
    return Test(f"c{low} {sign} c{high}", f"c{low} IS NOT NULL AND c{high} IS NOT NULL")


def sum_of(parts: Sequence[int], total: int, decimals: int | None) -> Test:
    """Parts add up to a total, but for rounding to its decimals."""
    summed = " + ".join(f"c{place}::DOUBLE" for place in parts)
    rounding = 0.0 if decimals is None else 0.5 * 10.0**-decimals
    slack = f"{rounding * (1 + 1e-6)!r} + 1e-9 * abs(c{total}::DOUBLE)"
    asked = " AND ".join(f"c{place} IS NOT NULL" for place in (*parts, total))
    return Test(f"abs(c{total}::DOUBLE - ({summed})) <= {slack}", asked)


def one_set(places: Sequence[int]) -> Test:
    """Exactly one of the flags is set."""
    return Test(" + ".join(f"c{place}::INTEGER" for place in places) + " = 1")


def between(place: int, low: int | None, high: int | None) -> Test:
    """Values lie in a range."""
    ends = [f"c{place} >= {low}"] if low is not None else []
    ends += [f"c{place} <= {high}"] if high is not None else []
    return Test(" AND ".join(ends), f"c{place} IS NOT NULL")


def distinct(cursor: Cursor, source: str, places: Sequence[int]) -> list[Counted]:
    """For each column: rows with a value, and how many different values there are."""
    found: list[Counted] = []
    for place in places:
        query = f"SELECT count(c{place}), count(DISTINCT c{place}) FROM {source}"
        (row,) = cursor.execute(query).fetchall()
        found.append(Counted(*row))
    return found


def determined(cursor: Cursor, source: str, places: Sequence[int]) -> Counted:
    """Rows whose combination is the commonest of the column that has the most values.

    That column tells the others where these are all rows.
    """
    each = ", ".join(f"c{place}" for place in places)
    sizes = ", ".join(f"count(DISTINCT c{place})" for place in places)
    asked = " AND ".join(f"c{place} IS NOT NULL" for place in places)
    (widths,) = cursor.execute(f"SELECT {sizes} FROM {source}").fetchall()
    teller = places[widths.index(max(widths))]
    query = (
        f"SELECT coalesce(sum(rows), 0), coalesce(sum(most), 0) FROM ("
        f"SELECT sum(n) AS rows, max(n) AS most FROM ("
        f"SELECT {each}, count(*) AS n FROM {source} WHERE {asked} GROUP BY ALL) "
        f"GROUP BY c{teller})"
    )
    (row,) = cursor.execute(query).fetchall()
    return Counted(int(row[0]), int(row[1]))


def missing_by(cursor: Cursor, source: str, label: int, place: int) -> list[tuple[str, int, int]]:
    """For each value of a label: its text, its rows, and those that miss another column."""
    query = (
        f"SELECT c{label}::VARCHAR, count(*), count(*) - count(c{place}) FROM {source} "
        f"WHERE c{label} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 50"
    )
    return [(str(text), int(rows), int(gone)) for text, rows, gone in _rows(cursor, query)]


def _rows(cursor: Cursor, query: str) -> list[tuple[int, ...]]:
    return cursor.execute(query).fetchall()
