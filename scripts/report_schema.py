"""Write the JSON schema of reports from the dataclasses that they are made of.

Run from the root of the project: ``python scripts/report_schema.py``.
"""

import json
from pathlib import Path

from core.evaluation.json_schema import report_schema

FILE = Path(__file__).parent.parent / "docs" / "evaluation" / "report.schema.json"


def main() -> None:
    """Write the file."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report_schema(), indent=2, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
