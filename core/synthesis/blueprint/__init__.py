"""Tables where there is no data yet: from types, distributions, code lists, fakes and relations."""

from core.synthesis.blueprint.make import make_blueprint, schema_of, with_rows
from core.synthesis.blueprint.parse import parse_blueprint, read_blueprint
from core.synthesis.blueprint.plan import Blueprint
from core.synthesis.blueprint.templates import TEMPLATES, Template, template_text

__all__ = [
    "TEMPLATES",
    "Blueprint",
    "Template",
    "make_blueprint",
    "parse_blueprint",
    "read_blueprint",
    "schema_of",
    "template_text",
    "with_rows",
]
