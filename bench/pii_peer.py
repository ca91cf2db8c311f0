"""Presidio alone on columns, for :mod:`bench.pii`; runs in an environment of its own.

Reads a JSON list of columns (lists of cells) and prints a JSON list of answers: the type that most
of the different values are recognised as, where at least half are, else null. The recognisers are
presidio's patterns on a blank spaCy model; it imports nothing of this project.
"""

import json
import sys
from collections import Counter

import spacy
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

TYPES = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "PERSON": "full_name",
    "IBAN_CODE": "iban", "CREDIT_CARD": "credit_card", "IP_ADDRESS": "ip", "URL": "url",
    "DATE_TIME": "date_of_birth", "LOCATION": "city", "MAC_ADDRESS": "mac",
}  # fmt: skip
LEAST_SHARE, LEAST_SCORE, MOST_VALUES = 0.5, 0.4, 60


class BlankEngine(SpacyNlpEngine):
    """A spaCy pipeline that only splits words, so that nothing has to be downloaded."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}


def answer(engine: AnalyzerEngine, cells: list[str]) -> str | None:
    """The type of a column."""
    values = list(dict.fromkeys(cell for cell in cells if cell))[:MOST_VALUES]
    found: Counter[str] = Counter()
    for value in values:
        results = engine.analyze(value, language="en", score_threshold=LEAST_SCORE)
        found.update({result.entity_type for result in results[:1]})
    if not found or sum(found.values()) < LEAST_SHARE * len(values):
        return None
    kind = found.most_common(1)[0][0]
    return TYPES.get(kind, "national_id")


if __name__ == "__main__":
    analyzer = AnalyzerEngine(nlp_engine=BlankEngine(), supported_languages=["en"])
    print(json.dumps([answer(analyzer, cells) for cells in json.load(sys.stdin)]))
