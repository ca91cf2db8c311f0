"""Detector of free text, and of personal details inside longer strings."""

import re
from dataclasses import replace

import pandas as pd

from core.data.pii.finding import Finding
from core.data.pii.masking import mask
from core.data.pii.match import found, percent
from core.data.pii.names import is_first_name, is_last_name
from core.data.pii.patterns import EMAIL
from core.data.pii.view import View
from core.data.schema import ColumnType

_PHONE_INSIDE = (
    r"(?:^|[\s:(])(?:\+\d{1,3}[\s\-(]?|\(?0)\d(?:[\s\-/.()]{0,2}\d){6,12}(?:$|[\s.,;)!?])"
)
_IBAN_INSIDE = r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}"
_PAIR = re.compile(r"\b([A-ZÀ-Þ][^\W\d_A-Z]+) ([A-ZÀ-Þ][^\W\d_A-Z]+)\b")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme|Mlle|Sr|Sra|Sig)\.? [A-ZÀ-Þ][^\W\d_]+")
_LEAST = 0.01
_WORDS = 4.0
_WRITTEN = 5.0


def details(view: View) -> Finding | None:
    """Strings that hold an e-mail address, a phone or account number, or a name, inside."""
    if not view.strings or not len(view.levels):
        return None
    shares = {what: share for what, share in _inside(view).items() if share >= _LEAST}
    return _with_details(view, shares) if shares else None


def free_text(view: View) -> Finding | None:
    """Sentences in which nothing was recognised, which proves nothing."""
    text = view.column.type is ColumnType.TEXT and len(view.levels) > 0
    if not text or view.distinct_share <= 0.5 or _words(view) < _WRITTEN:
        return None
    why = (
        "The values are sentences and nearly all differ. No e-mail address, phone number or name "
        "was recognised in them, which does not prove that there is none."
    )
    return found(view, "free_text", 0.5, why)


def _words(view: View) -> float:
    return float(view.levels.str.count(r"\s+").mean()) + 1


def _inside(view: View) -> dict[str, float]:
    """Share of values that contain each kind of detail."""
    shares = {
        "e-mail addresses": _share(view.levels, EMAIL),
        "account numbers": _share(view.levels, _IBAN_INSIDE),
    }
    if _words(view) >= _WORDS:
        shares["phone numbers"] = _share(view.levels, _PHONE_INSIDE)
        named = view.matching(_mentions_person, rare=True)
        shares["names of persons"] = view.share(named) if len(named) > 1 else 0.0
    return shares


def _share(levels: pd.Series, pattern: str) -> float:
    return float(levels.str.contains(pattern, regex=True).mean())


def _with_details(view: View, shares: dict[str, float]) -> Finding:
    listed = " and ".join(
        f"{what} ({percent(share).lower()} of the different values)"
        for what, share in shares.items()
    )
    most = max(shares.values())
    why = f"The text mentions {listed}."
    finding = found(view, "free_text", 0.6 + 0.25 * min(1.0, 4 * most), why)
    examples = tuple(f"… {part} …" for part in _examples(view))
    return replace(finding, examples=examples, share=round(min(most, 1.0), 4))


def _examples(view: View) -> tuple[str, ...]:
    found_mails = (re.search(EMAIL, value) for value in view.sample)
    masked = (mask(match.group(), "email") for match in found_mails if match)
    return tuple(dict.fromkeys(masked))[:3]


def _mentions_person(value: str) -> bool:
    if _TITLED.search(value):
        return True
    pairs = _PAIR.findall(value)
    return any(is_first_name(first) and is_last_name(last) for first, last in pairs)
