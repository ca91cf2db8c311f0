"""The JSON schema of a report, made from its dataclasses and their docstrings.

The published file ``docs/evaluation/report.schema.json`` is written by
``python scripts/report_schema.py``; a test keeps it in step with the code.
"""

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.evaluation.sealing import HASH
from core.evaluation.values import VERSION, Report

_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
_ATTRIBUTES = re.compile(r"Attributes\n-+\n(.*?)(?:\n\n[A-Z]\w+\n-+\n|\Z)", re.DOTALL)
_ENTRY = re.compile(r"^(\w[\w, ]*)\n((?:    .*(?:\n|\Z)|\n)+)", re.MULTILINE)


def report_schema() -> dict[str, Any]:
    """The schema of reports of this version (JSON Schema, draft 2020-12)."""
    definitions: dict[str, Any] = {}
    _of(Report, definitions)
    root = definitions.pop("Report")
    root["properties"]["version"] = {"const": VERSION}
    root["properties"]["depth"] = {"enum": ["quick", "full"]}
    root["properties"][HASH] = {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the canonical JSON (sorted names, no spaces, escaped to ASCII) "
        "of everything else.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Evaluation report of synthetic tables",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of values of type ``kind``; dataclasses go into ``definitions``."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return {}
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if origin in {Union, UnionType}:
        return {"anyOf": [_of(one, definitions) for one in inner]}
    if origin is tuple:
        return {"type": "array", "items": _of(inner[0], definitions)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(inner[1], definitions)}
    if not (isinstance(kind, type) and is_dataclass(kind)):
        raise TypeError(f"{kind} has no place in a report.")
    name = str(kind.__name__)
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _of_dataclass(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _of_dataclass(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints, said = get_type_hints(kind), _attribute_texts(kind)
    properties = {f.name: _of(hints[f.name], definitions) for f in fields(kind)}
    for name, text in said.items():
        if name in properties:
            properties[name] = {**properties[name], "description": text}
    for field in fields(kind):
        if help := field.metadata.get("help"):
            properties[field.name]["description"] = help
    return {
        "type": "object",
        "description": " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split()),
        "properties": properties,
        "required": [f.name for f in fields(kind)],
        "additionalProperties": False,
    }


def _attribute_texts(kind: Any) -> dict[str, str]:
    """What the docstring says of each attribute."""
    found = _ATTRIBUTES.search(inspect.getdoc(kind) or "")
    texts: dict[str, str] = {}
    for names, text in _ENTRY.findall(found[1] + "\n" if found else ""):
        texts |= {name.strip(): " ".join(text.split()) for name in names.split(",")}
    return texts
