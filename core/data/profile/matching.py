"""Whether values repeat, and whether they are those of another column, in bounded memory.

Values are compared by 64-bit hashes, a part of them at a time. Two different values share a hash
once in 10¹⁹ pairs, so that a column of 100 million keys is taken for one that repeats in 3 of
10,000 cases, and is never the other way round.
"""

from core.data.profile.columns import Source

MOST_HASHES = 5_000_000


def repeats(source: Source, hashed: str) -> int:
    """How many rows have a hash (an SQL expression) that an earlier one has."""
    parts = source.rows // MOST_HASHES + 1
    distinct = 0
    for part in range(parts):
        (found,) = source.cursor.execute(
            f"SELECT count(DISTINCT h) FROM (SELECT {hashed} AS h FROM {source.relation}) "
            f"WHERE h % {parts} = {part}"
        ).fetchall()[0]
        distinct += found
    return source.rows - distinct


def matched(child: Source, value: str, parent: Source, key: str) -> tuple[int, int]:
    """How many different values there are, and how many of them are among the keys.

    ``value`` and ``key`` are SQL expressions of one type.
    """
    parts = max(child.rows, parent.rows) // MOST_HASHES + 1
    distinct = known = 0
    for part in range(parts):
        row = child.cursor.execute(
            f"SELECT count(*), count(p.h) FROM ({_hashes(child, value, parts, part)}) AS c "
            f"LEFT JOIN ({_hashes(parent, key, parts, part)}) AS p USING (h)"
        ).fetchall()[0]
        distinct, known = distinct + row[0], known + row[1]
    return distinct, known


def _hashes(source: Source, value: str, parts: int, part: int) -> str:
    return (
        f"SELECT DISTINCT hash({value}) AS h FROM {source.relation} "
        f"WHERE {value} IS NOT NULL AND hash({value}) % {parts} = {part}"
    )
