"""Look at each column with every detector and keep the most certain answer."""

from collections.abc import Callable

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
        "national_id": contacts.national_id,
        "mac": contacts.MAC,
        "ip": contacts.ip,
        "url": contacts.URL,
        "phone": contacts.phone,
        "street_address": contacts.ADDRESS,
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
        "gender": attributes.GENDER,
        "sensitive": attributes.SENSITIVE,
        "country": attributes.COUNTRY,
        "city": attributes.CITY,
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
    found: dict[str, Finding] = {}
    for column in table.columns:
        seen = view(frame[column.name], column, key=column.name in all_keys)
        answer = _best(seen)
        if answer:
            found[column.name] = answer
    return found


def _best(seen: View) -> Finding | None:
    for group in DETECTORS:
        answers = [answer for detector in group.values() if (answer := detector(seen))]
        if answers:
            return max(answers, key=lambda answer: answer.confidence)
    return None
