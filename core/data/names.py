"""Names of tables and columns that every format, engine and page can work with."""

import re
from collections.abc import Iterable, Sequence

from core.data.archive import ReadLimits
from core.errors import UnreadableFile

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b\ufeff]+")
_LONGEST = 200


def column_names(raw: Sequence[str], where: str, limits: ReadLimits) -> tuple[list[str], list[str]]:
    """Usable names for the fields of a header, and notes on those that had to be changed.

    Names are trimmed; an empty one becomes ``column_3`` (its position), a repeated one gets a
    number (``name_2``).

    Raises
    ------
    UnreadableFile
        When there are more columns than the limits allow.
    """
    if len(raw) > limits.max_columns:
        raise UnreadableFile(
            f"{where} has {len(raw)} columns; at most {limits.max_columns} can be used. Leave "
            "columns out, or have the limit raised (STUDIO_MAX_COLUMNS)."
        )
    plain = [_CONTROL.sub(" ", name).strip()[:_LONGEST] for name in raw]
    filled = [name or f"column_{index}" for index, name in enumerate(plain, start=1)]
    names = unique(filled)
    notes = []
    if empty := plain.count(""):
        notes.append(f"{empty} columns without a name are called by their position")
    renamed = [new for old, new in zip(filled, names, strict=True) if old != new]
    if renamed:
        shown = ", ".join(map(repr, renamed[:5])) + (" …" if len(renamed) > 5 else "")
        notes.append(f"column names that occur twice got a number: {shown}")
    return names, notes


def unique(names: Iterable[str]) -> list[str]:
    """The names in order, repeated ones (whatever their case) with a number behind."""
    wanted = list(names)
    taken: set[str] = set()
    reserved = {name.lower() for name in wanted}
    result = []
    for name in wanted:
        fresh, number = name, 2
        while fresh.lower() in taken or (fresh != name and fresh.lower() in reserved):
            fresh, number = f"{name}_{number}", number + 1
        taken.add(fresh.lower())
        result.append(fresh)
    return result


def table_name(stem: str) -> str:
    """A table's name from a file name without its ending."""
    return _CONTROL.sub(" ", stem).strip()[:_LONGEST] or "table"
