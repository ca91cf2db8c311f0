"""What one run of the script asks, and that it forgets it all."""

from collections import Counter

import pytest

from app.memory import one_run, remembered
from core.governance.policy import UserRole
from tests.app.fake_studio import FakeStudio, installed


def test_within_a_run_a_question_is_asked_once_and_outside_always() -> None:
    asked: list[int] = []

    def ask() -> int:
        asked.append(1)
        return len(asked)

    with one_run():
        assert (remembered("a", ask), remembered("a", ask), remembered("b", ask)) == (1, 1, 2)
    assert (remembered("a", ask), remembered("a", ask)) == (3, 4)
    with one_run():
        assert remembered("a", ask) == 5


def test_a_failed_run_leaves_nothing_behind() -> None:
    with pytest.raises(ZeroDivisionError), one_run():
        remembered("a", lambda: 1 // 0)
    assert remembered("a", lambda: 2) == 2


@pytest.mark.parametrize("role", [UserRole.GENERAL, UserRole.PLATFORM_ADMIN])
@pytest.mark.parametrize("page", ["home", "jobs", "generate", "datasets"])
def test_a_page_asks_once_who_is_there_and_which_projects_there_are(role, page) -> None:
    with installed(FakeStudio(role=role)) as studio:
        app = studio.app(page)
        asked: Counter[str] = Counter()
        watch(studio.people, "actor", asked)
        watch(studio.projects, "list", asked)
        watch(studio.projects, "mine", asked)
        watch(studio.runs, "active", asked)
        app.run()
        assert not app.exception
        which = "mine" if role is UserRole.PLATFORM_ADMIN else "list"
        assert asked == {"actor": 1, which: 1, "active": 1}
        app.run()
        assert asked == {"actor": 2, which: 2, "active": 2}


def watch(part: object, name: str, asked: Counter[str]) -> None:
    known = getattr(part, name)

    def counted(*args: object) -> object:
        asked[name] += 1
        return known(*args)

    setattr(part, name, counted)
