"""The blueprints that ship."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound

_FOLDER = Path(__file__).resolve().parents[3] / "assets" / "blueprints"


@dataclass(frozen=True, slots=True)
class Template:
    """A blueprint to start from."""

    key: str
    title: str
    summary: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return _FOLDER / f"{self.key}.yaml"


TEMPLATES: Mapping[str, Template] = {
    template.key: template
    for template in (
        Template("customers", "Customers", "One table of people with contact data and a segment."),
        Template(
            "shop", "E-commerce", "Customers, products, orders and their lines, with sums that fit."
        ),
        Template(
            "hospital",
            "Health care",
            "Patients, encounters, diagnoses by ICD-10 code and laboratory results.",
        ),
        Template(
            "bank", "Finance", "Customers, accounts, cards and transactions, some of them fraud."
        ),
    )
}


def template_text(key: str) -> str:
    """The YAML of a template; raises ``NotFound`` and lists the known ones."""
    if key not in TEMPLATES:
        raise NotFound(f"There is no template {key!r}. Known are {', '.join(TEMPLATES)}.")
    return TEMPLATES[key].path.read_text(encoding="utf-8")
