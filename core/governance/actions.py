"""Every use case of the studio, declared: what it is called and who may use it.

A use case that is not in ``ACTIONS`` cannot be asked for at all. The rules in words: general users
and domain admins work with the data of projects they are members of; domain admins also manage
those projects' members and read their audit; platform admins run the installation and see real
data only where they are members; auditors read metadata, reports, lineage and the audit of every
project, never rows of real or synthetic data, and change nothing.
"""

from collections.abc import Iterable

from core.errors import InvalidParameter
from core.governance.policy import Scope, UseCase, UserRole

GENERAL, DOMAIN, PLATFORM, AUDITOR = UserRole
WORKERS = frozenset({GENERAL, DOMAIN, PLATFORM})
EVERYBODY = frozenset(UserRole)
NOBODY: frozenset[UserRole] = frozenset()
LOOKING_S = 600.0


def _work(name: str, title: str) -> UseCase:
    """A member changes something in a project, or takes something out of it."""
    return UseCase(name, title, Scope.PROJECT, members=WORKERS)


def _look(name: str, title: str, auditor: bool = False) -> UseCase:
    """A member, or an auditor, looks at something in a project."""
    anywhere = frozenset({AUDITOR}) if auditor else NOBODY
    return UseCase(name, title, Scope.PROJECT, WORKERS, anywhere, LOOKING_S)


def _download(name: str, title: str) -> UseCase:
    """A member, or an auditor, takes a report away."""
    return UseCase(name, title, Scope.PROJECT, WORKERS, frozenset({AUDITOR}))


def _list(
    name: str, title: str, members: Iterable[UserRole], anywhere: Iterable[UserRole]
) -> UseCase:
    """A listing over the projects that the actor may see."""
    return UseCase(name, title, Scope.VISIBLE, frozenset(members), frozenset(anywhere), LOOKING_S)


def _run_installation(name: str, title: str, quiet_s: float = 0.0) -> UseCase:
    return UseCase(name, title, Scope.INSTALLATION, anywhere=frozenset({PLATFORM}), quiet_s=quiet_s)


def _manage(name: str, title: str) -> UseCase:
    return UseCase(name, title, Scope.PROJECT, frozenset({DOMAIN}), frozenset({PLATFORM}))


