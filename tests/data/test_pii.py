import json
import re

import numpy as np
import pandas as pd
import pytest

from core.data.frames import canonical
from core.data.pii import (
    SEMANTICS,
    Finding,
    apply_suggestions,
    find_pii,
    masked_columns,
    why_not,
)
from core.data.pii.semantics import semantic_type
from core.data.schema import Action, Column, ColumnType, Role, Table
from core.errors import InvalidInput, NotFound

T = ColumnType
FIRST = ["Anna", "Peter", "Maria", "John", "Emma", "Lucas", "Sofia", "David", "Laura", "Paul"]
LAST = ["Smith", "Müller", "García", "Rossi", "Novak", "Jones", "Schmidt", "Silva", "Moore", "King"]


def frame_of(**columns: tuple[ColumnType, list]):
    table = Table("t", tuple(Column(name, kind) for name, (kind, _) in columns.items()))
    frame = pd.DataFrame({name: pd.Series(v, dtype="object") for name, (_, v) in columns.items()})
    return canonical(frame, table), table


def found(**columns: tuple[ColumnType, list]) -> dict[str, Finding]:
    return find_pii(*frame_of(**columns))


def test_a_customer_table():
    people = [(f, n) for f in FIRST for n in LAST]
    findings = found(
        customer_id=(T.INTEGER, list(range(1, 101))),
        first_name=(T.CATEGORY, [f for f, _ in people]),
        surname=(T.CATEGORY, [n for _, n in people]),
        email=(T.TEXT, [f"{f}.{n}{i}@example.com" for i, (f, n) in enumerate(people)]),
        mobile=(T.TEXT, [f"+49 170 {1000000 + i * 7919}" for i in range(100)]),
        street=(T.TEXT, [f"Gartenstraße {i + 1}" for i in range(100)]),
        birth_date=(T.DATE, list(pd.date_range("1950-01-01", periods=100, freq="100D"))),
        balance=(T.NUMBER, list(np.linspace(0, 1e6, 100))),
        segment=(T.CATEGORY, ["retail", "private"] * 50),
    )
    assert {name: f.semantic for name, f in findings.items()} == {
        "customer_id": "identifier",
        "first_name": "first_name",
        "surname": "last_name",
        "email": "email",
        "mobile": "phone",
        "street": "street_address",
        "birth_date": "date_of_birth",
    }
    assert findings["email"].suggested_action is Action.REPLACE
    assert findings["email"].suggested_role is Role.IDENTIFIER
    assert findings["birth_date"].suggested_action is Action.KEEP
    assert findings["birth_date"].suggested_role is Role.QUASI_IDENTIFIER
    direct = {"customer_id", "first_name", "surname", "email", "mobile", "street"}
    assert masked_columns(findings) == direct


def test_findings_show_no_raw_value():
    findings = find_pii(*_leaky())
    assert set(findings) == {"email", "who", "note"}
    shown = json.dumps([f.to_dict() for f in findings.values()], ensure_ascii=False)
    assert "secret" not in shown
    assert "person1" not in shown
    assert not re.search("|".join(LAST), shown)


def _leaky():
    return frame_of(
        email=(T.TEXT, [f"person{i}@secret{i}.org" for i in range(100)]),
        who=(T.CATEGORY, [f"{f} {n}" for f in FIRST for n in LAST]),
        note=(T.TEXT, [f"Please write to person{i}@secret.org about it" for i in range(100)]),
    )


def test_text_with_details_is_dropped_and_says_what_was_found():
    texts = [f"Customer number {i} asked for a call back in the morning" for i in range(96)]
    texts += [f"Mail me at a{i}@example.com please, Mr Smith" for i in range(4)]
    finding = found(note=(T.TEXT, texts))["note"]
    assert (finding.semantic, finding.suggested_action) == ("free_text", Action.DROP)
    assert "e-mail addresses (4 %" in finding.why
    assert finding.share == pytest.approx(0.04)


def test_text_without_details_is_still_asked_about():
    texts = [f"the shipment number {i} came late and was not complete at all" for i in range(60)]
    finding = found(note=(T.TEXT, texts))["note"]
    assert finding.semantic == "free_text"
    assert finding.confidence == 0.5


