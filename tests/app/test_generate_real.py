"""The generate page on a real studio: what it offers of a sample is what the preview then makes."""

import pytest

from core.governance.policy import UserRole
from tests.app.harness import House, texts

WORKERS = (UserRole.GENERAL, UserRole.DOMAIN_ADMIN, UserRole.PLATFORM_ADMIN)


@pytest.fixture(scope="module")
def dataset(house: House):
    return house.sample("bank_customers", reviewed=True)


def page(house: House, dataset, role: UserRole):
    app = house.app(role, "generate", dataset=dataset.id)
    assert not app.exception
    return app


def asked(house: House, dataset, role: UserRole):
    """Ask for one segment and half of the rows churned."""
    key = f"generate_{dataset.id}_0_ask"
    own = f"{key}_{dataset.schema.names[0]}"
    app = page(house, dataset, role)
    app.toggle(key=f"{key}_conditions").set_value(True).run()
    app.selectbox(key=f"{own}_condition_0_column").select("segment").run()
    app.multiselect(key=f"{own}_condition_0_segment_values").select("premium").run()
    app.toggle(key=f"{key}_shares").set_value(True).run()
    app.selectbox(key=f"{own}_share_column").select("churned").run()
    app.button(key=f"{own}_share_churned_make_even").click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("role", WORKERS)
def test_the_preview_has_only_such_rows(house: House, dataset, role):
    app = asked(house, dataset, role)
    assert not app.button(key="generate_start").disabled
    app.button(key="generate_preview_button").click().run()
    assert not app.exception
    rows = app.dataframe[-1].value
    assert set(rows["segment"]) == {"premium"}
    assert rows["churned"].mean() == pytest.approx(0.5, abs=0.001)


def test_what_engines_cost_is_said(house: House, dataset):
    said = texts(page(house, dataset, UserRole.GENERAL))
    assert "Cost on this data" in said
    assert "No formal guarantee" in said


def test_sensitive_columns_can_be_freed(house: House, dataset):
    app = page(house, dataset, UserRole.GENERAL)
    app.button(key="generate_afresh").click().run()
    app.toggle(key=f"generate_{dataset.id}_1_ask_fair").set_value(True).run()
    assert not app.exception
    assert not app.button(key="generate_start").disabled
    assert "is broken" in texts(app)


def test_who_may_not_start_runs_sees_nothing_of_it(house: House, dataset):
    app = house.app(UserRole.AUDITOR, "generate", dataset=dataset.id, again="r1")
    assert not app.exception
    assert "You may not open this page" in texts(app)
    assert [b.key for b in app.button if b.key == "generate_start"] == []
    assert "premium" not in texts(app)
