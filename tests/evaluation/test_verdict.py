"""The dial that stands for several tables: the worst that was measured."""

from core.evaluation.values import Dial, NotMeasured
from core.evaluation.verdict import worst_dial

WHY = NotMeasured("Models need 50 rows.")


def dial(level: str, value: float | NotMeasured, name: str = "utility") -> Dial:
    return Dial(name, "", value, 0.9, 0.5, level, "")


def test_the_worst_level_and_then_the_furthest_behind_stands_for_all() -> None:
    low, high, poor = dial("good", 0.7), dial("good", 0.8), dial("poor", 0.85)
    assert worst_dial([high, low]) is low
    assert worst_dial([low, poor, high]) is poor
    assert worst_dial([dial("unknown", WHY), high]) is high


def test_of_tables_that_cannot_be_judged_one_with_a_number_is_shown() -> None:
    number, nothing = dial("unknown", 0.95), dial("unknown", WHY)
    assert worst_dial([nothing, number]) is number
    assert worst_dial([nothing]) is nothing


def test_an_inconclusive_table_is_not_hidden_by_another() -> None:
    unsettled = dial("unknown", 0.95, "privacy")
    assert worst_dial([dial("good", 0.9, "privacy"), unsettled]).level == "unknown"
