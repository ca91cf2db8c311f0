"""Sessions end when they should, for everybody and at once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.governance.policy import UserRole
from core.governance.sessions import (
    end_session,
    end_sessions,
    forget_old_sessions,
    session_user,
    start_session,
)
from core.store.tables import SessionRow, UserRow, now
from tests.governance.world import World

ADA, BOB = "general-in", "general-out"


def start(world: World, user: str = ADA, hours: float = 1.0) -> str:
    with world.database.session() as session:
        return start_session(session, user, hours, "10.0.0.1").token


def who(world: World, token: str) -> str | None:
    with world.database.reading() as session:
        row = session_user(session, token)
    return row.id if row else None


def test_a_token_leads_to_its_account_and_is_not_stored(world: World) -> None:
    token = start(world)
    assert who(world, token) == ADA
    with world.database.reading() as session:
        row = session.scalars(select(SessionRow)).one()
    assert len(token) >= 43
    assert token not in str(vars(row))
    assert row.origin == "10.0.0.1"


def test_tokens_differ_and_are_not_shown(world: World) -> None:
    with world.database.session() as session:
        started = [start_session(session, ADA, 1) for _ in range(50)]
    assert len({s.token for s in started}) == 50
    assert started[0].token not in repr(started[0])
    assert timedelta(minutes=59) < started[0].expires_at - now() < timedelta(minutes=61)


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "\ud800", "' OR 1=1 --", "%"])
def test_other_text_is_nobody(world: World, token: str) -> None:
    start(world)
    assert who(world, token) is None


def test_an_expired_session_is_over(world: World) -> None:
    assert who(world, start(world, hours=-0.001)) is None
    assert who(world, start(world, hours=0.01)) == ADA


def test_ending_one_leaves_the_others(world: World) -> None:
    one, two = start(world), start(world)
    with world.database.session() as session:
        end_session(session, one)
        end_session(session, "no such token")
    assert [who(world, one), who(world, two)] == [None, ADA]


def test_ending_all_of_one_user(world: World) -> None:
    tokens = [start(world), start(world), start(world, BOB)]
    start(world, hours=-1)
    with world.database.session() as session:
        assert end_sessions(session, ADA) == 2
        assert end_sessions(session, ADA) == 0
    assert [who(world, token) for token in tokens] == [None, None, BOB]


def test_a_disabled_account_is_out_at_once(world: World) -> None:
    token = start(world)
    with world.database.session() as session:
        session.execute(update(UserRow).where(UserRow.id == ADA).values(disabled=True))
    assert who(world, token) is None


def test_a_changed_role_counts_from_the_next_request(world: World) -> None:
    token = start(world)
    with world.database.session() as session:
        row = session_user(session, token)
        assert row is not None
        row.role = UserRole.AUDITOR.value
    with world.database.reading() as session:
        row = session_user(session, token)
        assert row is not None
        assert row.role == "auditor"


def test_old_rows_are_forgotten_and_living_sessions_kept(world: World) -> None:
    start(world, hours=-24 * 31)
    living, ended = start(world), start(world)
    with world.database.session() as session:
        end_session(session, ended)
        forget_old_sessions(session)
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 2
        forget_old_sessions(session, timedelta(seconds=-1))
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 1
    assert who(world, living) == ADA
