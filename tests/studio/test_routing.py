"""The router: an order of engines with what speaks for each, and what a failed run goes on with."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.data.schema import Column, ColumnType, Relationship, Schema, Table
from core.errors import InvalidInput
from core.studio import advice
from core.studio.route_reasons import Wanted, data_of
from core.studio.routing import Route, private_route, route, usual_fallback
from core.studio.values import Contest, Estimate, Purpose, RunSpec
from core.synthesis.asks import Ask, Equals, Fairness
from core.synthesis.protocol import EngineInfo
from core.synthesis.registry import ENGINES
from tests.studio.office import Office

INFOS = [ENGINES[name] for name in ("copula", "ctgan", "forest", "aim", "mst")]
NUMBERS = Schema(
    (Table("t", tuple(Column(name, ColumnType.NUMBER) for name in ("a", "b", "c", "d"))),)
)
ORDERS = Table("orders", (Column("who", ColumnType.INTEGER), Column("on", ColumnType.DATE)))
RELATED = Schema(
    (Table("people", (Column("id", ColumnType.INTEGER),), "id"), ORDERS),
    (Relationship("people", "id", "orders", "who"),),
)


def routed(
    schema: Schema = NUMBERS,
    rows: dict[str, int] | None = None,
    spec: RunSpec | None = None,
    wanted: Wanted | None = None,
    costs: dict[str, Estimate] | None = None,
    infos: list[EngineInfo] = INFOS,
) -> Route:
    data = data_of(schema, rows or {"t": 24_000}, spec or RunSpec())
    return route(data, infos, wanted or Wanted(), costs)


def names(found: Route) -> list[str]:
    return [one.engine for one in found.candidates]


def test_mixed_tables_get_forest_and_few_rows_of_numbers_the_copula() -> None:
    large, small = routed(), routed(rows={"t": 120})
    assert large.first.engine == "forest"
    assert "24,000 rows, 4 of 4 columns" in large.suggestion.why
    assert small.first.engine == "copula"
    assert "120 rows" in small.suggestion.why
    assert any("little to learn from 120 rows" in con for con in small.candidates[2].cons)


def test_an_engine_with_a_guarantee_never_stands_before_one_without_unless_it_is_wanted() -> None:
    kinds = [one.is_guaranteed for one in routed().candidates]
    assert kinds == sorted(kinds)
    private = routed(wanted=Wanted(private=True))
    assert names(private) == ["aim", "mst"]
    said = private_route(private, NUMBERS, {"t": 24_000})
    assert "ε = 1 and δ = 1e-06" in said.why
    wide = Schema((Table("t", tuple(Column(f"c{i}", ColumnType.NUMBER) for i in range(101))),))
    assert routed(wide, wanted=Wanted(private=True)).first.engine == "mst"
    with pytest.raises(InvalidInput, match="this dataset has 2"):
        routed(RELATED, {"people": 5, "orders": 9}, wanted=Wanted(private=True))


def test_falling_back_goes_only_between_engines_without_a_guarantee() -> None:
    found = routed()
    assert found.fallback("forest") == ("copula", "ctgan")
    assert found.fallback("ctgan") == ("forest", "copula")
    assert found.fallback("aim") == found.fallback("gone") == ()
    assert found.best(3) == ("forest", "copula", "ctgan")
    assert usual_fallback(RunSpec(engine="aim"), NUMBERS, {"t": 9_000}, INFOS) == ()
    assert usual_fallback(RunSpec(model_of="x"), NUMBERS, {"t": 9_000}, INFOS) == ()
    assert usual_fallback(RunSpec(), NUMBERS, {"t": 9_000}, INFOS) == ("copula", "ctgan")


def test_related_tables_want_an_engine_that_takes_context_and_say_what_is_not_learned() -> None:
    found = routed(RELATED, {"people": 100, "orders": 900})
    assert found.first.engine == "forest"
    assert "2 related tables" in found.facts
    assert any("dated rows" in con for con in found.first.cons)
    copula = next(one for one in found.candidates if one.engine == "copula")
    assert any("is lost" in con for con in copula.cons)
    refused = {one.engine for one in found.candidates if one.why_not}
    assert refused == {"aim", "mst"}
    few = routed(RELATED, {"people": 100, "orders": 90})
    assert not any("dated rows" in con for con in few.first.cons)


def test_what_is_asked_moves_the_order_and_refuses_what_cannot_do_it() -> None:
    asked = routed(spec=RunSpec(ask=Ask((Equals("a", 1.0),), table="t")))
    assert "none is thrown away" in " ".join(asked.first.pros)
    filling = routed(spec=RunSpec(purpose=Purpose.IMPUTE))
    assert [one.engine for one in filling.candidates if not one.why_not] == ["forest"]
    assert filling.fallback("forest") == ()
    fair = routed(spec=RunSpec(fairness=Fairness("a", "b", 1.0)))
    assert {one.engine for one in fair.candidates if one.why_not} == {"aim", "mst"}


def test_costs_count_memory_first_then_the_time_allowed() -> None:
    costs = {
        "forest": Estimate(3, "", 9_000, exceeds=True),
        "copula": Estimate(5, ""),
        "ctgan": Estimate(900, ""),
        "aim": Estimate(60, ""),
        "mst": Estimate(9, ""),
    }
    found = routed(costs=costs)
    assert found.first.engine == "copula"
    assert "forest" not in found.fallback("copula")
    assert any("300 times" in con for con in found.candidates[1].cons)
    quick = {**costs, "forest": Estimate(40, "")}
    hurried = routed(costs=quick, wanted=Wanted(seconds=20))
    assert hurried.first.engine == "copula"
    assert any("time allowed" in con for one in hurried.candidates for con in one.cons)
    assert routed(costs=quick).first.engine == "forest"


def test_an_engine_from_outside_is_among_them_and_columns_of_many_labels_count() -> None:
    outside = replace(ENGINES["copula"], name="ours")
    assert "ours" in names(routed(infos=[*INFOS, outside]))
    schema = Schema((Table("t", (Column("zip", ColumnType.CATEGORY),)),))
    profile = SimpleNamespace(columns=[SimpleNamespace(name="zip", distinct=5_000)])
    data = data_of(schema, {"t": 9_000}, RunSpec(), {"t": profile})  # type: ignore[dict-item]
    assert data.labels == ("zip",)
    gan = next(one for one in route(data, INFOS).candidates if one.engine == "ctgan")
    assert any("100 labels" in con for con in gan.cons)


def test_the_studio_answers_with_costs_of_this_machine(office: Office, people_csv) -> None:
    dataset = office.reviewed(people_csv)
    found = office.studio.runs.route(office.worker, dataset.id)
    assert {one.engine for one in found.candidates} == set(ENGINES)
    assert all(one.cost is not None and one.cost.seconds > 0 for one in found.candidates)
    suggestion = office.studio.runs.suggest(office.worker, dataset.id)
    assert suggestion.engine == found.first.engine
    private = office.studio.runs.suggest(office.worker, dataset.id, private=True)
    assert ENGINES[private.engine].formal_guarantee
    several = RunSpec(purpose=Purpose.CONTEST, contest=Contest(("forest", "copula")))
    found = office.studio.runs.route(office.worker, dataset.id, several)
    assert not any("the sum over" in one.cost.basis for one in found.candidates)


def test_for_a_guarantee_the_labels_of_real_rows_are_not_looked_at(
    office: Office, people_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = office.reviewed(people_csv)
    looked: list[str] = []
    monkeypatch.setattr(advice, "read_profile", lambda vault, key: looked.append(key) or {})
    office.studio.runs.route(office.worker, dataset.id, private=True)
    assert not looked
    office.studio.runs.route(office.worker, dataset.id)
    assert looked == [dataset.id]
