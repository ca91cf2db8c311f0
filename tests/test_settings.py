"""Settings come from the environment, with all problems at once and no secret shown."""

import dataclasses
import re
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.settings import Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"STUDIO_WORKERS": "  "}) == Settings()
    assert Settings().home == Path("data")


def test_every_kind_of_value_is_read() -> None:
    read = Settings.from_environment(
        {
            "STUDIO_HOME": "/srv/studio data",
            "STUDIO_DATABASE_URL": "postgresql://x",
            "STUDIO_WORKERS": " 4 ",
            "STUDIO_JOB_HOURS": "0.5",
            "STUDIO_SECURE_COOKIE": "Yes",
            "STUDIO_TRUSTED_PROXY": "0",
            "HOME": "/root",
        }
    )
    assert read.home == Path("/srv/studio data")
    assert read.database_url == "postgresql://x"
    assert (read.workers, read.job_hours) == (4, 0.5)
    assert (read.secure_cookie, read.trusted_proxy) == (True, False)


@pytest.mark.parametrize(
    ("variable", "raw"),
    [
        ("STUDIO_WORKERS", "0"),
        ("STUDIO_WORKERS", "-1"),
        ("STUDIO_WORKERS", "2.5"),
        ("STUDIO_WORKERS", "two"),
        ("STUDIO_JOB_HOURS", "nan"),
        ("STUDIO_JOB_HOURS", "inf"),
        ("STUDIO_SESSION_HOURS", "-0.1"),
        ("STUDIO_SECURE_COOKIE", "maybe"),
    ],
)
def test_a_bad_value_names_its_variable(variable: str, raw: str) -> None:
    with pytest.raises(InvalidInput, match=variable) as caught:
        Settings.from_environment({variable: raw})
    assert raw in str(caught.value)


def test_all_problems_come_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        Settings.from_environment({"STUDIO_WORKERS": "x", "STUDIO_JOB_HOURS": "y"})
    assert len(caught.value.problems) == 2


def test_secrets_are_not_in_the_repr() -> None:
    settings = Settings(key="ab" * 32, database_url="postgresql://user:hunter2@host/db")
    assert "abab" not in repr(settings)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented(field: "dataclasses.Field[object]") -> None:
    assert re.fullmatch(r"STUDIO_[A-Z_]+", field.metadata["env"])
    assert len(field.metadata["help"]) > 15
    assert not field.metadata["help"].endswith(".")


def test_no_variable_is_used_twice() -> None:
    names = [field.metadata["env"] for field in dataclasses.fields(Settings)]
    assert len(set(names)) == len(names)
