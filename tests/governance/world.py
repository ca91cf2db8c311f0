"""What a governance test needs at hand."""

from dataclasses import dataclass
from pathlib import Path

from core.governance.audit import AuditTrail
from core.governance.policy import Actor, UserRole
from core.governance.usecase import Guard
from core.keys import Keys
from core.store.database import Database


@dataclass
class World:
    """A state with its trail and guard."""

    home: Path
    keys: Keys
    database: Database
    trail: AuditTrail
    guard: Guard
    clock: list[float]

    def actor(self, role: UserRole, inside: bool = True) -> Actor:
        """The account of that role, a member of p1 or of nothing."""
        name = f"{role.value}-{'in' if inside else 'out'}"
        return Actor(name, name, name.title(), role, "10.0.0.1")

    def reopen_trail(self) -> None:
        """As after a restart."""
        self.trail = AuditTrail(self.database, self.keys)
        self.guard = Guard(self.database, self.trail)
