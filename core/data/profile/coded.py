"""Columns of categories, texts and booleans in numbers, counted by DuckDB.

One scan tells of many columns how many values they have; values are then counted by name where they
are not too many, and how strings are written is looked at in a sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from core.data.profile.columns import EXACT_DISTINCT, STRINGS, TOP_VALUES, Source, word
from core.data.profile.values import ColumnProfile, LengthSummary
from core.data.schema import Column, ColumnType

PATTERN_ROWS = 20_000
TOP_PATTERNS = 5
_LEAST_PATTERN = 0.01
_AT_ONCE = 64
_MARKS = ((r"\d", "9"), (r"\p{Lu}", "A"), (r"[\p{Ll}\p{Lo}\p{Lt}\p{Lm}\p{M}]", "a"))


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted of one column."""

    present: int
    distinct: int
    is_exact: bool
    most: int
    lengths: LengthSummary | None
    top: tuple[tuple[str, int], ...]


def profile_coded(
    source: Source, columns: Mapping[int, Column], hidden: frozenset[str], sample: pa.Table
) -> dict[str, ColumnProfile]:
    """Describe the columns at these places; of hidden ones, nothing that shows a value.

    ``sample`` has evenly spaced rows of them, columns ``c0``, ``c1``, … by place.
    """
    counts = _present(source, columns)
    source.cursor.register("sampled_rows", sample)
    found = {}
    for place, column in columns.items():
        is_hidden = column.name in hidden
        closed = is_hidden or column.type is ColumnType.TEXT
        counted = _counted(source, place, column, *counts[place], closed=closed)
        found[column.name] = ColumnProfile(
            name=column.name,
            type=column.type,
            rows=source.rows,
            missing=source.rows - counted.present,
            distinct=counted.distinct,
            hidden=is_hidden,
            top=counted.top,
            lengths=counted.lengths,
            distinct_exact=counted.is_exact,
            most=counted.most,
            patterns=_patterns(source, place, sample) if column.type in STRINGS else (),
        )
    source.cursor.unregister("sampled_rows")
    return found


def _present(source: Source, columns: Mapping[int, Column]) -> dict[int, tuple[int, int]]:
    """Values by place, and an estimate of how many are different; many columns in one scan."""
    is_long = source.rows > EXACT_DISTINCT
    found: dict[int, tuple[int, int]] = {}
    for group in _groups(list(columns)):
        parts = [
            f"count(c{place}), {f'approx_count_distinct(c{place})' if is_long else '0'}"
            for place in group
        ]
        query = f"SELECT {', '.join(parts)} FROM {source.relation}"
        row = source.cursor.execute(query).fetchall()[0]
        found |= {place: (row[2 * i], row[2 * i + 1]) for i, place in enumerate(group)}
    return found


def _groups(places: Sequence[int]) -> list[Sequence[int]]:
    return [places[start : start + _AT_ONCE] for start in range(0, len(places), _AT_ONCE)]


def _counted(
    source: Source, place: int, column: Column, present: int, estimate: int, *, closed: bool
) -> _Counted:
    value = f"CAST(c{place} AS VARCHAR)" if column.type in STRINGS else f"c{place}"
    is_string = column.type in STRINGS
    if min(estimate, present) > EXACT_DISTINCT:
        table = f"(SELECT {value} AS v, 1 AS n FROM {source.relation})"
        lengths = _lengths(source, table) if is_string else None
        return _Counted(present, min(estimate, present), False, 0, lengths, ())
    source.cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE counted AS SELECT {value} AS v, count(*) AS n "
        f"FROM {source.relation} WHERE c{place} IS NOT NULL GROUP BY v"
    )
    (distinct, most) = source.cursor.execute("SELECT count(*), max(n) FROM counted").fetchall()[0]
    lengths = _lengths(source, "counted") if is_string else None
    top = () if closed else _top(source, column)
    return _Counted(present, distinct, True, most or 0, lengths, top)


def _lengths(source: Source, table: str) -> LengthSummary | None:
    query = (
        "SELECT min(l), max(l), sum(l * n) / sum(n) "
        f"FROM (SELECT length(v) AS l, n FROM {table} WHERE v IS NOT NULL)"
    )
    shortest, longest, mean = source.cursor.execute(query).fetchall()[0]
    return None if mean is None else LengthSummary(int(shortest), int(longest), float(mean))


def _top(source: Source, column: Column) -> tuple[tuple[str, int], ...]:
    query = f"SELECT v, n FROM counted WHERE n > 1 ORDER BY n DESC, v LIMIT {TOP_VALUES}"
    found = source.cursor.execute(query).fetchall()
    return tuple((word(value, column), int(count)) for value, count in found)


def _patterns(source: Source, place: int, sample: pa.Table) -> tuple[tuple[str, float], ...]:
    """The most frequent ways of writing, on evenly spaced rows of the sample."""
    step = max(sample.num_rows // PATTERN_ROWS, 1)
    shape = "left(v, 60)"
    for letters, mark in _MARKS:
        shape = f"regexp_replace({shape}, '{letters}+', '{mark}', 'g')"
    rows = source.cursor.execute(
        f"WITH picked AS (SELECT CAST(c{place} AS VARCHAR) AS v, count(*) AS n FROM "
        f"(SELECT c{place}, row_number() OVER () AS r FROM sampled_rows) "
        f"WHERE r % {step} = 0 AND c{place} IS NOT NULL GROUP BY v) "
        f"SELECT {shape} AS shape, sum(n) / (SELECT sum(n) FROM picked) AS share FROM picked "
        f"GROUP BY shape ORDER BY share DESC, shape LIMIT {TOP_PATTERNS}"
    ).fetchall()
    return tuple((text, round(share, 4)) for text, share in rows if share >= _LEAST_PATTERN)
