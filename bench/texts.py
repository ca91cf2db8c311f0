"""Free text in the style of a column: how close it comes, and whether it copies.

``python -m bench.texts [--rows 5000] [--out FILE.json]``. Half of each column is learned; the other
half are the fresh texts that everything is compared with. Columns are made by Faker from a fixed
seed, and real names of players where the shared tables are there. Beside the learned texts stand
the plain fakes that a column gets when nothing is asked.

A second table is about texts that follow a label: a classifier that learned the label from real
texts is asked for that of fresh texts, and of learned ones with and without the label.
"""

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from faker import Faker

from core.data.patterns import learn_pattern, make_pattern
from core.data.texts import FEW, RUN, Beside, learn_texts, make_texts, numbers_of
from core.data.texts.alphabet import folded, normalised

PLAYERS = Path(__file__).parents[2] / "shared/data/relational_baseball/players.csv.gz"
QUERIES, COMPARED = 60, 1_000
WORDS = re.compile(r"[^\W_]+")
HEAD = ("column", "texts", "verbatim", "rare words", "rare runs", "lengths KS", "characters TVD",
        "known words", "distinct", "nearest", "learn s", "texts/s", "MB")  # fmt: skip
FIT_HEAD = ("column", "texts", "fit", "verbatim", "rare words", "rare runs", "lengths KS",
            "known words", "learn s", "texts/s", "MB")  # fmt: skip


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


PHRASES = {
    "fracture": ["x-ray of the {side} wrist shows a clean break", "cast put on the {side} arm",
                 "fell from a ladder", "swelling over the {side} ankle", "pain on moving the hand"],
    "influenza": ["fever since {days} days", "dry cough and sore throat", "told to rest and drink",
                  "muscle ache and chills", "swab taken"],
    "diabetes": ["blood sugar too high in the morning", "insulin raised by {days} units",
                 "feet without wounds", "diet talked over", "weight unchanged"],
    "migraine": ["headache on the {side} side", "light hurts the eyes", "aura before the pain",
                 "pills help within an hour", "fewer attacks since {days} weeks"],
    "asthma": ["wheezing at night", "inhaler shown again", "short of breath after {days} stairs",
               "peak flow better", "no attack since {days} weeks"],
}  # fmt: skip
COMMON = ["see again in {days} days", "patient is well otherwise", "wife was told", "no allergies"]
GOODS = {
    "furniture": (["Oak", "Pine", "Walnut"], ["Chair", "Table", "Shelf", "Desk"], ["S", "XL"]),
    "clothes": (["Cotton", "Wool", "Linen"], ["Shirt", "Jacket", "Trousers"], ["S", "M", "XL"]),
    "kitchen": (["Steel", "Iron", "Copper"], ["Pan", "Pot", "Knife", "Kettle"], ["20 cm", "2 l"]),
    "garden": (["Steel", "Plastic"], ["Spade", "Rake", "Hose", "Pot"], ["1 m", "2 m", "20 cm"]),
}


def labelled_columns(rows: int) -> dict[str, tuple[list[str], list[str]]]:
    """Twice ``rows`` texts with a label each, as two lists."""
    fake, rng = Faker("en_US"), np.random.default_rng(2)
    fake.seed_instance(2)

    def note(label: str) -> str:
        own = [*rng.choice(PHRASES[label], 2, replace=False), *rng.choice(COMMON, 1)]
        said = ", ".join(own).format(side=rng.choice(["left", "right"]), days=rng.integers(2, 9))
        return f"{said.capitalize()}. {fake.sentence(nb_words=4)}"

    def product(label: str) -> str:
        materials, things, sizes = GOODS[label]
        drawn = (fake.color_name(), *map(rng.choice, (materials, things, sizes)))
        return f"{' '.join(drawn)}-{rng.integers(100)}"

    found = {}
    for name, make, labels in (
        ("notes by diagnosis", note, list(PHRASES)),
        ("products by category", product, list(GOODS)),
    ):
        drawn = rng.choice(labels, 2 * rows, p=_falling(len(labels))).tolist()
        found[name] = ([make(label) for label in drawn], drawn)
    if PLAYERS.is_file():
        with gzip.open(PLAYERS) as file:
            table = pd.read_csv(file, dtype=str)
        table["name"] = table["nameFirst"] + " " + table["nameLast"]
        known = table.dropna(subset=["name", "country"]).sample(2 * rows, random_state=1)
        found["players by country"] = (known["name"].tolist(), known["country"].tolist())
    return found


def _falling(count: int) -> list[float]:
    shares = 1 / np.arange(1, count + 1)
    return list(shares / shares.sum())


def labelled_rows(name: str, texts: Sequence[str], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Fresh texts, and learned ones with and without their label: how well these are guessed."""
    half = len(texts) // 2
    codes, names = pd.factorize(pd.Series(labels))
    beside = Beside("label", codes[:half].astype(np.int64), tuple(names))
    guess = classifier(texts[:half], labels[:half])
    rows = [{"column": name, "texts": "fresh", "fit": guess(texts[half:], labels[half:])}]
    for kind, besides in (("without label", []), ("with label", [beside])):
        began = time.process_time()
        settings = learn_texts(texts[:half], besides)
        learned = time.process_time()
        numbers = numbers_of(settings, labels[half:])
        made = make_texts(settings, half, np.random.default_rng(1), labels=numbers).tolist()
        speed = half / (time.process_time() - learned)
        rows.append({
            "column": name, "texts": kind, "fit": guess(made, labels[half:]),
            "learn s": learned - began, "texts/s": speed, "MB": len(json.dumps(settings)) / 1e6,
            **{part: value for part, value in measured(name, kind, made, texts[:half]).items()
               if part in FIT_HEAD and part not in {"column", "texts"}},
        })  # fmt: skip
    return rows


def classifier(
    texts: Sequence[str], labels: Sequence[str]
) -> Callable[[Sequence[str], Sequence[str]], float]:
    """Naive Bayes of words and runs of characters; gives its accuracy, each label counting once.

    Of labels with 40 texts and more.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    counts = Counter(labels)
    many = [label for label in counts if counts[label] >= 40]

    def kept(texts: Sequence[str], labels: Sequence[str]) -> tuple[list[str], list[str]]:
        found = [(t, own) for t, own in zip(texts, labels, strict=True) if own in many]
        return [t for t, _ in found], [own for _, own in found]

    model = make_pipeline(
        CountVectorizer(analyzer="char_wb", ngram_range=(1, 4), binary=True),
        MultinomialNB(alpha=0.1, fit_prior=False),
    )
    model.fit(*kept(texts, labels))

    def accuracy(texts: Sequence[str], labels: Sequence[str]) -> float:
        texts, labels = kept(texts, labels)
        return float(balanced_accuracy_score(labels, model.predict(texts)))

    return accuracy


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
    fits = [
        row
        for name, (texts, labels) in labelled_columns(asked.rows).items()
        for row in labelled_rows(name, texts, labels)
    ]
    for head, table in ((HEAD, rows), (FIT_HEAD, fits)):
        print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        for row in table:
            cells = (row.get(name, "") for name in head)
            print("| " + " | ".join(c if isinstance(c, str) else f"{c:.3g}" for c in cells) + " |")
    if asked.out is not None:
        asked.out.write_text(json.dumps([*rows, *fits], default=float, indent=1))


if __name__ == "__main__":
    main()
