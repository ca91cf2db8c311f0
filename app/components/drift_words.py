"""How the difference between two versions is put into words; names letter by letter."""

from app.components.datasets import ROLE_NAMES, TYPE_NAMES, code
from app.components.page import plain
from core.data.profile import Advised, ColumnDrift, TableDrift
from core.data.schema import Relationship

NAMED = 6


def advice_words(advised: Advised, tables: int) -> str:
    """Put advice into a line of Markdown: its columns first."""
    names = ", ".join(code(name) for name in advised.columns[:NAMED])
    more = len(advised.columns) - NAMED
    names += f" and {more} more" if more > 0 else ""
    where = f"In {code(advised.table)}: " if advised.table and tables > 1 else ""
    return f"{where}{names + ': ' if names else ''}{plain(advised.says)}"


def link_words(link: Relationship) -> str:
    """Say which column points where."""
    child, parent = f"{link.child}.{link.child_key}", f"{link.parent}.{link.parent_key}"
    return f"{code(child)} to {code(parent)}"


def shape_words(table: TableDrift) -> list[str]:
    """Say what columns came, went and became."""
    said = [f"New column {code(name)}." for name in table.added]
    said += [f"Column {code(name)} is gone." for name in table.removed]
    said += [f"{code(old)} is likely called {code(new)} now." for old, new in table.renamed]
    for one in table.changed:
        if one.type_before is not one.type_now:
            types = f"{TYPE_NAMES[one.type_before]}, now {TYPE_NAMES[one.type_now]}"
            said.append(f"{code(one.name)} was of the type {types}.")
        if one.role_before is not one.role_now:
            roles = f"{ROLE_NAMES[one.role_before]}, now {ROLE_NAMES[one.role_now]}"
            said.append(f"{code(one.name)} had the role {roles}.")
    if table.key_before != table.key_now:
        keys = [code(key) if key else "none" for key in (table.key_before, table.key_now)]
        said.append(f"The primary key was {keys[0]}, now {keys[1]}.")
    return said


def category_words(column: ColumnDrift) -> str:
    """Say how many categories are new and gone, and name those that many rows have."""
    new = ", ".join(code(label) for label in column.new_labels)
    gone = ", ".join(code(label) for label in column.gone_labels)
    return (
        f"New categories: {column.new:,}{f' ({new})' if new else ''}, in {column.new_share:.1%} of "
        f"the rows. Gone: {column.gone:,}{f' ({gone})' if gone else ''}."
    )


def note_of(column: ColumnDrift) -> str:
    """Say what else is worth knowing of a column's figures."""
    notes = [column.why] if column.why else []
    if column.was != column.name:
        notes.append(f"was called {column.was}")
    if column.is_sampled:
        notes.append(f"on {column.rows[0]:,} and {column.rows[1]:,} values")
    return "; ".join(notes)
