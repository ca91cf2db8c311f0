"""Free text in the style of a column: how close it comes, and whether it copies.

``python -m bench.texts [--rows 5000] [--out FILE.json]``. Half of each column is learned; the other
half are the fresh texts that everything is compared with. Columns are made by Faker from a fixed
seed, and real names of players where the shared tables are there. Beside the learned texts stand
the plain fakes that a column gets when nothing is asked.
"""

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from faker import Faker

from core.data.patterns import learn_pattern, make_pattern
from core.data.texts import FEW, RUN, learn_texts, make_texts
from core.data.texts.alphabet import folded, normalised

PLAYERS = Path(__file__).parents[2] / "shared/data/relational_baseball/players.csv.gz"
QUERIES, COMPARED = 60, 1_000
WORDS = re.compile(r"[^\W_]+")
HEAD = ("column", "texts", "verbatim", "rare words", "rare runs", "lengths KS", "characters TVD",
        "known words", "distinct", "nearest", "learn s", "texts/s", "MB")  # fmt: skip


def columns(rows: int) -> dict[str, list[str]]:
    """Twice ``rows`` texts of each column."""
    fake, rng = Faker("en_US"), np.random.default_rng(1)
    fake.seed_instance(1)
    material = ["Oak", "Steel", "Granite", "Cotton", "Plastic"]
    thing = ["Chair", "Table", "Lamp", "Shelf", "Desk", "Sofa"]
    size = ["S", "M", "XL"]

    def product() -> str:
        drawn = (fake.color_name(), rng.choice(material), rng.choice(thing), rng.choice(size))
        return f"{' '.join(drawn)}-{rng.integers(100)}"

    def note() -> str:
        return f"{fake.sentence(nb_words=8)} {fake.sentence(nb_words=5)}"

    def personal() -> str:
        return f"{fake.sentence(nb_words=6)} Call {fake.name()} at {fake.numerify('555-###-####')}."

    makers: dict[str, Callable[[], str]] = {
        "products": product,
        "slogans": fake.catch_phrase,
        "notes": note,
        "notes with names": personal,
    }
    found = {name: [make() for _ in range(2 * rows)] for name, make in makers.items()}
    if PLAYERS.is_file():
        with gzip.open(PLAYERS) as file:
            table = pd.read_csv(file, dtype=str)
        names = (table["nameFirst"] + " " + table["nameLast"]).dropna()
        found["players"] = names.sample(2 * rows, random_state=1).tolist()
    return found


def measured(name: str, kind: str, made: Sequence[str], train: Sequence[str]) -> dict[str, object]:
    """One row of the table, without times."""
    known = {normalised(text) for text in train}
    words, rare_words = _vocabulary(train, _words)
    _, rare_runs = _vocabulary(train, _runs)
    said = [word for text in made for word in _words(text)]
    return {
        "column": name,
        "texts": kind,
        "verbatim": np.mean([normalised(text) in known for text in made]),
        "rare words": np.mean([bool(_words(text) & rare_words) for text in made]),
        "rare runs": np.mean([bool(_runs(text) & rare_runs) for text in made]),
        "lengths KS": _ks([len(t) for t in made], [len(t) for t in train]),
        "characters TVD": _tvd("".join(made), "".join(train)),
        "known words": np.mean([word in words for word in said]),
        "distinct": len(set(made)) / len(made),
        "nearest": float(np.median([nearest(text, train[:COMPARED]) for text in made[:QUERIES]])),
    }


def nearest(text: str, others: Sequence[str]) -> float:
    """Edit distance to the nearest of other texts, as a share of the text's length.

    All distances at once, one row of the dynamic programme after the other.
    """
    width = max(map(len, others))
    chars = np.zeros((len(others), width), dtype=np.uint32)
    for row, other in enumerate(others):
        chars[row, : len(other)] = [ord(char) for char in other]
    before = np.tile(np.arange(width + 1), (len(others), 1))
    for place, char in enumerate(text, start=1):
        now = np.empty_like(before)
        now[:, 0] = place
        swapped = np.minimum(before[:, :-1] + (chars != ord(char)), before[:, 1:] + 1)
        now[:, 1:] = swapped
        steps = np.arange(width + 1)
        before = np.minimum.accumulate(now - steps, axis=1) + steps
    ends = before[np.arange(len(others)), [len(other) for other in others]]
    return float(ends.min()) / max(len(text), 1)


def _vocabulary(
    texts: Sequence[str], parts: Callable[[str], set[str]]
) -> tuple[set[str], set[str]]:
    counts = Counter(part for text in dict.fromkeys(texts) for part in parts(text))
    return set(counts), {part for part, count in counts.items() if count < FEW}


def _words(text: str) -> set[str]:
    return set(WORDS.findall(folded(text)))


def _runs(text: str) -> set[str]:
    plain = folded(text)
    return {plain[start : start + RUN + 1] for start in range(len(plain) - RUN)}


def _ks(one: Sequence[int], other: Sequence[int]) -> float:
    grid = np.unique([*one, *other])
    shares = [
        np.searchsorted(np.sort(side), grid, side="right") / len(side) for side in (one, other)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def _tvd(one: str, other: str) -> float:
    counts = Counter(one), Counter(other)
    chars = counts[0].keys() | counts[1].keys()
    return sum(abs(counts[0][c] / len(one) - counts[1][c] / len(other)) for c in chars) / 2


def rows_of(name: str, texts: Sequence[str]) -> list[dict[str, object]]:
    """Fresh, learned and plain texts of one column."""
    train, fresh = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    began = time.process_time()
    settings = learn_texts(train)
    learned = time.process_time()
    made = list(make_texts(settings, len(fresh), np.random.default_rng(1)))
    ended = time.process_time()
    plain = list(make_pattern(learn_pattern(train), len(fresh), np.random.default_rng(1)))
    return [
        measured(name, "fresh", fresh, train),
        {
            **measured(name, "learned", made, train),
            "learn s": learned - began,
            "texts/s": len(made) / (ended - learned),
            "MB": len(json.dumps(settings)) / 1e6,
        },
        measured(name, "plain", plain, train),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    rows = [row for name, texts in columns(asked.rows).items() for row in rows_of(name, texts)]
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for row in rows:
        cells = (row.get(name, "") for name in HEAD)
        print("| " + " | ".join(c if isinstance(c, str) else f"{c:.3g}" for c in cells) + " |")
    if asked.out is not None:
        asked.out.write_text(json.dumps(rows, default=float, indent=1))


if __name__ == "__main__":
    main()
