"""What the studio's tests share: accounts, projects, and short ways to common states."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.schema import Action
from core.governance.policy import Actor, UserRole
from core.settings import Settings
from core.studio import Studio
from core.studio.values import Dataset, Decision, Project, Run, RunSpec

PASSWORD = "seven-green-lamps-4"


@dataclass(frozen=True)
class Office:
    """A studio, the actors by role (inside the first project), and somebody outside it."""

    studio: Studio
    home: Path
    actors: dict[UserRole, Actor]
    outsider: Actor
    project: Project

    @property
    def worker(self) -> Actor:
        return self.actors[UserRole.GENERAL]

    @classmethod
    def open(cls, home: Path, **settings: Any) -> "Office":
        studio = Studio.open(Settings(home=home, workers=1, **settings))
        code = studio.people.first_admin_code()
        assert code is not None
        token = studio.people.create_first_admin(code, "boss", "Boss", PASSWORD, "test").token
        admin = studio.people.actor(token, "test")
        assert admin is not None
        actors = {UserRole.PLATFORM_ADMIN: admin}
        project = studio.projects.create(admin, "Inside", "finance")
        for role in (UserRole.GENERAL, UserRole.DOMAIN_ADMIN, UserRole.AUDITOR):
            actors[role] = _account(studio, admin, role.value, role)
            if role is not UserRole.AUDITOR:
                studio.projects.add_member(admin, project.id, role.value)
        outsider = _account(studio, admin, "outsider", UserRole.GENERAL)
        return cls(studio, home, actors, outsider, project)

    def imported(self, path: Path, name: str = "People") -> Dataset:
        files = [(path.name, path)]
        return self.studio.datasets.import_files(self.worker, self.project.id, name, files)

    def reviewed(self, path: Path, name: str = "People") -> Dataset:
        return self._replaced(self.imported(path, name))

    def reviewed_sample(self, key: str) -> Dataset:
        sample = self.studio.datasets.import_sample(self.worker, self.project.id, key)
        return self._replaced(sample)

    def _replaced(self, dataset: Dataset) -> Dataset:
        decisions = [
            Decision(
                table,
                column,
                dataset.schema[table][column].type,
                dataset.schema[table][column].role,
                Action.REPLACE,
            )
            for table, column in dataset.open_columns
        ]
        return self.studio.datasets.decide(self.worker, dataset.id, decisions)

    def finished(self, dataset: Dataset, spec: RunSpec | None = None) -> Run:
        run = self.studio.runs.submit(self.worker, dataset.id, spec or RunSpec(depth="quick"))
        return self.wait(run)

    def wait(self, run: Run, seconds: float = 240) -> Run:
        deadline = time.monotonic() + seconds
        while not run.state.is_over:
            assert time.monotonic() < deadline, f"still {run.state} after {seconds} s"
            time.sleep(0.1)
            run = self.studio.runs.get(self.worker, run.id)
        return run


def _account(studio: Studio, admin: Actor, username: str, role: UserRole) -> Actor:
    studio.people.create(admin, username, username.title(), PASSWORD, role)
    token = studio.people.sign_in(username, PASSWORD, "test").token
    actor = studio.people.actor(token, "test")
    assert actor is not None
    return actor
