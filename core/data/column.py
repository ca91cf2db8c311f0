"""What a column is: its type, what it says of a person, how it is written, what was decided.

The pandas dtypes of a *canonical frame*, which every part of the studio takes and gives:

=============  ==================================================================
ColumnType     dtype
=============  ==================================================================
``INTEGER``    ``Int64``
``NUMBER``     ``float64`` (missing is NaN; infinities are not allowed)
``BOOLEAN``    ``boolean``
``DATE``       ``datetime64[us]``, at midnight
``DATETIME``   ``datetime64[us]``, without a zone (the zone is in the value format)
``TIME``       ``timedelta64[us]`` since midnight
``CATEGORY``   ``string[pyarrow]``, values that repeat
``TEXT``       ``string[pyarrow]``, values of which most occur once
=============  ==================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class ColumnType(StrEnum):
    """How the values of a column are to be understood."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    CATEGORY = "category"
    TEXT = "text"

    @property
    def dtype(self) -> str:
        """The pandas dtype of this type in a canonical frame."""
        return _DTYPES[self]

    @property
    def is_numeric(self) -> bool:
        """Whether values lie on a line: numbers, dates and times."""
        return self not in {ColumnType.BOOLEAN, ColumnType.CATEGORY, ColumnType.TEXT}


_DTYPES = {
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "float64",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "datetime64[us]",
    ColumnType.DATETIME: "datetime64[us]",
    ColumnType.TIME: "timedelta64[us]",
    ColumnType.CATEGORY: "string[pyarrow]",
    ColumnType.TEXT: "string[pyarrow]",
}


class Role(StrEnum):
    """What a column tells about a person."""

    IDENTIFIER = "identifier"
    QUASI_IDENTIFIER = "quasi-identifier"
    SENSITIVE = "sensitive"
    PLAIN = "plain"


class Action(StrEnum):
    """What happens to a column before an engine sees it.

    ``REPLACE``: the column never reaches the engine and comes back as fresh fake values of its
    kind. ``MASK``: values are replaced by keyed, format-preserving tokens. ``DROP``: the column is
    absent from the synthetic table. ``KEEP``: the engine learns it as it is. ``GENERALISE``: the
    engine learns coarser values, and only such come out.
    """

    KEEP = "keep"
    GENERALISE = "generalise"
    MASK = "mask"
    DROP = "drop"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Coarser:
    """How values are generalised; see ``core.data.coarser``.

    ``way`` is ``month``, ``quarter``, ``year``, ``hour``, ``band``, ``prefix`` or ``round``;
    ``amount`` the width of a band, the characters of a prefix, or the decimals.
    """

    way: str
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class WrittenText:
    """What a person says of a column whose texts a language model is to write.

    ``beside`` names another column of the row that the texts are to fit.
    """

    description: str
    language: str = ""
    beside: str = ""

    @property
    def typed(self) -> tuple[str, str]:
        """All that a person typed, and that is sent out as it is."""
        return self.description, self.language


@dataclass(frozen=True, slots=True)
class ValueFormat:
    """How values were written, so that synthetic values are written the same way.

    Attributes
    ----------
    decimals
        Most digits after the point that occur, of numbers or of seconds; None for unknown.
    fixed
        Every number is padded to ``decimals`` digits (prices: ``12.50``).
    least
        Fewest digits after the point of any number (1 for ``29.0`` beside ``0.75``).
    point, thousands
        The decimal mark, and what groups thousands (mostly nothing).
    pattern
        ``strftime`` pattern of dates and times, for example ``%d/%m/%Y``.
    true, false
        How booleans are written.
    missing
        How a missing value is written (an empty cell, ``NA``, …).
    storage
        The Arrow type of the Parquet column that the values came from, where Parquet files have
        it again; see ``core.data.storage``.
    """

    decimals: int | None = None
    fixed: bool = False
    least: int = 0
    point: str = "."
    thousands: str = ""
    pattern: str | None = None
    true: str = "true"
    false: str = "false"
    missing: str = ""
    storage: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is, what it says of a person, and what was decided about it.

    ``semantic`` is a semantic type such as ``email`` or ``iban`` (see ``core.data.pii``).
    ``action`` is None until a person, or a rule on the command line, has decided.
    ``heading`` is the name in the file that it came from, where that had to be changed to be
    usable (empty, with line breaks, two that differ in case only); files written have it again.
    ``learned_text`` asks that free text is made up in the style of its texts, see
    ``core.data.texts``, and not of plain words; ``text_label`` names the column whose labels they
    follow then: None for the one that tells most about them, "" for none.
    ``written`` asks that a language model writes it, from what is said there.
    ``coarser`` says how a generalised column is; None for what is usual.
    """

    name: str
    type: ColumnType
    role: Role = Role.PLAIN
    semantic: str | None = None
    action: Action | None = None
    reason: str = ""
    format: ValueFormat = field(default_factory=ValueFormat)
    heading: str | None = None
    learned_text: bool = False
    coarser: Coarser | None = None
    written: WrittenText | None = None
    text_label: str | None = None

    @property
    def title(self) -> str:
        """The name to write at the head of the column in a file."""
        return self.name if self.heading is None else self.heading

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        action, coarser = data.get("action"), data.get("coarser")
        written = data.get("written")
        return cls(
            name=data["name"],
            type=ColumnType(data["type"]),
            role=Role(data.get("role", Role.PLAIN)),
            semantic=data.get("semantic"),
            action=Action(action) if action else None,
            reason=data.get("reason", ""),
            format=ValueFormat(**data.get("format", {})),
            heading=data.get("heading"),
            learned_text=bool(data.get("learned_text", False)),
            coarser=Coarser(**coarser) if coarser else None,
            written=WrittenText(**written) if written else None,
            text_label=data.get("text_label"),
        )