def test_e_mails_among_other_contacts():
    contacts = [f"a{i}@example.com" for i in range(30)] + [f"+49 170 55{i:05d}" for i in range(70)]
    assert found(contact=(T.TEXT, contacts))["contact"].suggested_action is not Action.KEEP


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("amount", T.INTEGER, [10**12 + 7919 * i for i in range(100)]),
        ("duration_ms", T.INTEGER, [1_600_000_000_000 + i * i for i in range(100)]),
        ("v", T.INTEGER, [2025550100 + 3 * i for i in range(100)]),
        ("price", T.TEXT, [f"{i}.{i % 100:02d}" for i in range(100)]),
        ("month", T.TEXT, [f"{1900 + i}-0{1 + i % 9}" for i in range(100)]),
        ("version", T.CATEGORY, [f"{i % 9}.{i % 7}.{i % 5}.{i % 3}" for i in range(100)]),
        ("state", T.CATEGORY, ["Virginia", "Georgia", "Carolina", "Dakota", "Texas"] * 20),
        ("product_name", T.CATEGORY, ["Apple Pie", "Olive Oil", "Ginger Ale", "Ruby Port"] * 25),
        ("room_type", T.CATEGORY, ["Entire home/apt", "Private room", "Shared room"] * 30),
        ("email_sent", T.BOOLEAN, [True, False] * 50),
        ("phone_type", T.CATEGORY, ["home", "work"] * 50),
        ("address_type", T.CATEGORY, ["home", "work"] * 50),
        ("card_brand", T.CATEGORY, ["visa", "amex"] * 50),
        ("latency", T.NUMBER, list(np.linspace(0, 80, 100))),
        ("page", T.INTEGER, [i % 40 for i in range(100)]),
        ("description_length", T.INTEGER, [i % 77 for i in range(100)]),
        ("name", T.CATEGORY, ["sensor one", "sensor two"] * 50),
        ("station", T.CATEGORY, [f"Station {i % 30}" for i in range(100)]),
        ("education_num", T.INTEGER, [i % 16 for i in range(100)]),
        ("empty", T.TEXT, [None] * 100),
    ],
)
def test_misleading_columns_are_left_alone(name, kind, values):
    assert found(**{name: (kind, values)}) == {}


@pytest.mark.parametrize(
    ("name", "kind", "values", "semantic"),
    [
        ("phone", T.INTEGER, [2025550100 + 3 * i for i in range(100)], "phone"),
        ("ssn", T.INTEGER, [123450000 + 17 * i for i in range(100)], "national_id"),
        ("x", T.TEXT, [f"{100 + i}-{10 + i % 80}-{1000 + i}" for i in range(100)], "national_id"),
        ("x", T.TEXT, [f"10.{i}.200.{i + 1}" for i in range(100)], "ip"),
        ("x", T.TEXT, [f"00:1b:44:11:3a:{i:02x}" for i in range(100)], "mac"),
        ("x", T.TEXT, [f"https://example.com/u/{i}" for i in range(100)], "url"),
        ("login", T.TEXT, [f"jdoe{i}" for i in range(100)], "username"),
        ("zip_code", T.INTEGER, [10000 + 37 * i for i in range(100)], "postcode"),
        ("lat", T.NUMBER, list(np.linspace(40.1, 41.2, 100)), "coordinates"),
        ("gps", T.TEXT, [f"40.{1000 + i}, -73.{9000 + i}" for i in range(100)], "coordinates"),
        ("sex", T.CATEGORY, ["m", "f"] * 50, "gender"),
        ("religion", T.CATEGORY, ["a", "b"] * 50, "sensitive"),
        ("year_of_birth", T.INTEGER, [1940 + i % 60 for i in range(100)], "date_of_birth"),
        ("x", T.TEXT, [f"AB-{i * 7919 % 100000:05d}" for i in range(100)], "identifier"),
        ("row", T.INTEGER, list(range(100)), "identifier"),
        ("employer", T.CATEGORY, ["Acme GmbH", "Foo Ltd"] * 50, "company"),
    ],
)
def test_what_is_there_is_found(name, kind, values, semantic):
    assert found(**{name: (kind, values)})[name].semantic == semantic


def test_keys_are_identifiers_whatever_they_look_like():
    frame, table = frame_of(code=(T.CATEGORY, ["a", "b"]), ref=(T.CATEGORY, ["x", "x"]))
    keyed = Table("t", table.columns, primary_key="code")
    findings = find_pii(frame, keyed, keys=frozenset({"ref"}))
    assert {f.semantic for f in findings.values()} == {"identifier"}
    assert set(findings) == {"code", "ref"}


@pytest.mark.parametrize("kind", list(T))
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_empty_and_tiny_columns(kind, rows):
    assert isinstance(found(name=(kind, [None] * rows)), dict)


def test_findings_survive_json():
    findings = find_pii(*_leaky())
    for finding in findings.values():
        assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding
        assert 0 <= finding.confidence <= 1
        assert 0 <= finding.share <= 1
    with pytest.raises(InvalidInput, match="not a finding"):
        Finding.from_dict({"column": "x"})


def test_suggestions_settle_every_column():
    frame, table = frame_of(
        email=(T.TEXT, [f"a{i}@example.com" for i in range(50)]),
        amount=(T.NUMBER, list(np.linspace(0, 1, 50))),
    )
    settled = apply_suggestions(table, find_pii(frame, table))
    assert settled["email"].semantic == "email"
    assert settled["email"].role is Role.IDENTIFIER
    assert [column.action for column in settled.columns] == [Action.REPLACE, Action.KEEP]


