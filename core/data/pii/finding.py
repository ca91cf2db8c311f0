"""A finding: what the detection says of one column, with evidence that shows no raw value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from core.data.pii.semantics import SEMANTICS
from core.data.schema import Action, Role, Table
from core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Finding:
    """What one column probably means, and what to do about it.

    Attributes
    ----------
    column
        Name of the column.
    semantic
        Key in ``SEMANTICS``.
    confidence
        How sure the detection is, from 0 to 1.
    share
        Share of the different values checked that match, from 0 to 1.
    why
        One sentence on the evidence, without any value.
    examples
        A few values with all but their shape hidden, such as ``j•••@•••.com``.
    suggested_action, suggested_role
        What to decide, unless a person knows better.
    """

    column: str
    semantic: str
    confidence: float
    share: float
    why: str
    examples: tuple[str, ...]
    suggested_action: Action
    suggested_role: Role

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` gave; raises ``InvalidInput`` when it is not a finding."""
        try:
            return cls(
                column=data["column"],
                semantic=data["semantic"],
                confidence=data["confidence"],
                share=data["share"],
                why=data["why"],
                examples=tuple(data["examples"]),
                suggested_action=Action(data["suggested_action"]),
                suggested_role=Role(data["suggested_role"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"This is not a finding: {type(error).__name__} {error}.") from error


def masked_columns(findings: Mapping[str, Finding]) -> frozenset[str]:
    """Columns that point to a person by themselves, for ``profile_table(masked=…)``."""
    return frozenset(name for name, found in findings.items() if SEMANTICS[found.semantic].direct)


def apply_suggestions(table: Table, findings: Mapping[str, Finding]) -> Table:
    """Set semantic, role and action of each found column as suggested, and keep all others."""
    for name, found in findings.items():
        column = replace(
            table[name],
            semantic=found.semantic,
            role=found.suggested_role,
            action=found.suggested_action,
            reason="suggested",
        )
        table = table.with_column(column)
    columns = tuple(
        column if column.action else replace(column, action=Action.KEEP) for column in table.columns
    )
    return replace(table, columns=columns)
