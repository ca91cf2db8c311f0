"""Look at each column with every detector and keep the most certain answer."""

from collections.abc import Callable, Mapping

import pandas as pd

from core.data.pii import attributes, contacts, people, records, text
from core.data.pii.finding import Finding
from core.data.pii.view import View, view
from core.data.schema import Table

Detector = Callable[[View], Finding | None]

# What names or reaches a person; then what is written about persons; then what narrows them down;
# then codes and texts that could be anything. The first group with an answer decides, and in it the
# most certain answer; where two are equally certain, the first.
DETECTORS: tuple[dict[str, Detector], ...] = (
    {
        "key": records.key,
        "email": contacts.EMAIL,
        "iban": contacts.IBAN,
        "credit_card": contacts.CARD,
        "medical_record": records.medical_record,
        "national_id": contacts.national_id,
        "mac": contacts.MAC,
        "ip": contacts.ip,
        "url": contacts.URL,
        "phone": contacts.phone,
        "street_address": contacts.ADDRESS,
        "house_numbers": contacts.house_numbers,
        "username": contacts.username,
        "full_name": people.full_name,
        "name_part": people.name_part,
    },
    {"details_in_text": text.details},
    {
        "date_of_birth": attributes.date_of_birth,
        "coordinates": attributes.coordinates,
        "postcode": attributes.postcode,
        "age": attributes.age,
        "gender": attributes.gender,
        "icd10": attributes.diagnosis,
        "sensitive": attributes.SENSITIVE,
        "country": attributes.country,
        "city": attributes.city,
        "occupation": attributes.OCCUPATION,
        "company": attributes.company,
    },
    {"free_text": text.free_text, "identifier": records.identifier},
)


def find_pii(
    frame: pd.DataFrame, table: Table, keys: frozenset[str] = frozenset()
) -> dict[str, Finding]:
    """Say which columns point to persons, and how.

    Parameters
    ----------
    frame
        Canonical frame with the columns of ``table``.
    table
        Its schema; the primary key counts as a key.
    keys
        Further columns that are keys, such as those that refer to another table.

    Returns
    -------
    dict
        Findings by column name, in the table's order; columns without a finding are absent.
    """
    all_keys = keys | ({table.primary_key} if table.primary_key else set())
    views = [view(frame[c.name], c, key=c.name in all_keys) for c in table.columns]
    answers = {seen.column.name: answer for seen in views if (answer := _best(seen))}
    for seen in views:
        name = seen.column.name
        if name not in answers and (near := _beside_address(seen, table.names, answers)):
            answers[name] = near
    return {name: answers[name] for name in table.names if name in answers}


def _beside_address(
    seen: View, names: tuple[str, ...], answers: Mapping[str, Finding]
) -> Finding | None:
    """What a column can be because of what stands beside it: a postcode next to its city."""
    place = names.index(seen.column.name)
    beside = {answers[n].semantic for n in names[max(place - 1, 0) : place + 2] if n in answers}
    return attributes.plain_postcode(seen) if beside & {"city", "street_address"} else None


def _best(seen: View) -> Finding | None:
    for group in DETECTORS:
        answers = [answer for detector in group.values() if (answer := detector(seen))]
        if answers:
            return max(answers, key=lambda answer: answer.confidence)
    return None
