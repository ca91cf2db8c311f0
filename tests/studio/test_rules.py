"""A dataset's rules: settled, checked, suggested, carried over, and taken by its runs."""

from pathlib import Path

import numpy as np
import pytest

from core.data.schema import Action, Role
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.studio.values import Dataset, Decision, RunSpec
from core.synthesis.asks import (
    Allowed,
    AtMost,
    Conditional,
    FixedCombinations,
    InRange,
    IsNull,
    NotNull,
    OneHot,
    SqlRule,
    SumOf,
    Unique,
)
from tests.studio.inline import inline
from tests.studio.office import Office

CITIES = [("CH", "Bern"), ("CH", "Zug"), ("IT", "Rome"), ("NO", "Oslo")]


@pytest.fixture
def orders_csv(tmp_path: Path) -> Path:
    """400 orders that keep a rule of each kind; the amounts of three add up to something else."""
    rng = np.random.default_rng(1)
    lines = ["code,country,city,ordered,shipped,net,tax,gross,card,cash,other,state,ended,share"]
    for i in range(400):
        country, city = CITIES[i % 4]
        first, days = int(rng.integers(1, 20)), int(rng.integers(0, 8))
        net, tax = int(rng.integers(100, 9000)), int(rng.integers(10, 900))
        gross = net + tax + (7 if i < 3 else 0)
        paid = rng.choice(3)
        flags = ",".join(str(int(paid == k)) for k in range(3))
        state = "closed" if rng.random() < 0.5 else "open"
        ended = f"2024-03-{first:02d}" if state == "closed" else ""
        lines.append(
            f"{5000 + 13 * i},{country},{city},2024-01-{first:02d},2024-01-{first + days:02d},"
            f"{net / 100:.2f},{tax / 100:.2f},{gross / 100:.2f},{flags},{state},{ended},"
            f"{rng.integers(0, 100) / 100:.2f}"
        )
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def orders(office: Office, orders_csv: Path) -> Dataset:
    """All columns kept and plain, without a key."""
    made = office.imported(orders_csv, f"Orders {orders_csv.parent.name}")
    kept = [
        Decision("orders", column.name, column.type, Role.PLAIN, Action.KEEP, "made up")
        for column in made.schema["orders"].columns
    ]
    office.studio.datasets.decide(office.worker, made.id, kept)
    return office.studio.datasets.set_keys(office.worker, made.id, {"orders": None}, ())


def test_what_the_rows_keep_is_suggested(office: Office, orders: Dataset) -> None:
    found = {one.rule: one for one in office.studio.rules.suggest(office.worker, orders.id)}
    expected = [
        FixedCombinations(("country", "city")),
        AtMost("ordered", "shipped"),
        OneHot(("card", "cash", "other")),
        InRange("share", 0, 1),
        InRange("net", 0),
        Unique(("code",)),
        Conditional(Allowed("state", ("closed",)), NotNull("ended")),
        Conditional(Allowed("state", ("open",)), IsNull("ended")),
    ]
    assert [rule for rule in expected if rule not in found] == []
    assert all(found[rule].share == 1 for rule in expected)
    total = found[SumOf("gross", ("net", "tax"))]
    assert total.share == pytest.approx(397 / 400)
    assert total.rows == 400
    wrong = [AtMost("shipped", "ordered"), AtMost("share", "gross"), Unique(("city",))]
    assert [rule for rule in wrong if rule in found] == []


def test_no_value_of_a_hidden_column_is_suggested(office: Office, orders: Dataset) -> None:
    kind = orders.schema["orders"]["state"].type
    hidden = Decision("orders", "state", kind, Role.SENSITIVE, Action.KEEP, "needed")
    office.studio.datasets.decide(office.worker, orders.id, [hidden])
    found = office.studio.rules.suggest(office.worker, orders.id)
    assert found
    assert not [one for one in found if "closed" in repr(one) or "open" in repr(one)]


def test_rules_are_settled_by_revision_and_checked_on_the_rows(
    office: Office, orders: Dataset
) -> None:
    rules = office.studio.rules
    wanted = {"orders": (SumOf("gross", ("net", "tax")), SqlRule("net > 50"), NotNull("ended"))}
    saved = rules.set(office.worker, orders.id, wanted, 0)
    assert (saved.rules, saved.revision, saved.count) == (wanted, 1, 3)
    checked = {one.rule: one for one in rules.check(office.worker, orders.id)}
    assert checked[wanted["orders"][0]].share == pytest.approx(397 / 400)
    assert 0.3 < (checked[wanted["orders"][1]].share or 0) < 0.7
    assert 0.3 < (checked[wanted["orders"][2]].share or 0) < 0.7
    with pytest.raises(Conflict, match="Somebody else"):
        rules.set(office.worker, orders.id, {}, 0)
    assert rules.get(office.worker, orders.id) == saved
    assert wanted["orders"][0] not in [one.rule for one in rules.suggest(office.worker, orders.id)]


