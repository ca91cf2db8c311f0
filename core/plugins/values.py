"""What is known of the plug-ins of this process: packages, what each adds, and what was refused."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a plug-in may add."""

    GENERATOR = "generator"
    MEASURE = "measure"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a package adds; ``problem`` says why it was refused, and is empty if not."""

    kind: Kind
    name: str
    title: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One package that the administrator named.

    Attributes
    ----------
    version
        Empty where the package is not installed.
    problem
        Why nothing of it was loaded; empty where something could be.
    """

    package: str
    version: str = ""
    parts: tuple[Part, ...] = field(default=())
    problem: str = ""

    @property
    def loaded(self) -> tuple[Part, ...]:
        """What of it can be used."""
        return tuple(part for part in self.parts if not part.problem)

    @property
    def problems(self) -> tuple[str, ...]:
        """All that was refused, in words."""
        refused = [
            f"The {part.kind} {part.name!r} of {self.package!r} was refused: {part.problem}"
            for part in self.parts
            if part.problem
        ]
        return (*([self.problem] if self.problem else []), *refused)
