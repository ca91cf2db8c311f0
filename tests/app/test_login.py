"""Signing in, the first administrator, signing out, and sessions that end elsewhere."""

import pytest
from streamlit.testing.v1 import AppTest

from app.components.auth import TICKET_KEY
from app.resources import RESOURCES, studio
from app.session import PROJECT_KEY, TOKEN_KEY
from core.api import COOKIE
from core.governance.policy import UserRole
from tests.app.harness import PASSWORD, ROOT, TIMEOUT_S, House, texts


def open_app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=TIMEOUT_S).run()


def fill_first_admin(app: AppTest, code: str, again: str = PASSWORD) -> AppTest:
    app.text_input(key="first_code").set_value(code)
    app.text_input(key="first_username").set_value("petra")
    app.text_input(key="first_name").set_value("Petra Admin")
    app.text_input(key="first_password").set_value(PASSWORD)
    app.text_input(key="first_again").set_value(again)
    return app.button[0].click().run()


def sign_in(app: AppTest, username: str, password: str) -> AppTest:
    app.text_input(key="sign_in_username").set_value(username)
    app.text_input(key="sign_in_password").set_value(password)
    return app.button[0].click().run()


def test_the_first_administrator_needs_the_code(fresh_studio: None) -> None:
    app = fill_first_admin(open_app(), "not-the-code")
    assert app.error
    assert TOKEN_KEY not in app.session_state
    assert studio().people.first_admin_code() is not None


def test_the_first_administrator_types_the_password_twice(fresh_studio: None) -> None:
    app = fill_first_admin(open_app(), studio().people.first_admin_code(), again="else-99-else")
    assert "two passwords differ" in texts(app)
    assert studio().people.first_admin_code() is not None


def test_the_first_administrator_lands_in_the_app(fresh_studio: None) -> None:
    app = fill_first_admin(open_app(), studio().people.first_admin_code())
    assert not app.exception
    assert app.title[0].value == "Welcome, Petra"
    assert studio().people.first_admin_code() is None
    ticket = RESOURCES.tickets.redeem(app.session_state[TICKET_KEY])
    assert ticket.token == app.session_state[TOKEN_KEY]
    app.text_input(key="project_name").set_value("Retail bank")
    app.button(key="FormSubmitter:new_project-Create project").click().run()
    assert not app.exception
    assert app.selectbox(key="project_picker").value is not None


def test_sign_in_opens_the_app(house: House) -> None:
    app = sign_in(open_app(), "general", PASSWORD)
    assert not app.exception
    assert app.title[0].value == "Welcome, Test"
    assert app.session_state[TICKET_KEY] != app.session_state[TOKEN_KEY]


@pytest.mark.parametrize(
    ("username", "password"), [("general", "wrong-pass-77"), ("nobody", PASSWORD), ("", "")]
)
def test_wrong_credentials_stay_outside(house: House, username: str, password: str) -> None:
    app = sign_in(open_app(), username, password)
    assert app.error
    assert TOKEN_KEY not in app.session_state
    assert app.title[0].value == "Sign in"


def test_an_error_message_does_not_say_which_half_was_wrong(house: House) -> None:
    first = sign_in(open_app(), "auditor", "wrong-pass-77").error[0].value
    second = sign_in(open_app(), "no-such-user", "wrong-pass-77").error[0].value
    assert first == second


def test_repeated_failures_lock_sign_in_for_a_while(fresh_studio: None) -> None:
    fill_first_admin(open_app(), studio().people.first_admin_code())
    for _ in range(12):
        app = sign_in(open_app(), "petra", "wrong-pass-77")
        if "again in" in texts(app).lower() or "wait" in texts(app).lower():
            break
    else:
        pytest.fail("sign-in was never locked")
    locked = sign_in(open_app(), "petra", PASSWORD)
    assert TOKEN_KEY not in locked.session_state


def test_sign_out_ends_the_session_on_the_server(house: House) -> None:
    app = sign_in(open_app(), "general", PASSWORD)
    token = app.session_state[TOKEN_KEY]
    app.button(key="sign_out").click().run()
    assert not app.exception
    assert app.title[0].value == "Sign in"
    assert studio().people.actor(token, "test") is None
    assert PROJECT_KEY not in app.session_state


def test_a_session_ended_by_an_administrator_ends_at_the_next_run(house: House) -> None:
    app = sign_in(open_app(), "general", PASSWORD)
    admin = house.actors[UserRole.PLATFORM_ADMIN]
    general = house.actors[UserRole.GENERAL]
    studio().people.end_sessions(admin, general.user_id)
    app.run()
    assert app.title[0].value == "Sign in"
    assert TOKEN_KEY not in app.session_state
    house.tokens[UserRole.GENERAL] = studio().people.sign_in("general", PASSWORD, "test").token


def test_a_disabled_account_is_out_at_the_next_run(house: House) -> None:
    admin = house.actors[UserRole.PLATFORM_ADMIN]
    member = studio().people.create(admin, "guest", "Guest", PASSWORD, UserRole.GENERAL)
    app = sign_in(open_app(), "guest", PASSWORD)
    studio().people.set_disabled(admin, member.user_id, True)
    app.run()
    assert app.title[0].value == "Sign in"
    assert "guest" not in texts(app).lower()


def test_a_reload_finds_the_session_by_its_cookie(house: House, connection: dict[str, str]) -> None:
    connection[COOKIE] = house.tokens[UserRole.AUDITOR]
    assert open_app().title[0].value == "Welcome, Test"
    connection[COOKIE] = "no-such-token"
    assert open_app().title[0].value == "Sign in"


def test_a_cookie_is_dead_after_sign_out_in_another_tab(
    house: House, connection: dict[str, str]
) -> None:
    token = studio().people.sign_in("auditor", PASSWORD, "test").token
    connection[COOKIE] = token
    app = open_app()
    app.session_state["left_behind"] = "secret"
    studio().people.sign_out(token)
    app.run()
    assert app.title[0].value == "Sign in"
    assert "left_behind" not in app.session_state


@pytest.mark.parametrize("page", [p.stem for p in sorted((ROOT / "pages").glob("*.py"))])
def test_no_page_runs_without_a_session(house: House, page: str) -> None:
    app = house.app(None, page)
    assert not app.exception
    assert app.title[0].value == "Sign in"
    assert len(app.title) == 1
    assert not app.sidebar.children


def test_the_hint_of_a_new_password_is_the_rule():
    from app.components.auth import PASSWORD_HINT
    from core.governance.passwords import LEAST_LENGTH

    assert PASSWORD_HINT.startswith(f"{LEAST_LENGTH} characters")
