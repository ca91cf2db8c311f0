"""What administrators and auditors change and read: people, projects, audit, settings."""

import pytest
from streamlit.testing.v1 import AppTest

from app.resources import studio
from app.session import TOKEN_KEY
from core.governance.policy import UserRole
from tests.app.harness import PASSWORD, House, texts

ADMIN = UserRole.PLATFORM_ADMIN


def member(house: House, username: str):
    people = studio().people.list(house.actors[ADMIN])
    return next((m for m in people if m.username == username), None)


def create_account(house: House, username: str, password: str = PASSWORD) -> AppTest:
    app = house.app(ADMIN, "people")
    app.text_input(key="new_username").set_value(username)
    app.text_input(key="new_name").set_value("New Person")
    app.radio(key="new_role").set_value(UserRole.AUDITOR)
    app.text_input(key="new_password").set_value(password)
    app.text_input(key="new_again").set_value(password)
    return app.button(key="FormSubmitter:new_account-Create account").click().run()


def test_an_account_is_created_with_its_role(house: House) -> None:
    app = create_account(house, "nora")
    assert not app.exception
    assert member(house, "nora").role == "auditor"
    assert "nora" in app.dataframe[0].value["User name"].tolist()


def test_a_bad_account_shows_every_problem_and_creates_nothing(house: House) -> None:
    app = create_account(house, "x y", "short")
    assert "`username` must" in app.error[0].value
    assert "`password` must" in app.error[0].value
    assert member(house, "x y") is None


def test_role_password_and_access_of_an_account(house: House) -> None:
    create_account(house, "omar")
    user = member(house, "omar")
    app = house.app(ADMIN, "people")
    app.selectbox(key="account").set_value(user.user_id).run()
    app.selectbox(key=f"role_{user.user_id}").set_value(UserRole.GENERAL).run()
    app.button(key="set_role").click().run()
    assert member(house, "omar").role == "general"
    token = studio().people.sign_in("omar", PASSWORD, "test").token
    app.button(key="end_sessions").click().run()
    assert studio().people.actor(token, "test") is None
    app.button(key="set_disabled").click().run()
    assert member(house, "omar").disabled
    app.button(key="set_disabled").click().run()
    assert not member(house, "omar").disabled
    app.text_input(key="reset_password").set_value("another-long-pass-8")
    app.text_input(key="reset_again").set_value("another-long-pass-8")
    app.button(key=f"FormSubmitter:password_{user.user_id}-Set password").click().run()
    assert not app.exception
    assert studio().people.sign_in("omar", "another-long-pass-8", "test").token


def test_an_administrator_cannot_lock_themselves_out(house: House) -> None:
    app = house.app(ADMIN, "people")
    own = house.actors[ADMIN].user_id
    app.selectbox(key="account").set_value(own).run()
    assert app.button(key="set_disabled").disabled
    app.selectbox(key=f"role_{own}").set_value(UserRole.GENERAL).run()
    app.button(key="set_role").click().run()
    assert "last active platform admin" in app.warning[0].value
    assert member(house, "platform_admin").role == "platform_admin"


def test_members_come_and_go(house: House) -> None:
    create_account(house, "lena")
    lena, project = member(house, "lena"), house.project.id
    app = house.app(UserRole.DOMAIN_ADMIN, "projects")
    app.text_input(key=f"member_{project}").set_value("LENA")
    app.button(key=f"FormSubmitter:add_{project}-Add").click().run()
    assert not app.exception
    app.button(key=f"remove_{project}_{lena.user_id}").click().run()
    assert not app.exception
    left = studio().projects.members(house.actors[ADMIN], project)
    assert lena.user_id not in {m.user_id for m in left}


def test_an_unknown_member_is_a_designed_state(house: House) -> None:
    app = house.app(UserRole.DOMAIN_ADMIN, "projects")
    app.text_input(key=f"member_{house.project.id}").set_value("nobody-here")
    app.button(key=f"FormSubmitter:add_{house.project.id}-Add").click().run()
    assert "Not found" in app.warning[0].value
    assert app.title[0].value == "Projects"