def test_every_problem_is_said_and_nothing_is_saved(office: Office, orders: Dataset) -> None:
    bad = {
        "orders": (NotNull("nowhere"), InRange("city", 1), SqlRule("(SELECT 1) > net")),
        "no": (),
    }
    with pytest.raises(InvalidInput) as caught:
        office.studio.rules.set(office.worker, orders.id, bad, 0)
    assert len(caught.value.problems) == 3
    assert office.studio.rules.get(office.worker, orders.id).revision == 0


def test_the_audit_names_kinds_and_places_and_no_value(office: Office, orders: Dataset) -> None:
    rule = Allowed("city", ("Bern", "Zug", "Rome", "Oslo"))
    office.studio.rules.set(office.worker, orders.id, {"orders": (rule,)}, 0)
    admin = office.actors[UserRole.DOMAIN_ADMIN]
    entry = next(e for e in office.studio.audit.search(admin) if e.action == "rules.set")
    assert entry.details["kinds"] == ["orders[2]: allowed"]
    assert "Bern" not in str(entry.details)


def test_outsiders_and_auditors_see_no_rules(office: Office, orders: Dataset) -> None:
    for actor in (office.outsider, office.actors[UserRole.AUDITOR]):
        with pytest.raises((NotFound, PermissionDenied)):
            office.studio.rules.get(actor, orders.id)


def test_yaml_goes_out_and_comes_back(office: Office, orders: Dataset) -> None:
    rules = office.studio.rules
    wanted = {"orders": (InRange("net", 0, above=True), OneHot(("card", "cash", "other")))}
    rules.set(office.worker, orders.id, wanted, 0)
    text = rules.to_yaml(office.worker, orders.id)
    assert rules.from_yaml(office.worker, orders.id, text) == wanted
    assert rules.from_yaml(office.worker, orders.id, "rules:\n") == {}


BAD_TEXTS = {
    "rules: [": "no YAML: line",
    "a: &x [1]\nb: *x": "aliases",
    "rules: !!python/object/apply:os.system [ls]": "no YAML",
    "- 1": "as its template or export is",
    "rules:\n  orders: []\n  orders: []": "there twice",
    "rules: 3": "begin with",
    "other: {}": "begin with",
    "rules:\n  orders:\n  - rule: not_null\n": "`column` is not there",
    "rules:\n  nowhere:\n  - {rule: not_null, column: a}\n": "no table",
    "[" * 3_000: "no YAML",
}


def test_bad_yaml_is_told_by_place(office: Office, orders: Dataset) -> None:
    for text, said in BAD_TEXTS.items():
        with pytest.raises(InvalidInput, match=said):
            office.studio.rules.from_yaml(office.worker, orders.id, text)


def test_a_next_version_takes_the_rules_over(office: Office, orders: Dataset) -> None:
    wanted = {"orders": (AtMost("ordered", "shipped"), NotNull("code"), NotNull("gone"))}
    with pytest.raises(InvalidInput):
        office.studio.rules.set(office.worker, orders.id, wanted, 0)
    wanted = {"orders": wanted["orders"][:2]}
    office.studio.rules.set(office.worker, orders.id, wanted, 0)
    path = Path(office.home) / "orders.csv"
    path.write_text("ordered,shipped\n" + "2024-01-01,2024-01-02\n" * 30)
    after = office.imported(path, orders.name)
    found = office.studio.rules.get(office.worker, after.id)
    assert found.carried
    assert found.rules == {"orders": (AtMost("ordered", "shipped"),)}
    assert (found.revision, found.left_out) == (0, 1)
    assert office.studio.rules.set(office.worker, after.id, {}, 0).rules == {}
    assert not office.studio.rules.get(office.worker, after.id).carried


def test_a_run_takes_the_rules_of_its_dataset(office: Office, orders: Dataset) -> None:
    total = SumOf("gross", ("net", "tax"))
    wanted = {"orders": (total, AtMost("ordered", "shipped"), InRange("share", 0, 1))}
    office.studio.rules.set(office.worker, orders.id, wanted, 0)
    with inline(office):
        run = office.studio.runs.submit(office.worker, orders.id, RunSpec(depth="quick"))
        run = office.studio.runs.get(office.worker, run.id)
        bare = office.studio.runs.submit(office.worker, orders.id, RunSpec(kept={}))
        again = office.studio.runs.sample_again(office.worker, run.id)
    assert run.spec.kept == wanted
    reports = {one["rule"]: one for one in run.result["asked"]["rules"]}
    assert reports[total.words]["kept"] == 1
    assert 0.98 < reports[total.words]["kept_in_training"] < 1
    assert bare.spec.kept == {}
    assert again.spec.kept == wanted
    made = office.studio.runs.synthetic(office.worker, run.id, "orders", 400)
    assert ((made["net"] + made["tax"] - made["gross"]).abs() < 1e-6).all()
    assert (made["ordered"] <= made["shipped"]).all()


def test_rules_of_a_removed_dataset_are_gone(office: Office, orders: Dataset) -> None:
    office.studio.rules.set(office.worker, orders.id, {"orders": (NotNull("code"),)}, 0)
    office.studio.datasets.remove(office.worker, orders.id)
    with pytest.raises(NotFound):
        office.studio.rules.get(office.worker, orders.id)
    with office.studio._context.database.reading() as session:
        from core.store.tables import PlanRow

        assert session.get(PlanRow, orders.id) is None
