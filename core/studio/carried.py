"""What a new version of a dataset took over from the one before it: names and counts, no values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What was settled for the version before and holds for this one too, and what does not.

    Attributes
    ----------
    name
        Of the version before.
    columns
        By table: the columns whose type, role, semantic type, action, reason and choice of how
        free text comes back were taken over.
    again
        By table and column: why a person has to decide once more.
    gone
        By table: columns of the version before that are not in this one; whole tables without
        a name of a column.
    keys, links, rules
        How many were taken over.
    rules_left_out
        How many rules do not fit any more.
    notes
        Keys, links and choices for free text that do not hold any more, and why.
    public
        What was declared public for the last private run, as far as it still fits; None for
        nothing.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    again: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: int = 0
    links: int = 0
    rules: int = 0
    rules_left_out: int = 0
    notes: tuple[str, ...] = ()
    public: Mapping[str, Any] | None = None

    @property
    def column_count(self) -> int:
        """How many columns were taken over."""
        return sum(map(len, self.columns.values()))

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and strings, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`."""
        lists = {
            name: {table: tuple(columns) for table, columns in data[name].items()}
            for name in ("columns", "gone")
        }
        return cls(**{**data, **lists, "notes": tuple(data["notes"])})
