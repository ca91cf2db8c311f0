"""The thresholds page: who may change them, what is stored, and what is refused."""

import pytest

from core.governance.policy import UserRole
from tests.app.harness import House, texts

GENERAL, DOMAIN, PLATFORM, AUDITOR = UserRole


@pytest.fixture(autouse=True)
def defaults(house: House):
    yield
    house.studio.policies.set(house.actors[PLATFORM], house.project.id, None)


def value(app, ending: str):
    """The number input whose key ends so."""
    return next(one for one in app.number_input if one.key.endswith(ending))


@pytest.mark.parametrize("role", [GENERAL])
def test_others_read_them_only(house: House, role: UserRole) -> None:
    app = house.app(role, "thresholds")
    assert not app.exception
    assert not app.number_input
    assert "has the defaults for finance" in texts(app)
    attacks, gates, dials = (frame.value for frame in app.dataframe)
    assert list(attacks["Attack"])[:2] == ["Exact copies", "Near copies"]
    rules = gates[gates["Threshold"] == "Rules"].iloc[0]
    assert (rules["Value"], rules["By default"]) == ("0.999", "0.999")
    assert len(dials) == 6


@pytest.mark.parametrize("role", [DOMAIN, PLATFORM])
def test_admins_set_them_and_take_them_back(house: House, role: UserRole) -> None:
    app = house.app(role, "thresholds")
    assert not [button for button in app.button if button.key == "thresholds_reset"]
    value(app, "_copies_fail").set_value(0.5)
    value(app, "_small_group").set_value(12)
    next(box for box in app.selectbox if box.label == "Similar distribution by").set_value("p")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    found = house.studio.policies.get(house.actors[role], house.project.id)
    assert (found.policy.bounds("copies").fail, found.policy.small_group) == (0.5, 12)
    assert found.policy.gates.distribution_by == "p"
    assert "Set for Retail bank by" in texts(app)
    app.button(key="thresholds_reset").click().run()
    assert house.studio.policies.get(house.actors[role], house.project.id).is_default
    assert value(app, "_copies_fail").value == 0.02


def test_bounds_that_cannot_be_are_refused_in_words(house: House) -> None:
    app = house.app(DOMAIN, "thresholds")
    value(app, "_copies_warn").set_value(0.9)
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert "warn ≤ fail" in texts(app)
    assert house.studio.policies.get(house.actors[DOMAIN], house.project.id).is_default


def test_an_auditor_opens_the_page(house: House) -> None:
    app = house.app(AUDITOR, "thresholds")
    assert not app.exception
    assert not app.number_input
