"""Write the measures in docs/evaluation/fidelity.md from the docstrings of the code.

usage: python scripts/fidelity_measures.py
"""

from pathlib import Path

from core.evaluation.fidelity_detail.words import FIDELITY_WORDS
from core.evaluation.words import MEASURES

BEGIN, END = "<!-- measures:begin -->", "<!-- measures:end -->"
FILE = Path(__file__).parent.parent / "docs" / "evaluation" / "fidelity.md"


def measures() -> str:
    """A section for each measure, in Markdown; one for measures that share their text."""
    names = ["columns", "pairs", "c2st", *FIDELITY_WORDS]
    titles: dict[tuple[str, ...], list[str]] = {}
    for words in (MEASURES[name] for name in names):
        text = (words.meaning, words.computed, words.reading, words.misleads)
        titles.setdefault(text, []).append(words.title)
    return "\n\n".join(_section(*item) for item in titles.items())


def with_measures(text: str) -> str:
    """The text with the sections between its marks made anew."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{measures()}\n{END}{after}"


def _section(text: tuple[str, ...], titles: list[str]) -> str:
    meaning, computed, good, misleads = text
    return (
        f"### {', '.join(titles)}\n\n{meaning}\n\n- How: {computed}\n- A good value: {good}\n"
        f"- Where it misleads: {misleads}"
    )


if __name__ == "__main__":
    FILE.write_text(with_measures(FILE.read_text(encoding="utf-8")), encoding="utf-8")
