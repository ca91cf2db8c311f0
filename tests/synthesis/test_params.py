"""Engine parameters: bounds, types, all problems at once."""

from dataclasses import dataclass

import pytest

from core.errors import InvalidParameter
from core.synthesis.params import build, param, specs, to_dict


@dataclass(frozen=True, slots=True)
class Params:
    epochs: int = param(10, "Epochs", "How often.", low=1, high=100)
    rate: float = param(0.5, "Rate", "How fast.", low=0.0, high=1.0, advanced=True)
    kind: str = param("a", "Kind", "Which.", choices=("a", "b"))
    fast: bool = param(False, "Fast", "Whether.")


def test_defaults():
    assert to_dict(build(Params, {})) == {"epochs": 10, "rate": 0.5, "kind": "a", "fast": False}


def test_strings_are_parsed():
    made = build(Params, {"epochs": "7", "rate": "1", "kind": "b", "fast": "yes"})
    assert made == Params(7, 1.0, "b", True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": 0}, "`epochs` must be at least 1. Got 0."),
        ({"epochs": "101"}, "`epochs` must be at most 100. Got '101'."),
        ({"epochs": "many"}, "`epochs` must be of type int. Got 'many'."),
        ({"rate": "nan"}, "`rate` must be at least 0. Got 'nan'."),
        ({"kind": "c"}, "`kind` must be one of a, b. Got 'c'."),
        ({"fast": "perhaps"}, "`fast` must be true or false. Got 'perhaps'."),
        ({"depth": 1}, "`depth` is not a parameter here; known are epochs, rate, kind, fast."),
    ],
)
def test_what_cannot_be_used_is_said(values, message):
    with pytest.raises(InvalidParameter) as caught:
        build(Params, values)
    assert caught.value.problems == (message,)


def test_all_problems_at_once():
    with pytest.raises(InvalidParameter) as caught:
        build(Params, {"epochs": 0, "kind": "c", "nonsense": 1})
    assert len(caught.value.problems) == 3


def test_specs_carry_what_a_form_needs():
    epochs, rate, kind, _ = specs(Params)
    assert (epochs.name, epochs.title, epochs.default, epochs.low, epochs.high) == (
        "epochs",
        "Epochs",
        10,
        1,
        100,
    )
    assert rate.advanced
    assert kind.choices == ("a", "b")
