"""The links of a dataset's tables, asked table by table."""

from dataclasses import dataclass

from core.synthesis.links import Link, LinkKind


@dataclass(frozen=True, slots=True)
class Related:
    """How fitted tables hang together."""

    links: tuple[Link, ...] = ()

    def up(self, name: str, kind: LinkKind | None = None) -> list[Link]:
        """Links to the table's parents."""
        own = [link for link in self.links if link.relationship.child == name]
        return [link for link in own if kind is None or link.kind is kind]

    def down(self, name: str, kind: LinkKind | None = None) -> list[Link]:
        """Links to the table's children."""
        own = [link for link in self.links if link.relationship.parent == name]
        return [link for link in own if kind is None or link.kind is kind]

    def foreign_keys(self, name: str) -> frozenset[str]:
        """Columns of a table that are foreign keys."""
        return frozenset(own for link in self.up(name) for own in link.relationship.child_columns)

    def wide_keys(self, name: str) -> list[tuple[str, ...]]:
        """Keys of several columns by which other tables point to a table."""
        links = [link.relationship for link in self.down(name) if link.relationship.more]
        return list(dict.fromkeys(link.parent_columns for link in links))