def test_a_new_project_becomes_the_current_one(house: House) -> None:
    app = house.app(UserRole.DOMAIN_ADMIN, "projects")
    app.text_input(key="project_name").set_value("Claims")
    app.button(key="FormSubmitter:new_project-Create project").click().run()
    assert not app.exception
    picker = app.selectbox(key="project_picker")
    assert "Claims" in picker.options
    chosen = next(
        p for p in studio().projects.list(house.actors[UserRole.DOMAIN_ADMIN]) if p.name == "Claims"
    )
    assert picker.value == chosen.id
    picker.set_value(house.project.id).run()
    assert app.selectbox(key="project_picker").value == house.project.id


def test_a_platform_admin_is_offered_only_projects_of_their_own(house: House) -> None:
    domain = house.actors[UserRole.DOMAIN_ADMIN]
    other = studio().projects.create(domain, "Only ours", "")
    app = house.app(ADMIN)
    assert "Only ours" not in app.selectbox(key="project_picker").options
    assert "Only ours" in texts(house.app(ADMIN, "projects"))
    assert other.id not in {p.id for p in studio().projects.list(house.actors[UserRole.GENERAL])}


def test_a_link_into_a_foreign_project_leads_nowhere(house: House) -> None:
    domain = house.actors[UserRole.DOMAIN_ADMIN]
    other = studio().projects.create(domain, "Foreign", "")
    dataset = studio().datasets.import_sample(domain, other.id, "sensors")
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    assert not app.exception
    assert "Not found" in texts(app)
    assert dataset.name not in texts(app).replace("Sensor readings", "", 1)
    own = house.app(UserRole.DOMAIN_ADMIN, "datasets", dataset=dataset.id)
    assert own.selectbox(key="project_picker").value == other.id


def test_the_audit_is_searched_and_verified(house: House) -> None:
    app = house.app(UserRole.AUDITOR, "audit")
    app.selectbox(key="audit_action").set_value("people.create").run()
    assert set(app.dataframe[0].value["Action"]) == {"Create an account"}
    assert "Done" in set(app.dataframe[0].value["Outcome"]) <= {"Done", "Failed"}
    details = list(app.dataframe[0].value["Details"])
    assert any(": " in said for said in details)
    assert not any(sign in said for said in details for sign in '{}"')
    app.text_input(key="audit_user").set_value("no-such-user").run()
    assert not app.dataframe
    assert "No record matches" in texts(app)
    app.text_input(key="audit_user").set_value("").run()
    app.button(key="audit_verify").click().run()
    assert "as they were written" in app.success[0].value


def test_a_domain_admin_reads_the_audit_of_their_projects_only(house: House) -> None:
    app = house.app(UserRole.DOMAIN_ADMIN, "audit")
    assert not app.exception
    shown = set(app.dataframe[0].value["Action"])
    assert "people.create" not in shown
    with pytest.raises(KeyError):
        app.button(key="audit_verify")


def test_a_changed_password_renews_this_session_and_ends_the_others(house: House) -> None:
    create_account(house, "kim")
    elsewhere = studio().people.sign_in("kim", PASSWORD, "test").token
    app = house.app(None)
    app.text_input(key="sign_in_username").set_value("kim")
    app.text_input(key="sign_in_password").set_value(PASSWORD)
    app.button[0].click().run()
    before = app.session_state[TOKEN_KEY]
    app.switch_page("../pages/settings.py").run()
    app.text_input(key="own_old").set_value(PASSWORD)
    app.text_input(key="own_password").set_value("a-new-long-pass-8")
    app.text_input(key="own_again").set_value("a-new-long-pass-8")
    app.button(key="FormSubmitter:own_password-Change password").click().run()
    assert not app.exception
    assert app.title[0].value == "Settings"
    assert app.session_state[TOKEN_KEY] != before
    assert studio().people.actor(elsewhere, "test") is None
    assert studio().people.actor(before, "test") is None


def test_sign_out_everywhere(house: House) -> None:
    elsewhere = studio().people.sign_in("auditor", PASSWORD, "test").token
    app = house.app(UserRole.AUDITOR, "settings")
    app.button(key="sign_out_everywhere").click().run()
    assert app.title[0].value == "Sign in"
    assert studio().people.actor(elsewhere, "test") is None
    house.tokens[UserRole.AUDITOR] = studio().people.sign_in("auditor", PASSWORD, "test").token
