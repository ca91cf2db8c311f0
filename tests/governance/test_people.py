"""Accounts: what may be in them, and that an administrator always remains."""

import pytest
from sqlalchemy import delete

from core.errors import Conflict, InvalidInput, NotFound
from core.governance import people
from core.governance.policy import UserRole
from core.governance.sessions import session_user, start_session
from core.store.tables import UserRow
from tests.governance.world import World

GOOD = ("ada", "Ada Lovelace", "correct horse battery", "general")


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" Ada ", "ada"),
        ("ADA.Lovelace@Example.ORG", "ada.lovelace@example.org"),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}da", "ada"),
    ],
)
def test_a_username_has_one_spelling(typed: str, normal: str) -> None:
    assert people.normal_username(typed) == normal
    people.check_account(typed, *GOOD[1:])


@pytest.mark.parametrize(
    "username",
    [
        "",
        "a",
        "-ada",
        "ada-",
        "a b",
        "a/b",
        "ada\n",
        "x" * 65,
        "адa",
        "<b>x</b>",
        "system",
        "System ",
    ],
)
def test_usernames_that_are_refused(username: str) -> None:
    if username == "ada\n":
        username = "a\nda"
    with pytest.raises(InvalidInput, match="`username` must"):
        people.check_account(username, *GOOD[1:])


def test_all_problems_come_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        people.check_account("!", " ", "short", "emperor")
    assert [p.split()[0] for p in caught.value.problems] == [
        "`username`",
        "`name`",
        "`password`",
        "`role`",
    ]
    with pytest.raises(InvalidInput, match="username"):
        people.check_account("ada.lovelace", "Ada", "ADA.Lovelace", "general")


def test_accounts_are_listed_without_their_passwords(world: World) -> None:
    with world.database.session() as session:
        people.add_account(session, " Zoë".replace("ë", "e"), "Zoë ", "hash", "auditor")
    with world.database.reading() as session:
        last = people.list_people(session)[-1]
    assert (last.username, last.name, last.role, last.disabled) == ("zoe", "Zoë", "auditor", False)


def test_a_username_is_taken_in_any_spelling(world: World) -> None:
    def add(username: str) -> None:
        with world.database.session() as session:
            people.add_account(session, username, "Ada", "hash", "general")

    add("ada")
    with pytest.raises(Conflict, match="already"):
        add(" ADA")


def test_odd_text_finds_nobody(world: World) -> None:
    with world.database.reading() as session:
        for text in ("", "\ud800", "a' OR '1'='1", "x" * 10_000):
            assert people.find_by_username(session, text) is None


def admins(world: World) -> list[str]:
    return [world.actor(UserRole.PLATFORM_ADMIN, inside).user_id for inside in (True, False)]


def test_the_last_active_platform_admin_stays(world: World) -> None:
    one, two = admins(world)
    with world.database.session() as session:
        people.set_disabled(session, two, True)
    for role in ("general", "auditor", "domain_admin"):
        with pytest.raises(Conflict, match="last"), world.database.session() as session:
            people.set_role(session, one, role)
    with pytest.raises(Conflict, match="last"), world.database.session() as session:
        people.set_disabled(session, one, True)
    with world.database.session() as session:
        people.set_role(session, one, "platform_admin")
        people.set_role(session, two, "general")  # disabled: does not count
        people.set_disabled(session, two, False)
        people.set_role(session, two, "platform_admin")
        people.set_role(session, one, "general")
        assert people.get_account(session, one).role == "general"


def test_disabling_ends_sessions_and_enabling_does_not_bring_them_back(world: World) -> None:
    user = world.actor(UserRole.GENERAL).user_id
    with world.database.session() as session:
        token = start_session(session, user, 1).token
        people.set_disabled(session, user, True)
    with world.database.session() as session:
        assert session_user(session, token) is None
        people.set_disabled(session, user, False)
        assert session_user(session, token) is None


def test_unknown_accounts_and_roles(world: World) -> None:
    with world.database.session() as session:
        with pytest.raises(NotFound):
            people.set_role(session, "nobody", "general")
        with pytest.raises(InvalidInput, match="role"):
            people.set_role(session, admins(world)[0], "emperor")


def test_has_accounts(world: World) -> None:
    with world.database.session() as session:
        assert people.has_accounts(session)
        session.execute(delete(UserRow))
        assert not people.has_accounts(session)
