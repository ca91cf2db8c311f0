"""Every page as every role sees it."""

import pytest

from app.navigation import PAGES, existing_pages, may_open, spec_of
from core.governance.policy import UserRole
from tests.app.harness import ROOT, House, texts

EXISTING = [spec.name for spec in existing_pages()]


def test_every_page_file_is_in_the_menu() -> None:
    files = {path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__"}
    assert files == {spec.name for spec in PAGES}


def test_no_pages_folder_stands_beside_the_entrypoint() -> None:
    assert not (ROOT / "app" / "pages").exists()


@pytest.mark.parametrize("role", list(UserRole))
@pytest.mark.parametrize("page", EXISTING)
def test_page_for_role(house: House, page: str, role: UserRole) -> None:
    app = house.app(role, page)
    assert not app.exception
    assert "Something went wrong" not in texts(app)
    spec = next(spec for spec in PAGES if spec.name == page)
    is_denied = "You may not open this page" in texts(app)
    assert is_denied == (not may_open(house.actors[role], spec))


WORK = (
    "home datasets connections review schema preparation generate blueprints jobs results compare "
    "budget releases thresholds"
)


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (UserRole.GENERAL, f"{WORK} settings"),
        (UserRole.DOMAIN_ADMIN, f"{WORK} audit projects settings"),
        (UserRole.PLATFORM_ADMIN, f"{WORK} audit projects people settings"),
        (UserRole.AUDITOR, "home results compare budget releases thresholds audit settings"),
    ],
)
def test_menu_of_each_role(house: House, role: UserRole, pages: str) -> None:
    shown = [spec.name for spec in PAGES if may_open(house.actors[role], spec)]
    assert shown == pages.split()


def test_the_address_of_a_page_leads_to_its_specification() -> None:
    class Page:
        url_path = ""

    assert spec_of(Page()).name == "home"  # type: ignore[arg-type]
    Page.url_path = "audit"
    assert spec_of(Page()).name == "audit"  # type: ignore[arg-type]
