"""How well personal data is found: recall and precision by column, beside presidio alone.

``python -m bench.pii [--style plain|kept] [--seed 1] [--presidio PYTHON] [--misses]`` makes the
corpus of :mod:`bench.pii_corpus`, writes each locale's columns as a CSV file, reads it as an upload
is read and prints the table twice: with telling headings, and with ``col_1`` to ``col_n``. With
``--presidio`` (an interpreter that has ``bench/requirements-presidio.txt``) the same columns are
judged by presidio's pattern recognisers on a blank spaCy model.
"""

import argparse
import csv
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.pii_corpus import LOCALES, NEEDS_NAME, Labelled, corpus
from core.data.pii import SEMANTICS, find_pii
from core.data.read import read_table

ACCEPTED = {
    "medical": {"national_id", "identifier", "medical_record"},
    "icd": {"sensitive", "icd10"},
    "postcode": {"postcode"},
}


@dataclass(frozen=True, slots=True)
class Score:
    """Columns: personal ones that were found, personal, flagged, and those typed rightly."""

    found: int
    personal: int
    flagged: int
    typed: int

    def line(self, title: str) -> str:
        """Return a row of the table."""
        recall, precision = self.found / self.personal, self.found / max(self.flagged, 1)
        typed = self.typed / max(self.found, 1)
        return f"| {title} | {recall:.3f} | {precision:.3f} | {typed:.3f} | {self.personal} |"


def judged(columns: Sequence[Labelled], answers: Sequence[str | None]) -> Score:
    """Compare answers with labels."""
    pairs = list(zip(columns, answers, strict=True))
    personal = [(c, a) for c, a in pairs if c.label]
    found = [(c, a) for c, a in personal if a]
    typed = [1 for c, a in found if a in ACCEPTED.get(c.kind, {c.kind})]
    return Score(len(found), len(personal), sum(1 for _, a in pairs if a), len(typed))


def ours(columns: Sequence[Labelled], *, named: bool) -> list[str | None]:
    """What the studio says of columns of one locale, read from a CSV file."""
    names = headings(columns, named=named)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(zip(*(c.cells for c in columns), strict=True))
        frame, table = read_table(path)
    found = find_pii(frame, table)
    return [_personal(found[name].semantic) if name in found else None for name in names]


def _personal(semantic: str) -> str | None:
    return semantic if SEMANTICS[semantic].personal else None


def headings(columns: Sequence[Labelled], *, named: bool) -> list[str]:
    """Names of columns: their own, with a number where they repeat, or ``col_1`` and so on."""
    if not named:
        return [f"col_{place}" for place in range(1, len(columns) + 1)]
    return [c.name for c in columns]


def presidio(python: str, columns: Sequence[Labelled]) -> list[str | None]:
    """What presidio's recognisers say of each column; they do not look at headings."""
    asked = json.dumps([c.cells for c in columns])
    script = Path(__file__).with_name("pii_peer.py")
    done = subprocess.run(
        [python, str(script)], input=asked, capture_output=True, text=True, check=True
    )
    answers: list[str | None] = json.loads(done.stdout)
    return answers


def compare(columns: Sequence[Labelled], python: str | None, *, misses: bool) -> None:
    """Print the table for a corpus."""
    print("| | recall | precision | type right | personal columns |")
    print("|---|---|---|---|---|")
    for named in (True, False):
        used = [c for c in columns if named or c.kind not in NEEDS_NAME]
        start = time.process_time()
        answers = _by_locale(used, named=named)
        spent = time.process_time() - start
        title = "headings that tell" if named else "col_1 …"
        print(judged(used, list(answers.values())).line(f"studio, {title}") + f" {spent:.1f} s")
        if misses:
            show_misses(used, answers)
    if python:
        used = [c for c in columns if c.kind not in NEEDS_NAME]
        print(judged(used, presidio(python, used)).line("presidio alone, col_1 …"))


def _by_locale(columns: Sequence[Labelled], *, named: bool) -> Mapping[int, str | None]:
    answers: dict[int, str | None] = {}
    for locale in dict.fromkeys(c.locale for c in columns):
        places = [i for i, c in enumerate(columns) if c.locale == locale]
        told = ours([columns[i] for i in places], named=named)
        answers.update(zip(places, told, strict=True))
    return dict(sorted(answers.items()))


def show_misses(columns: Sequence[Labelled], answers: Mapping[int, str | None]) -> None:
    """Print what was missed, flagged wrongly or mistaken, with an example of the made-up cells."""
    for place, answer in answers.items():
        column = columns[place]
        right = ACCEPTED.get(column.kind, {column.kind}) if column.label else {None}
        if answer not in right:
            cell = next((c for c in column.cells if c), "")
            print(f"  {column.locale} {column.name} ({column.kind}): {answer}; {cell[:50]!r}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", action="append", choices=["plain", "kept"])
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--presidio", metavar="PYTHON")
    parser.add_argument("--locale", action="append", help="Instead of those of the corpus.")
    parser.add_argument("--misses", action="store_true")
    chosen = parser.parse_args(arguments)
    for style in chosen.style or ["plain", "kept"]:
        for seed in chosen.seed or [1]:
            columns = corpus(seed, style, chosen.locale or LOCALES)
            print(f"\n{style}, seed {seed}, {len(columns)} columns")
            compare(columns, chosen.presidio, misses=chosen.misses)


if __name__ == "__main__":
    main()
