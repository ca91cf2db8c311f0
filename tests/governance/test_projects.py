"""Projects belong to their members."""

import pytest

from core.errors import Conflict, InvalidInput, NotFound
from core.governance import people
from core.governance.projects import (
    add_member,
    all_projects,
    create_project,
    is_member,
    members_of,
    projects_of,
    remove_member,
)
from tests.governance.world import World

ADA, BOB = "domain_admin-out", "general-out"


def test_the_creator_is_the_first_member(world: World) -> None:
    with world.database.session() as session:
        project = create_project(session, ADA, ADA, "  Kredi İzleme ", "Risk")
    with world.database.reading() as session:
        assert projects_of(session, ADA) == [project]
        assert projects_of(session, BOB) == []
        assert [m.user_id for m in members_of(session, project.id)] == [ADA]
        assert [p.name for p in all_projects(session)] == ["Kredi İzleme", "One", "Two"]
    assert (project.name, project.domain, project.created_by) == ("Kredi İzleme", "Risk", ADA)


def test_all_problems_of_a_project_come_at_once(world: World) -> None:
    with pytest.raises(InvalidInput) as caught, world.database.session() as session:
        create_project(session, ADA, ADA, "  ", "x" * 101)
    assert len(caught.value.problems) == 2
    with pytest.raises(InvalidInput, match="printable"), world.database.session() as session:
        create_project(session, ADA, ADA, "a\nb")


def test_a_name_is_used_once_among_ones_own_projects_only(world: World) -> None:
    with world.database.session() as session:
        create_project(session, ADA, ADA, "Credit")
        create_project(session, BOB, BOB, "credit")
    with pytest.raises(Conflict, match="another name"), world.database.session() as session:
        create_project(session, ADA, ADA, "CREDIT")


def test_members_come_and_go(world: World) -> None:
    with world.database.session() as session:
        for _ in range(2):
            added = add_member(session, "p2", " General-OUT ", ADA)
        assert added.user_id == BOB
        assert is_member(session, "p2", BOB)
        assert not is_member(session, "p1", BOB)
        assert [m.username for m in members_of(session, "p2")] == [BOB]
    with world.database.session() as session:
        remove_member(session, "p2", BOB)
    with world.database.reading() as session:
        assert projects_of(session, BOB) == []
        assert len(members_of(session, "p1")) == 4


def test_what_cannot_be_added_or_removed(world: World) -> None:
    with world.database.session() as session:
        people.set_disabled(session, BOB, True)
        with pytest.raises(Conflict, match="disabled"):
            add_member(session, "p1", BOB, ADA)
        with pytest.raises(NotFound, match="account"):
            add_member(session, "p1", "nobody", ADA)
        with pytest.raises(NotFound, match="project"):
            add_member(session, "p9", ADA, ADA)
        with pytest.raises(NotFound, match="not a member"):
            remove_member(session, "p1", BOB)
