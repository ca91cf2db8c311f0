"""The samples that ship with the studio; ``scripts/make_samples.py`` makes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Sample:
    """A dataset to start with. ``files`` are relative to the root of the project."""

    key: str
    title: str
    summary: str
    files: tuple[str, ...]

    @property
    def paths(self) -> list[tuple[str, Path]]:
        """Name and place of each file, as ``read_files`` takes them."""
        return [(Path(file).name, ROOT / file) for file in self.files]


SAMPLES: Mapping[str, Sample] = {
    sample.key: sample
    for sample in (
        Sample(
            "bank_customers",
            "A bank's customers",
            "One table of 4,000 made-up customers with names, e-mail addresses, phone numbers, "
            "IBANs, dates and missing values. A good start.",
            ("assets/samples/bank_customers.csv.gz",),
        ),
        Sample(
            "bank",
            "A bank in four tables",
            "Parties, products, accounts and payments of a made-up bank: 16,000 rows that "
            "point to each other.",
            ("assets/samples/bank.zip",),
        ),
        Sample(
            "sensors",
            "Sensor readings",
            "Six sensors, a reading every 15 minutes for two weeks: temperature, humidity, power, "
            "vibration and status.",
            ("assets/samples/sensors.csv.gz",),
        ),
    )
}


def sample(key: str) -> Sample:
    """The sample of this key; raises ``NotFound`` and lists the known ones."""
    if key not in SAMPLES:
        raise NotFound(f"There is no sample {key!r}. Known are {', '.join(SAMPLES)}.")
    return SAMPLES[key]
