"""How many people a combination of columns singles out, and what it tells of a sensitive one.

Rows that agree in the chosen columns form a class. *k-anonymity* (Samarati and Sweeney 1998) is the
size of the smallest class; a class of one singles a person out. *l-diversity* (Machanavajjhala et
al. 2007) is the smallest number of different sensitive values in any class: with one, whoever
knows the class knows the value. A missing value agrees with a missing value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.data.profile.columns import Source
from core.data.schema import Table
from core.errors import InvalidInput

MOST_COLUMNS = 4
MOST_COMBINATIONS = 60
SMALL = 5


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a combination of columns gives away.

    Attributes
    ----------
    rows, classes
        Rows, and different combinations of values among them.
    k
        Rows of the smallest class; 0 for an empty table.
    unique, few
        Rows whose combination nobody else has, and that at most four others have.
    l_diversity
        Fewest different sensitive values in a class; None where no sensitive column was named.
    told
        Rows in classes in which all have the same sensitive value; None as above.
    """

    columns: tuple[str, ...]
    rows: int
    classes: int
    k: int
    unique: int
    few: int
    sensitive: str | None = None
    l_diversity: int | None = None
    told: int | None = None

    @property
    def unique_share(self) -> float:
        """Rows that are singled out as a share of all, from 0 to 1."""
        return self.unique / self.rows if self.rows else 0.0


def exposure(
    source: Source, table: Table, columns: Sequence[str], sensitive: str | None = None
) -> Exposure:
    """Count the classes of one combination of columns over all rows.

    Raises
    ------
    InvalidInput
        Unless one to :data:`MOST_COLUMNS` different columns are named, none of them the sensitive.
    """
    chosen = tuple(dict.fromkeys(columns))
    if not 1 <= len(chosen) <= MOST_COLUMNS or sensitive in chosen:
        raise InvalidInput(
            f"Name one to {MOST_COLUMNS} different columns, and a sensitive one that is not among "
            f"them. Got {len(chosen)}."
        )
    names = ", ".join(_place(table, name) for name in chosen)
    told = f"count(DISTINCT {_place(table, sensitive)})" if sensitive else "NULL"
    row = source.cursor.execute(
        "SELECT count(*), coalesce(min(n), 0), coalesce(sum(n) FILTER (n = 1), 0), "
        f"coalesce(sum(n) FILTER (n < {SMALL}), 0), min(l), sum(n) FILTER (l <= 1) "
        f"FROM (SELECT count(*) AS n, {told} AS l FROM {source.relation} GROUP BY {names})"
    ).fetchall()[0]
    classes, k, unique, few, diversity, known = row
    return Exposure(
        columns=chosen,
        rows=source.rows,
        classes=classes,
        k=int(k),
        unique=int(unique),
        few=int(few),
        sensitive=sensitive,
        l_diversity=int(diversity) if sensitive and diversity is not None else None,
        told=int(known or 0) if sensitive else None,
    )


def exposures(source: Source, table: Table, columns: Sequence[str]) -> tuple[Exposure, ...]:
    """Combinations of up to four of these columns, those that single out most people first.

    The first :data:`MOST_COMBINATIONS` combinations are counted, small ones before large ones.
    """
    chosen = tuple(dict.fromkeys(columns))
    tried = [group for size in range(1, MOST_COLUMNS + 1) for group in combinations(chosen, size)][
        :MOST_COMBINATIONS
    ]
    found = [exposure(source, table, group) for group in tried]
    return tuple(sorted(found, key=lambda one: (-one.unique, len(one.columns), one.columns)))


def _place(table: Table, name: str) -> str:
    table[name]
    return f"c{table.names.index(name)}"
