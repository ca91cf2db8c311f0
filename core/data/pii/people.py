"""Detectors of person names, by name lists and the column's name."""

from core.data.pii import hints
from core.data.pii.finding import Finding
from core.data.pii.match import by_shape, by_value
from core.data.pii.names import is_first_name, is_full_name, is_last_name, name_shaped
from core.data.pii.view import View

_PARTS = (
    ("first_name", "known first names", "first names", hints.FIRST_NAME, is_first_name),
    ("last_name", "known last names", "last names", hints.LAST_NAME, is_last_name),
)
FEWEST_NAMES = 20


def name_part(view: View) -> Finding | None:
    """First or last names in a column of their own."""
    if not view.strings or view.present == 0:
        return None
    for semantic, known, what, phrases, test in _PARTS:
        if view.says(phrases) and not view.says(hints.NO_PERSON):
            matching, shaped = view.matching(test), view.matching(name_shaped)
            if view.share(matching) >= 0.2:
                return by_value(view, semantic, known, matching, hinted=True)
            if view.share(shaped) >= 0.7:
                return by_shape(view, semantic, what, shaped)
    return _unnamed_part(view)


def _unnamed_part(view: View) -> Finding | None:
    """Names under a name that does not tell: most values must be known, and many different."""
    if view.says(hints.NO_PERSON) or view.says(hints.CITY) or view.says(hints.COUNTRY):
        return None
    person = view.says(hints.PERSON)
    if len(view.sample) < (5 if person else FEWEST_NAMES):
        return None
    matches = [(view.matching(test), semantic, known) for semantic, known, _, _, test in _PARTS]
    matching, semantic, known = max(matches, key=lambda match: len(match[0]))
    needed = 0.5 if person else 0.7 if view.distinct_share >= 0.5 else 0.9
    if view.share(matching) < needed:
        return None
    return by_value(view, semantic, known, matching, hinted=person)


def full_name(view: View) -> Finding | None:
    """First and last name together."""
    if not view.strings or not view.sample:
        return None
    hint = view.says(hints.FULL_NAME)
    person = view.says(hints.PERSON)
    against = view.says(hints.NO_PERSON) and not hint
    matching = view.matching(is_full_name)
    needed = 0.2 if hint else 0.3 if person and not against else 0.6
    enough = hint or person or len(view.sample) >= FEWEST_NAMES
    if view.share(matching) >= needed and enough:
        what = "a known first name with a known last name"
        return by_value(view, "full_name", what, matching, hinted=hint or person)
    if hint and not against:
        shaped = view.matching(name_shaped)
        if view.share(shaped) >= 0.7:
            return by_shape(view, "full_name", "names of persons", shaped)
    return None