def test_a_decision_that_was_made_stays():
    frame, table = frame_of(amount=(T.NUMBER, [1.0, 2.0]))
    decided = Table("t", (Column("amount", T.NUMBER, action=Action.DROP),))
    assert apply_suggestions(decided, {})["amount"].action is Action.DROP
    assert find_pii(frame, table) == {}


def test_semantic_types_are_complete():
    for name, semantic in SEMANTICS.items():
        assert semantic_type(name) is semantic
        assert semantic.title
        assert semantic.explanation.endswith(".")
        assert semantic.direct == (semantic.action is not Action.KEEP)
    with pytest.raises(NotFound, match="Known are: email"):
        semantic_type("nonsense")


def test_phones_of_all_styles_under_no_name():
    styles = ("({0}) {1}-{2}", "{0}.{1}.{2}x12", "{0}-{1}-{2}", "+1-{0}-{1}-{2}", "001-{0}-{1}-{2}")
    numbers = [styles[i % 5].format(200 + i, 111 + 7 * i, 1000 + 13 * i) for i in range(60)]
    assert found(col_1=(T.TEXT, numbers))["col_1"].semantic == "phone"
    codes = [f"{11 + i}-{20000 + 7 * i}-{i % 9}" for i in range(60)]
    finding = found(col_1=(T.TEXT, codes)).get("col_1")
    assert finding is None or finding.semantic != "phone"


@pytest.mark.parametrize("name", ["accno", "CustNo", "policyno", "case_no"])
def test_record_numbers_whose_name_is_written_in_one_word(name):
    numbers = [10**9 + 7919 * i * i for i in range(60)]
    assert found(**{name: (T.INTEGER, numbers)})[name].semantic == "identifier"


def test_numbers_of_orders_are_no_personal_data_but_are_known():
    numbers = [f"0{100_000_000 + 7919 * i * i}" for i in range(60)]
    semantic = found(order_no=(T.TEXT, numbers))["order_no"].semantic
    assert semantic == "record_number"
    assert not SEMANTICS[semantic].personal
    assert SEMANTICS[semantic].action is Action.REPLACE


def test_days_of_birth_without_a_name():
    births = list(pd.date_range("1935-03-01", periods=200, freq="130D"))
    orders = list(pd.date_range("2021-03-01", periods=200, freq="5D"))
    findings = found(col_1=(T.DATE, births), col_2=(T.DATE, orders), founded_on=(T.DATE, births))
    assert {name: f.semantic for name, f in findings.items()} == {"col_1": "date_of_birth"}


def test_a_postcode_beside_its_city():
    cities = ["Berlin", "Hamburg", "München", "Leipzig", "Dresden", "Bremen", "Rostock"] * 10
    plain = [10_115 + 1_261 * i for i in range(70)]
    frame = {"a": (T.INTEGER, plain), "col_1": (T.INTEGER, plain), "city": (T.CATEGORY, cities)}
    findings = found(**frame)
    assert {name: f.semantic for name, f in findings.items()} == {
        "col_1": "postcode",
        "city": "city",
    }


@pytest.mark.parametrize(
    ("name", "values", "semantic"),
    [
        ("diagnose", ["J18.9", "E11.2", "I10", "F32.1"] * 10, "icd10"),
        ("mrn", [f"{40_000_000 + 7919 * i}" for i in range(40)], "medical_record"),
        ("дата рождения", list(pd.date_range("1960-01-01", periods=40)), "date_of_birth"),
        ("电话", [f"010 8234 {1000 + 37 * i}" for i in range(40)], "phone"),
        ("c1", [f"{'ABCEHJ'[i % 6]}{i % 90:02d}.{i % 9}"[: 3 + i % 3] for i in range(90)], None),
        ("sex", ["m", "f"] * 20, "gender"),
        ("col_1", ["männlich", "weiblich"] * 20, "gender"),
    ],
)
def test_names_in_other_languages_and_codes(name, values, semantic):
    kind = T.DATE if semantic == "date_of_birth" else T.TEXT
    finding = found(**{name: (kind, values)}).get(name)
    assert (finding.semantic if finding else None) == semantic


def test_why_a_column_was_not_flagged():
    numbers = [f"{7_100_000_000_000_000 + 104_729 * i}" for i in range(80)]
    frame, table = frame_of(col_1=(T.TEXT, numbers), state=(T.CATEGORY, ["open", "shut"] * 40))
    card = why_not(frame["col_1"], table["col_1"])
    assert "look like card numbers" in card
    assert "check digit" in card
    assert not any(number in card for number in numbers)
    assert why_not(frame["state"], table["state"]).startswith("It has only 2 different values")
    finding = found(order_no=(T.TEXT, numbers))["order_no"]
    assert "order, invoice or device" in why_not(frame["col_1"], table["col_1"], finding)


def test_why_not_of_an_empty_column():
    frame, table = frame_of(x=(T.TEXT, [None, None]))
    assert why_not(frame["x"], table["x"]) == "The column is empty."
