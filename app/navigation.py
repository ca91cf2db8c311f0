"""Which pages there are, how they are grouped, and whom they are for.

This decides only what the menu shows and which page says "you may not" before it starts; what an
actor may really do is decided in ``core`` by each use case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.governance.actions import find_use_case
from core.governance.policy import Actor

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page: its file under ``pages/`` (also its address) and its place in the menu.

    ``use_case`` is what the page is mainly for: the page is for the roles that may do it.
    """

    name: str
    title: str
    section: str
    icon: str
    help: str
    use_case: str | None = None

    @property
    def path(self) -> Path:
        """The page's file."""
        return ROOT / "pages" / f"{self.name}.py"


PAGES = (
    PageSpec(
        "home",
        "Home",
        "",
        ":material/home:",
        "Where each dataset stands and what its next step is.",
    ),
    PageSpec(
        "datasets",
        "Datasets",
        "Data",
        ":material/table_chart:",
        "Upload tables or take a sample, and see what is in them.",
        "dataset.import",
    ),
    PageSpec(
        "connections",
        "Connections",
        "Data",
        ":material/database:",
        "Databases to import tables from.",
        "connection.add",
    ),
    PageSpec(
        "review",
        "Review",
        "Data",
        ":material/rule:",
        "Settle what is sensitive: type, role and action of each column.",
        "dataset.decide",
    ),
    PageSpec(
        "schema",
        "Schema and rules",
        "Data",
        ":material/schema:",
        "Types, keys and links of the tables, and the rules that every row keeps.",
        "rules.set",
    ),
    PageSpec(
        "preparation",
        "Preparation",
        "Data",
        ":material/cleaning_services:",
        "Steps that clean and protect the rows before they are learned; each can be undone.",
        "preparation.set",
    ),
    PageSpec(
        "generate",
        "Generate",
        "Synthesize",
        ":material/auto_awesome:",
        "Choose a generator and start a run.",
        "run.submit",
    ),
    PageSpec(
        "blueprints",
        "No data yet",
        "Synthesize",
        ":material/architecture:",
        "Make tables from a schema alone: types, distributions, code lists, fakes, relations.",
        "blueprint.make",
    ),
    PageSpec(
        "jobs",
        "Jobs",
        "Synthesize",
        ":material/pending_actions:",
        "Runs that wait, work or have ended; cancel, retry, read the log.",
        "run.active",
    ),
    PageSpec(
        "results",
        "Results",
        "Judge",
        ":material/analytics:",
        "How close, how useful and how private the synthetic tables are.",
        "run.report",
    ),
    PageSpec(
        "compare",
        "Compare",
        "Judge",
        ":material/compare:",
        "Up to five runs of a dataset side by side.",
        "run.report",
    ),
    PageSpec(
        "budget",
        "Privacy budget",
        "Judge",
        ":material/account_balance_wallet:",
        "What formal privacy was spent on each dataset, what is left, and which ε to take.",
        "budget.get",
    ),
    PageSpec(
        "releases",
        "Releases",
        "Govern",
        ":material/inventory_2:",
        "Versions of synthetic tables with their lineage; download them here.",
        "release.list",
    ),
    PageSpec(
        "thresholds",
        "Thresholds",
        "Govern",
        ":material/tune:",
        "What the runs of a project are judged by: attacks, gates and dials.",
        "policy.get",
    ),
    PageSpec(
        "audit",
        "Audit",
        "Govern",
        ":material/history:",
        "Who did what and when; search, export and verify the chain.",
        "audit.search",
    ),
    PageSpec(
        "projects",
        "Projects",
        "Admin",
        ":material/workspaces:",
        "Create projects and choose who works in them.",
        "project.add_member",
    ),
    PageSpec(
        "people",
        "People",
        "Admin",
        ":material/group:",
        "Accounts, roles, passwords and sessions.",
        "people.list",
    ),
    PageSpec(
        "settings",
        "Settings",
        "Settings",
        ":material/settings:",
        "Your password and sessions, and what this installation runs.",
    ),
)
BY_NAME: Mapping[str, PageSpec] = {spec.name: spec for spec in PAGES}


def existing_pages() -> tuple[PageSpec, ...]:
    """Return the pages whose file is there."""
    return tuple(spec for spec in PAGES if spec.path.is_file())


def may(actor: Actor, use_case: str) -> bool:
    """Tell whether the actor's role allows a use case at all, in one project or another."""
    case = find_use_case(use_case)
    return actor.role in case.members | case.anywhere


def may_open(actor: Actor, spec: PageSpec) -> bool:
    """Tell whether the page is for the actor's role."""
    return spec.use_case is None or may(actor, spec.use_case)


def menu(actor: Actor | None, specs: Iterable[PageSpec]) -> dict[str, list[st.Page]]:
    """Group all pages by section; those the actor has no use for are known but not shown.

    A hidden page keeps its address, so that a link from a colleague ends at "you may not open
    this page" and a link opened before sign-in is there after it.
    """
    sections: dict[str, list[st.Page]] = {}
    for spec in specs:
        is_shown = actor is not None and may_open(actor, spec)
        page = st.Page(
            spec.path,
            title=spec.title,
            icon=spec.icon,
            default=spec.name == "home",
            help=spec.help,
            visibility="visible" if is_shown else "hidden",
        )
        sections.setdefault(spec.section, []).append(page)
    return sections


def spec_of(page: st.Page) -> PageSpec:
    """Return the specification of the page that the browser asks for."""
    return BY_NAME[page.url_path or "home"]


def page_path(name: str) -> str:
    """Return the path of a page for ``st.switch_page`` and ``st.page_link``."""
    return str(BY_NAME[name].path)
