"""Write the README's configuration table from the fields of ``core.settings.Settings``.

usage: python scripts/readme_settings.py
"""

from dataclasses import fields
from pathlib import Path

from core.settings import Settings

BEGIN, END = "<!-- settings:begin -->", "<!-- settings:end -->"
README = Path(__file__).parent.parent / "README.md"


def settings_table() -> str:
    """The table in Markdown, one row a setting."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for spec in fields(Settings):
        meta = spec.metadata
        default = "" if spec.default in {"", None} else f"`{_shown(spec.default)}`"
        rows.append(f"| `{meta['env']}` | {default} | {meta['help']} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """The README's text with the table between its marks made anew."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def _shown(default: object) -> object:
    return int(default) if isinstance(default, bool) else default


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