_DECLARED = (
    UseCase("people.first_admin", "Create the first administrator", Scope.PUBLIC),
    UseCase("people.sign_in", "Sign in", Scope.PUBLIC),
    UseCase("people.sign_out", "Sign out", Scope.PUBLIC),
    UseCase(
        "people.change_own_password",
        "Change one's own password",
        Scope.INSTALLATION,
        anywhere=EVERYBODY,
    ),
    UseCase(
        "people.end_own_sessions",
        "End one's own sessions",
        Scope.INSTALLATION,
        anywhere=EVERYBODY,
    ),
    _run_installation("people.list", "List accounts", LOOKING_S),
    _run_installation("people.create", "Create an account"),
    _run_installation("people.set_role", "Change an account's role"),
    _run_installation("people.set_password", "Set another account's password"),
    _run_installation("people.set_disabled", "Disable or enable an account"),
    _run_installation("people.end_sessions", "End another account's sessions"),
    _list("project.list", "List projects", WORKERS | {AUDITOR}, {PLATFORM, AUDITOR}),
    UseCase(
        "project.create",
        "Create a project",
        Scope.INSTALLATION,
        anywhere=frozenset({DOMAIN, PLATFORM}),
    ),
    UseCase(
        "project.members",
        "List a project's members",
        Scope.PROJECT,
        WORKERS,
        frozenset({PLATFORM, AUDITOR}),
        LOOKING_S,
    ),
    _manage("project.add_member", "Add a member to a project"),
    _manage("project.remove_member", "Remove a member from a project"),
    UseCase(
        "policy.get",
        "See a project's thresholds",
        Scope.PROJECT,
        WORKERS,
        frozenset({PLATFORM, AUDITOR}),
        LOOKING_S,
    ),
    _manage("policy.set", "Change a project's thresholds"),
    _look("blueprint.preview", "See the first rows of a blueprint"),
    _work("blueprint.make", "Make tables from a blueprint"),
    _work("dataset.import", "Import real tables"),
    _look("dataset.preview", "Look at files before they are imported"),
    _work("dataset.cancel_import", "Cancel an import"),
    _work("dataset.aside", "Download rows that could not be read"),
    _work("upload.begin", "Begin an upload"),
    _look("upload.get", "See how far an upload is"),
    _work("upload.remove", "Remove an upload"),
    _work("connection.add", "Add a connection to a database or storage"),
    _look("connection.list", "List connections"),
    _work("connection.test", "Test a connection"),
    _look("connection.browse", "Look at what a database or storage holds"),
    _look("connection.rows", "Look at first rows of a database's table"),
    _work("connection.import", "Import from a database or storage"),
    _work("connection.remove", "Remove a connection"),
    _work("dataset.decide", "Settle findings and column types"),
    _work("dataset.set_keys", "Set keys and relationships"),
    _work("dataset.set_schema", "Change a dataset's schema"),
    _work("dataset.remove", "Remove a dataset"),
    _look("rules.get", "See a dataset's rules"),
    _look("rules.check", "See how many rows keep a rule"),
    _look("rules.suggest", "Look for rules that rows keep"),
    _work("rules.set", "Change a dataset's rules"),
    _look("preparation.get", "See how a dataset is prepared"),
    _look("preparation.suggest", "Look for steps that rows suggest"),
    _look("preparation.preview", "Try steps on rows"),
    _work("preparation.set", "Change how a dataset is prepared"),
    _work("preparation.undo", "Undo a change of how a dataset is prepared"),
    _look("dataset.list", "List datasets", auditor=True),
    _look("dataset.get", "Look at a dataset's schema", auditor=True),
    _look("dataset.stage", "See how far a dataset has come", auditor=True),
    _look("dataset.rows", "Look at real rows"),
    _look("dataset.profile", "Look at a profile of real columns"),
    _look("dataset.compare", "Compare two versions of a dataset"),
    _look("dataset.findings", "Look at findings of personal data"),
    _look("dataset.preview_action", "See what an action makes of a column"),
    _look("run.suggest", "Ask which engine fits"),
    _look("run.estimate", "Ask how long a run takes"),
    _look("run.askable", "See what can be asked of a dataset's rows"),
    _look("run.clone", "Start from the settings of a run"),
    _work("run.preview", "Generate a preview"),
    _work("run.submit", "Start a run"),
    _work("run.cancel", "Cancel a run"),
    _work("run.retry", "Run again"),
    _work("run.sample_again", "Sample a finished run's model again"),
    _list("run.active", "See running jobs", WORKERS, NOBODY),
    _look("run.list", "List runs", auditor=True),
    _look("run.get", "Look at a run", auditor=True),
    _look("run.log", "Read a run's log"),
    _look("run.report", "Read a report", auditor=True),
    _download("run.report_pdf", "Download a report as PDF"),
    _download("run.report_json", "Download a report as JSON"),
    _look("run.dp_report", "Read a differential privacy report", auditor=True),
    _download("run.dp_report_pdf", "Download a differential privacy report as PDF"),
    _download("run.dp_report_json", "Download a differential privacy report as JSON"),
    _look("run.compare", "Compare runs", auditor=True),
    _look("run.synthetic", "Look at synthetic rows"),
    _work("run.filled", "Download real tables with their missing cells filled"),
    UseCase("run.end", "A run ended", Scope.SYSTEM),
    UseCase("run.fallback", "A run went on with another engine", Scope.SYSTEM),
    _look("budget.get", "Look at what was spent of a dataset's privacy budget", auditor=True),
    _look("budget.check", "Ask what a private run would spend"),
    _manage("budget.set_cap", "Change the cap of a dataset's privacy budget"),
    UseCase("budget.entry", "A privacy budget was written to", Scope.SYSTEM),
    UseCase("budget.alert", "A private run spent more than it was asked", Scope.SYSTEM),
    _look("sweep.cost", "Ask what trying several ε would spend"),
    _work("sweep.submit", "Try several ε"),
    _work("contest.submit", "Try several engines"),
    _look("contest.get", "Look at how several engines did", auditor=True),
    _look("sweep.list", "List what was tried of ε", auditor=True),
    _look("sweep.get", "Look at what was tried of ε", auditor=True),
    _work("release.create", "Create a release"),
    _work("release.download", "Download a release"),
    _look("release.list", "List releases", auditor=True),
    _look("release.get", "Look at a release", auditor=True),
    _look("release.lineage", "Look at a release's lineage", auditor=True),
    _list("audit.search", "Search the audit", {DOMAIN}, {PLATFORM, AUDITOR}),
    _list("audit.actions", "List the audited actions", {DOMAIN}, {PLATFORM, AUDITOR}),
    UseCase(
        "audit.export",
        "Export the audit",
        Scope.VISIBLE,
        frozenset({DOMAIN}),
        frozenset({PLATFORM, AUDITOR}),
    ),
    UseCase(
        "audit.verify",
        "Verify the audit's chain",
        Scope.INSTALLATION,
        anywhere=frozenset({PLATFORM, AUDITOR}),
    ),
    _run_installation("system.status", "See the state of the installation", LOOKING_S),
    UseCase("system.start", "The studio started", Scope.SYSTEM),
    UseCase("system.stop", "The studio stopped", Scope.SYSTEM),
)

ACTIONS: dict[str, UseCase] = {use_case.name: use_case for use_case in _DECLARED}


def find_use_case(name: str) -> UseCase:
    """The declared use case of that name.

    Raises
    ------
    InvalidParameter
        Nothing of that name is declared, so nobody may do it.
    """
    try:
        return ACTIONS[name]
    except KeyError:
        known = ", ".join(sorted(ACTIONS))
        raise InvalidParameter(f"No use case {name!r} is declared. Known: {known}.") from None
