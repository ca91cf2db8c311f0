"""A studio with accounts of the four roles, and the app as each of them sees it.

::

    def test_something(house):
        dataset = house.sample("bank_customers", reviewed=True)
        app = house.app(UserRole.GENERAL, "generate", dataset=dataset.id)
        app.button(key="start").click().run()
        assert not app.exception
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.testing.v1 import AppTest

from app.resources import close_studio, studio
from app.session import PROJECT_KEY, TOKEN_KEY
from core.governance.policy import Actor, UserRole
from core.studio.values import Dataset, Decision, Project, Run, RunSpec, RunState

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "seven-green-lamps-4"
TIMEOUT_S = 60
WAIT_S = 240.0


@dataclass
class House:
    """An open Studio with one account a role; all but the auditor are in the project.

    Attributes
    ----------
    tokens, actors
        The session token and the actor of each role.
    project
        The project that the accounts share.
    """

    tokens: dict[UserRole, str] = field(default_factory=dict)
    actors: dict[UserRole, Actor] = field(default_factory=dict)
    project: Project | None = None

    @property
    def studio(self):
        """The process-wide Studio."""
        return studio()

    @classmethod
    def build(cls) -> "House":
        """Open a Studio from the environment and fill it with accounts and a project."""
        house = cls()
        people = studio().people
        code = people.first_admin_code()
        first = people.create_first_admin(code, "platform_admin", "Petra Admin", PASSWORD, "test")
        house._enter(UserRole.PLATFORM_ADMIN, first.token)
        admin = house.actors[UserRole.PLATFORM_ADMIN]
        for role in (UserRole.GENERAL, UserRole.DOMAIN_ADMIN, UserRole.AUDITOR):
            people.create(admin, str(role), f"Test {role}", PASSWORD, role)
            house._enter(role, people.sign_in(str(role), PASSWORD, "test").token)
        house.project = studio().projects.create(admin, "Retail bank", "finance")
        for role in (UserRole.GENERAL, UserRole.DOMAIN_ADMIN):
            studio().projects.add_member(admin, house.project.id, str(role))
        return house

    def _enter(self, role: UserRole, token: str) -> None:
        self.tokens[role] = token
        self.actors[role] = studio().people.actor(token, "test")

    def app(self, role: UserRole | None, page: str = "home", **query: str) -> AppTest:
        """Open a page as a role sees it; ``None`` is somebody who has not signed in."""
        app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=TIMEOUT_S)
        if role is not None:
            app.session_state[TOKEN_KEY] = self.tokens[role]
            app.session_state[PROJECT_KEY] = self.project.id
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if page != "home":
            for name, value in query.items():
                app.query_params[name] = value
            app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        return app

    def sample(
        self, key: str, role: UserRole = UserRole.GENERAL, *, reviewed: bool = False
    ) -> Dataset:
        """Import a sample; ``reviewed`` accepts what the findings suggest."""
        actor = self.actors[role]
        dataset = studio().datasets.import_sample(actor, self.project.id, key)
        return self.accept(dataset, role) if reviewed else dataset

    def accept(self, dataset: Dataset, role: UserRole = UserRole.GENERAL) -> Dataset:
        """Settle every finding of a dataset as it suggests."""
        actor = self.actors[role]
        findings = studio().datasets.findings(actor, dataset.id)
        decisions = [
            Decision(
                table,
                column,
                dataset.schema[table][column].type,
                found.suggested_role,
                found.suggested_action,
            )
            for table, columns in findings.items()
            for column, found in columns.items()
        ]
        return studio().datasets.decide(actor, dataset.id, decisions)

    def finished(self, dataset: Dataset, spec: RunSpec) -> Run:
        """Carry out a run to its end, which has to be a good one."""
        actor = self.actors[UserRole.GENERAL]
        run = studio().runs.submit(actor, dataset.id, spec)
        deadline = time.monotonic() + WAIT_S
        while not run.state.is_over and time.monotonic() < deadline:
            time.sleep(0.3)
            run = studio().runs.get(actor, run.id)
        assert run.state is RunState.DONE, run.error
        return run

    def close(self) -> None:
        """Close the Studio."""
        close_studio()


def texts(app: AppTest) -> str:
    """Return all text of a page, for assertions on what it says."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error")
    kinds += ("success",)
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))
