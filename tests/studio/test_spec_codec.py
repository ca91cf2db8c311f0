"""A specification survives the state, also one that an older installation stored."""

import json
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.studio.spec_codec import spec_from_dict, spec_to_dict
from core.studio.values import Contest, Purpose, RunSpec
from core.synthesis.asks import Ask, Between, Equals, Fairness, OneOf, Shares
from core.synthesis.asks.codec import ask_from_dict, ask_to_dict, plain_value

FULL = RunSpec(
    engine="forest",
    params={"trees": 3},
    rows={"t": 70},
    seed=9,
    target="t.pay",
    model_of="abc",
    purpose=Purpose.AUGMENT,
    ask=Ask(
        (Equals("city", None), OneOf("age", (20, 70)), Between("pay", 1.5, None)),
        Shares("ok", {True: 0.25, None: 0.75}),
        "t",
    ),
    rules={"t": ("low <= high", "only a, b")},
    fairness=Fairness("group", "hired", 0.5),
    copies=3,
    fallback=("copula",),
    contest=Contest(("forest", "copula"), "def"),
)


@pytest.mark.parametrize("spec", [RunSpec(), FULL, RunSpec(purpose=Purpose.IMPUTE, copies=4)])
def test_a_specification_comes_back_from_json_as_it_was(spec: RunSpec) -> None:
    assert spec_from_dict(json.loads(json.dumps(spec_to_dict(spec)))) == spec


def test_what_was_stored_before_the_new_fields_still_loads() -> None:
    old = {"engine": "copula", "params": {}, "rows": {"t": 5}, "seed": 2, "holdout": 0.2}
    assert spec_from_dict(old) == RunSpec("copula", rows={"t": 5}, seed=2, preparation={})
    dumped = {k: v for k, v in asdict(RunSpec()).items() if k in {*old, "target", "model_of"}}
    assert spec_from_dict(dumped) == RunSpec(preparation={})


def test_dates_and_times_become_text_that_reads_back() -> None:
    assert plain_value(date(2024, 2, 29)) == "2024-02-29"
    assert plain_value(datetime(2024, 2, 29, 7, 5)) == "2024-02-29T07:05:00"
    assert plain_value(time(7, 5)) == "07:05:00"
    assert plain_value(timedelta(hours=7, minutes=5, seconds=1.5)) == "07:05:01.500000"


_VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
_CONDITIONS = (
    st.builds(Equals, st.text(), _VALUES)
    | st.builds(OneOf, st.text(), st.lists(_VALUES).map(tuple))
    | st.builds(Between, st.text(), _VALUES, _VALUES)
)


@given(st.lists(_CONDITIONS).map(tuple), st.dictionaries(_VALUES, st.floats(0, 1)))
def test_any_ask_comes_back(conditions, shares) -> None:
    ask = Ask(conditions, Shares("c", shares), "t")
    assert ask_from_dict(json.loads(json.dumps(ask_to_dict(ask)))) == ask


@pytest.mark.parametrize(
    "data", [{}, {"conditions": [{"kind": "sql", "column": "a"}]}, {"conditions": [{}]}]
)
def test_what_is_no_ask_is_refused(data) -> None:
    with pytest.raises(InvalidInput):
        ask_from_dict(data)
