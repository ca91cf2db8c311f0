"""Which pages there are, how they are grouped, and which role has a use for them.

This decides only what the menu shows and which page says "you may not" before it starts; what an
actor may really do is decided in ``core`` by each use case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.governance.policy import Actor, UserRole

ROOT = Path(__file__).resolve().parents[1]
EVERYONE = frozenset(UserRole)
WORKERS = frozenset({UserRole.GENERAL, UserRole.DOMAIN_ADMIN, UserRole.PLATFORM_ADMIN})
ADMINS = frozenset({UserRole.DOMAIN_ADMIN, UserRole.PLATFORM_ADMIN})
PLATFORM = frozenset({UserRole.PLATFORM_ADMIN})
AUDIT = frozenset({UserRole.AUDITOR, UserRole.PLATFORM_ADMIN})


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page: its file under ``pages/`` (also its address), its place in the menu, its users."""

    name: str
    title: str
    section: str
    icon: str
    help: str
    roles: frozenset[UserRole] = EVERYONE

    @property
    def path(self) -> Path:
        """The page's file."""
        return ROOT / "pages" / f"{self.name}.py"


PAGES = (
    PageSpec(
        "home",
        "Home",
        "Start",
        ":material/home:",
        "Where each dataset stands and what its next step is.",
    ),
    PageSpec(
        "datasets",
        "Datasets",
        "Data",
        ":material/table_chart:",
        "Upload tables or take a sample, and see what is in them.",
        WORKERS,
    ),
    PageSpec(
        "review",
        "Review",
        "Data",
        ":material/rule:",
        "Settle what is sensitive: type, role and action of each column.",
        WORKERS,
    ),
    PageSpec(
        "generate",
        "Generate",
        "Synthesize",
        ":material/auto_awesome:",
        "Choose a generator and start a run.",
        WORKERS,
    ),
    PageSpec(
        "jobs",
        "Jobs",
        "Synthesize",
        ":material/pending_actions:",
        "Runs that wait, work or have ended; cancel, retry, read the log.",
        WORKERS,
    ),
    PageSpec(
        "results",
        "Results",
        "Judge",
        ":material/analytics:",
        "How close, how useful and how private the synthetic tables are.",
    ),
    PageSpec(
        "releases",
        "Releases",
        "Govern",
        ":material/inventory_2:",
        "Versions of synthetic tables with their lineage; download them here.",
    ),
    PageSpec(
        "audit",
        "Audit",
        "Govern",
        ":material/history:",
        "Who did what and when; search, export and verify the chain.",
        AUDIT,
    ),
    PageSpec(
        "projects",
        "Projects",
        "Admin",
        ":material/workspaces:",
        "Create projects and choose who works in them.",
        ADMINS,
    ),
    PageSpec(
        "people",
        "People",
        "Admin",
        ":material/group:",
        "Accounts, roles, passwords and sessions.",
        PLATFORM,
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


def may_open(actor: Actor, spec: PageSpec) -> bool:
    """Tell whether the actor's role has a use for the page."""
    return actor.role in spec.roles


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
