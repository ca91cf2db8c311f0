"""What a detector answers, and the sentences in which it says why."""

from collections.abc import Sequence
from dataclasses import replace

from core.data.pii.finding import Finding
from core.data.pii.semantics import SEMANTICS
from core.data.pii.view import View, masked_examples

_NAME_SAYS = "the column's name says so"


def found(
    view: View, semantic: str, confidence: float, why: str, matching: Sequence[str] = ()
) -> Finding:
    """A finding for this column with what is suggested for its semantic type."""
    kind = SEMANTICS[semantic]
    return Finding(
        column=view.column.name,
        semantic=semantic,
        confidence=round(min(max(confidence, 0.0), 0.99), 2),
        share=round(view.share(matching), 4),
        why=why,
        examples=masked_examples(matching, semantic),
        suggested_action=kind.action,
        suggested_role=kind.role,
    )


def by_value(
    view: View, semantic: str, what: str, matching: Sequence[str], *, hinted: bool
) -> Finding:
    """A finding that rests on the values themselves."""
    share = view.share(matching)
    why = f"{percent(share)} of the different values checked are {what}"
    why += f", and {_NAME_SAYS}." if hinted else "."
    confidence = 0.62 + 0.37 * share if hinted else 0.2 + 0.75 * share
    return found(view, semantic, confidence, why, matching)


def by_shape(view: View, semantic: str, what: str, matching: Sequence[str]) -> Finding:
    """A finding that rests on the column's name and on what the values look like."""
    share = view.share(matching)
    part = "all" if share >= 1 else percent(share)
    why = f"The column's name says that it holds {what}, and {part} of the different "
    return found(view, semantic, 0.45 + 0.4 * share, why + "values checked look like it.", matching)


def by_name(view: View, semantic: str, what: str, confidence: float = 0.8) -> Finding:
    """A finding that rests on the column's name and its type."""
    why = f"The column's name says that it holds {what}, and its values fit."
    return replace(found(view, semantic, confidence, why), share=1.0)


def percent(share: float) -> str:
    """A share in words: never ``100 %`` unless all match, nor ``0 %`` when some do."""
    if share >= 1:
        return "All"
    if share < 0.01:
        return "Less than 1 %"
    return f"{min(round(100 * share), 99)} %"
