"""What the use cases of preparation give: frozen values that show no rare or hidden value."""

from dataclasses import dataclass

from core.data.params import ParamSpec
from core.data.pipeline import Step, step_to_dict
from core.data.pipeline.suggest import SuggestedStep

__all__ = ["Example", "StepKind", "StepOutcome", "SuggestedStep", "Tried", "step_words"]


@dataclass(frozen=True, slots=True)
class StepKind:
    """A kind of step, for a form: what it is called, does, takes, and has to be told.

    ``columns`` are parameters that name further columns of the table.
    """

    name: str
    title: str
    about: str
    inverse: str
    takes: frozenset[str]
    params: tuple[ParamSpec, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """Cells before and after all steps of their column, and how many of the rows looked at.

    A value that fewer than five people have, or of a column that is sensitive or identifies, is
    shown as its shape: ``A`` for capitals, ``a`` for other letters, ``9`` for digits.
    """

    before: str
    after: str
    cells: int


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step does to the rows looked at.

    Attributes
    ----------
    place
        Among the steps of its table, from 0.
    said
        What it learned, in words; never a value that few people have.
    """

    table: str
    place: int
    step: Step
    cells: int
    lost: int
    gained: int
    rows: int
    said: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """Steps tried on rows of a dataset.

    ``rows`` of ``whole`` rows of all tables were looked at. ``examples`` by ``(table, column)``.
    """

    outcomes: tuple[StepOutcome, ...]
    examples: dict[tuple[str, str], tuple[Example, ...]]
    rows: int
    whole: int


def step_words(step: Step) -> str:
    """What a person chose for a step, as far as it is not the usual; "" for nothing."""
    said = {name: v for name, v in step_to_dict(step).items() if name not in {"step", "column"}}
    words = {
        name: ", ".join(map(_word, v)) if isinstance(v, list) else _word(v)
        for name, v in said.items()
    }
    return "; ".join(f"{name.replace('_', ' ')}: {word}" for name, word in words.items())


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    is_sign = isinstance(value, str) and not any(sign.isalnum() for sign in value)
    return f"“{value}”" if is_sign else str(value)
