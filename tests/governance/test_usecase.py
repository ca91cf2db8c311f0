"""The guard: who gets in, and what is written down."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from core.errors import (
    AuthenticationFailed,
    InvalidParameter,
    NotFound,
    PermissionDenied,
)
from core.governance.policy import Actor, UserRole, Visitor
from core.governance.usecase import missing
from core.store.tables import AuditRow, MemberRow, UserRow
from tests.governance.world import World

GENERAL, DOMAIN, PLATFORM, AUDITOR = UserRole


def records(world: World) -> list[AuditRow]:
    with world.database.reading() as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.number)))


def use(world: World, actor: Actor | Visitor, name: str, **options: Any) -> None:
    with world.guard.use_case(actor, name, **options):
        pass


def test_an_allowed_use_is_recorded_with_what_the_body_says(world: World) -> None:
    with world.guard.use_case(world.actor(GENERAL), "dataset.import", project_id="p1") as entry:
        entry.resource = "dataset:d1"
        entry.details["rows"] = 120
        assert records(world) == []
    [row] = records(world)
    assert (row.number, row.actor, row.action) == (1, "general-in", "dataset.import")
    assert (row.resource, row.project_id, row.outcome) == ("dataset:d1", "p1", "ok")
    assert (row.details, row.origin) == ({"rows": 120}, "10.0.0.1")


def test_a_project_of_others_answers_as_if_it_did_not_exist(world: World) -> None:
    ran = []

    def reach() -> None:
        with world.guard.use_case(
            world.actor(GENERAL, inside=False), "dataset.rows", resource="dataset:d1",
            project_id="p1",
        ):  # fmt: skip
            ran.append(1)

    with pytest.raises(NotFound) as caught:
        reach()
    assert str(caught.value) == str(missing("dataset:d1"))
    assert ran == []
    [row] = records(world)
    assert (row.outcome, row.resource) == ("denied", "dataset:d1")
    assert row.details == {"reason": "You are not a member of this project."}


def test_a_wrong_role_is_told_why(world: World) -> None:
    with pytest.raises(PermissionDenied, match="role auditor may not: look at real rows"):
        use(world, world.actor(AUDITOR), "dataset.rows", project_id="p1")
    assert [r.outcome for r in records(world)] == ["denied"]


def test_membership_counts_only_for_its_own_project(world: World) -> None:
    with pytest.raises(NotFound):
        use(world, world.actor(GENERAL), "dataset.rows", project_id="p2")


def test_an_error_is_recorded_by_its_class_alone(world: World) -> None:
    def fail() -> None:
        with world.guard.use_case(world.actor(GENERAL), "dataset.import", project_id="p1") as entry:
            entry.details["files"] = 2
            raise ValueError("Ada Lovelace, +44 20 7946 0000")

    with pytest.raises(ValueError):
        fail()
    [row] = records(world)
    assert row.outcome == "failed"
    assert row.details == {"files": 2, "error": "ValueError"}


def test_an_interrupt_is_recorded_too(world: World) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        world.guard.use_case(world.actor(GENERAL), "run.preview", project_id="p1"),
    ):
        raise KeyboardInterrupt
    assert [r.outcome for r in records(world)] == ["failed"]


def test_a_refusal_inside_the_body_is_denied(world: World) -> None:
    with (
        pytest.raises(PermissionDenied),
        world.guard.use_case(world.actor(GENERAL), "run.cancel", project_id="p1"),
    ):
        raise PermissionDenied("Not yours.")
    assert [r.outcome for r in records(world)] == ["denied"]


@pytest.mark.parametrize(
    "value",
    [
        b"x",
        object(),
        float("nan"),
        float("inf"),
        [["nested"]],
        {"a": {"b": 1}},
        {1: "x"},
        list(range(51)),
        {1, 2},
    ],
)
def test_details_take_only_small_plain_values(world: World, value: object) -> None:
    with (
        pytest.raises(InvalidParameter),
        world.guard.use_case(world.actor(GENERAL), "dataset.import", project_id="p1") as entry,
    ):
        entry.details["x"] = value
    [row] = records(world)
    assert (row.outcome, row.details) == ("failed", {"error": "InvalidParameter"})


def test_details_in_sum_stay_small(world: World) -> None:
    with (
        pytest.raises(InvalidParameter, match="too long"),
        world.guard.use_case(world.actor(GENERAL), "dataset.import", project_id="p1") as entry,
    ):
        entry.details.update({str(i): "x" * 100 for i in range(100)})


def test_long_or_unprintable_text_in_details_is_clipped(world: World) -> None:
    with world.guard.use_case(world.actor(GENERAL), "dataset.import", project_id="p1") as entry:
        entry.details["file"] = "x" * 255
        entry.details["files"] = ["a\ud800\x00b"]
    details = records(world)[0].details
    assert details == {"file": "x" * 199 + "…", "files": ["a\ufffd\ufffdb"]}


def test_plain_details_come_back(world: World) -> None:
    details = {"a": 1, "b": 0.1, "c": None, "d": True, "e": "ü", "f": [1, "x"], "g": {"t": 5}}
    with world.guard.use_case(world.actor(GENERAL), "dataset.import", project_id="p1") as entry:
        entry.details.update(details)
    assert records(world)[0].details == details


def test_looking_again_and_again_is_recorded_once_in_ten_minutes(world: World) -> None:
    member, auditor = world.actor(GENERAL), world.actor(AUDITOR)
    for moment in (0.0, 1.0, 599.0, 601.0):
        world.clock[0] = moment
        use(world, member, "run.get", resource="run:r1", project_id="p1")
    assert len(records(world)) == 2
    use(world, member, "run.get", resource="run:r2", project_id="p1")
    use(world, auditor, "run.get", resource="run:r1", project_id="p1")
    assert len(records(world)) == 4


def test_changes_downloads_and_refusals_are_recorded_each_time(world: World) -> None:
    for _ in range(2):
        use(world, world.actor(GENERAL), "release.download", project_id="p1")
        with pytest.raises(NotFound):
            use(world, world.actor(GENERAL, inside=False), "run.get", project_id="p1")
    assert [r.outcome for r in records(world)] == ["ok", "denied", "ok", "denied"]


def test_the_role_of_the_account_counts_not_that_of_the_value(world: World) -> None:
    honest = world.actor(GENERAL)
    forged = Actor(honest.user_id, "platform_admin-in", "x", PLATFORM, "")
    with pytest.raises(PermissionDenied):
        use(world, forged, "people.create")
    assert records(world)[0].actor == "general-in"


def test_a_disabled_account_is_out_at_once(world: World) -> None:
    actor = world.actor(GENERAL)
    with world.database.session() as session:
        session.execute(update(UserRow).where(UserRow.id == actor.user_id).values(disabled=True))
    with pytest.raises(AuthenticationFailed):
        use(world, actor, "dataset.list", project_id="p1")
    assert [r.outcome for r in records(world)] == ["denied"]


def test_an_account_that_never_was_is_refused(world: World) -> None:
    with pytest.raises(AuthenticationFailed):
        use(world, Actor("nobody", "root", "x", PLATFORM, ""), "people.list")


def test_a_removed_member_is_out_at_once(world: World) -> None:
    actor = world.actor(DOMAIN)
    use(world, actor, "dataset.list", project_id="p1")
    with world.database.session() as session:
        session.execute(delete(MemberRow).where(MemberRow.user_id == actor.user_id))
    with pytest.raises(NotFound):
        use(world, actor, "dataset.list", project_id="p1")


def test_visitors_can_sign_in_and_nothing_else(world: World) -> None:
    use(world, Visitor(origin="10.9.9.9"), "people.sign_in", resource="user:ada")
    with pytest.raises(PermissionDenied, match="Sign in first"):
        use(world, Visitor(), "people.list")
    assert [(r.outcome, r.origin) for r in records(world)] == [("ok", "10.9.9.9"), ("denied", "")]


def test_the_studio_records_what_it_does_itself_and_nobody_else_can(world: World) -> None:
    world.guard.record("run.end", resource="run:r1", project_id="p1", state="done")
    with pytest.raises(PermissionDenied):
        use(world, world.actor(PLATFORM), "run.end", project_id="p1")
    with pytest.raises(PermissionDenied):
        world.guard.record("dataset.import")
    assert [(r.actor, r.details.get("state")) for r in records(world)] == [
        ("system", "done"),
        ("platform_admin-in", None),
    ]


def test_an_undeclared_use_case_never_runs(world: World) -> None:
    with pytest.raises(InvalidParameter, match="declared"):
        use(world, world.actor(PLATFORM), "dataset.steal")


def test_control_characters_and_length_cannot_spoil_a_record(world: World) -> None:
    use(world, Visitor(origin="1\n2" * 100), "people.sign_in", resource="user:" + "a\x1b[2J" * 99)
    [row] = records(world)
    assert len(row.origin) == 64
    assert len(row.resource) == 200
    assert row.origin.isprintable()
    assert row.resource.isprintable()
