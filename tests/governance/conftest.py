"""A state with its trail and guard, and accounts of each role, one of each inside project p1."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.governance.audit import AuditTrail
from core.governance.policy import UserRole
from core.governance.usecase import Guard
from core.keys import Keys
from core.settings import Settings
from core.store.database import open_database
from core.store.tables import MemberRow, ProjectRow, UserRow
from tests.governance.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    keys = Keys(bytes(range(32)))
    url = f"sqlite:///{tmp_path}/state.sqlite"
    database = open_database(Settings(home=tmp_path, database_url=url), keys)
    clock = [0.0]
    trail = AuditTrail(database, keys)
    guard = Guard(database, trail, lambda: clock[0])
    world = World(tmp_path, keys, database, trail, guard, clock)
    with database.session() as session:
        session.add(ProjectRow(id="p1", name="One", created_by="x"))
        session.add(ProjectRow(id="p2", name="Two", created_by="x"))
        for role in UserRole:
            for inside in (True, False):
                actor = world.actor(role, inside)
                session.add(
                    UserRow(
                        id=actor.user_id,
                        username=actor.username,
                        name=actor.name,
                        role=role.value,
                        password_hash="x",
                    )
                )
                if inside:
                    session.add(MemberRow(project_id="p1", user_id=actor.user_id, added_by="x"))
    yield world
    database.close()
