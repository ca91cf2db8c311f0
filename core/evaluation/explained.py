"""The words of a measure, taken from the docstring of the function that computes it.

The first paragraph of such a docstring says what the measure means; another one has lines that
begin with ``Computed:``, ``Good:`` and ``Misleads:``, in this order.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_LEADS = ("Computed", "Good", "Misleads")


@dataclass(frozen=True, slots=True)
class Words:
    """Title, one-sentence meaning, how to read it, and what its lower reference is.

    Attributes
    ----------
    reading
        What a good value is.
    chance
        What the lower reference is.
    percent
        For shares that read best in per cent.
    computed
        How it is computed.
    misleads
        Where it misleads.
    """

    title: str
    meaning: str
    reading: str
    chance: str = "no skill"
    percent: bool = False
    computed: str = ""
    misleads: str = ""


def explained(
    title: str, computes: Callable[..., Any], *, chance: str = "no skill", percent: bool = False
) -> Words:
    """The words of what ``computes`` measures, from its docstring."""
    paragraphs = (inspect.getdoc(computes) or "").split("\n\n")
    meaning, *rest = [" ".join(part.replace("``", "").split()) for part in paragraphs]
    labelled = next((text for text in rest if text.startswith(_LEADS)), "")
    found = {lead: _after(labelled, lead) for lead in _LEADS}
    return Words(
        title,
        meaning,
        found["Good"],
        chance,
        percent,
        computed=found["Computed"],
        misleads=found["Misleads"],
    )


def _after(text: str, lead: str) -> str:
    """What stands between ``lead:`` and the next lead; empty without it."""
    after = text.partition(f"{lead}: ")[2]
    for other in _LEADS:
        after = after.partition(f" {other}: ")[0]
    return after[:1].upper() + after[1:]
