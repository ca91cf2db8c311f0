"""Make the samples that ship, from nothing but a fixed seed: the same bytes each time.

Run from the root of the project: ``python scripts/make_samples.py [FOLDER]``. All people, accounts
and sensors are made up; names and cities are drawn from short lists, independent of each other.
"""

import gzip
import io
import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20_260_101
FOLDER = Path(__file__).parent.parent / "assets" / "samples"
TODAY = np.datetime64("2025-06-30")

FIRST = {
    "F": "Anna Mia Emma Lena Clara Sophie Marie Laura Julia Nina Elif Zeynep Agnieszka Katarzyna "
    "Camille Chloé Inès Giulia Sara Lucía Carmen Ingrid Maja Zoë Hélène Aylin Olga Petra Ida Ruth",
    "M": "Ben Paul Leon Finn Jonas Lukas Max Felix Tim Jan Emre Mehmet Piotr Tomasz Hugo Louis "
    "Théo Marco Luca Diego Javier Erik Lars Jürgen André Can Ivan Karl Otto Milan",
}
LAST = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Richter Klein "
    "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Yılmaz Kaya Demir Kowalski Nowak "
    "Dupont Moreau Lefèvre Rossi Bianchi García López Hansen Nielsen Svensson O'Brien Novák Horvat "
    "Petrović de_Vries van_den_Berg Jansen Peeters Brückner Großmann Lindqvist Sørensen Weiß Berger"
)
CITIES = (
    ("Berlin", "10", 0.22, 1.00),
    ("Hamburg", "20", 0.15, 1.10),
    ("München", "80", 0.15, 1.28),
    ("Köln", "50", 0.11, 1.03),
    ("Frankfurt am Main", "60", 0.09, 1.22),
    ("Stuttgart", "70", 0.07, 1.16),
    ("Düsseldorf", "40", 0.07, 1.12),
    ("Leipzig", "04", 0.06, 0.86),
    ("Dresden", "01", 0.05, 0.84),
    ("Rostock", "18", 0.03, 0.80),
)
HOSTS = ("example.com", "example.org", "mail.example.net")
BANKS = ("37040044", "50010517", "10070024", "20041155", "70020270")
SEGMENTS = np.array(["student", "standard", "premium", "private banking", "senior"])


def iban(bank: str, account: int) -> str:
    """A German IBAN with valid check digits (ISO 13616: modulo 97 is 1)."""
    body = f"{bank}{account:010d}"
    check = 98 - int(f"{body}131400") % 97
    return f"DE{check:02d}{body}"


def ibans(rng: np.random.Generator, rows: int) -> list[str]:
    """IBANs that differ."""
    banks, accounts = rng.choice(BANKS, rows), rng.integers(0, 9_000_000_000, rows)
    accounts += np.arange(rows)
    return [iban(str(b), int(a)) for b, a in zip(banks, accounts, strict=True)]


def ascii_slug(text: str) -> str:
    """Lower-case ASCII letters of a name, for an e-mail address."""
    for special, plain in (("ß", "ss"), ("ı", "i"), ("ø", "o"), ("ü", "ue"), ("ö", "oe")):
        text = text.lower().replace(special, plain)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in plain if c.isalpha())


def people(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Names, birth dates, homes and ways to reach somebody."""
    gender = rng.choice(["F", "M"], rows)
    first = [str(rng.choice(FIRST[g].split())) for g in gender]
    last = [str(name).replace("_", " ") for name in rng.choice(LAST.split(), rows)]
    age = np.clip(rng.gamma(6.5, 7.2, rows), 18, 94)
    city = rng.choice(len(CITIES), rows, p=[c[2] for c in CITIES])
    street = rng.integers(1, 1000, rows)
    hosts = rng.choice(
        ["example.com", "example.org", "mail.example.net"], rows, p=[0.6, 0.25, 0.15]
    )
    numbers = rng.integers(1_000_000, 99_999_999, rows)
    codes = rng.choice(["151", "160", "170", "171", "175", "176"], rows)
    mails = [
        f"{ascii_slug(f)}.{ascii_slug(n)}{i % 97 or ''}@{h}"
        for i, (f, n, h) in enumerate(zip(first, last, hosts, strict=True))
    ]
    return pd.DataFrame(
        {
            "gender": gender,
            "first_name": first,
            "last_name": last,
            "email": mails,
            "phone": [f"+49 {c} {n}" for c, n in zip(codes, numbers, strict=True)],
            "birth_date": TODAY - (age * 365.25).astype("timedelta64[D]"),
            "city": [CITIES[c][0] for c in city],
            "postcode": [f"{CITIES[c][1]}{s:03d}" for c, s in zip(city, street, strict=True)],
            "age": age,
            "cost": np.array([c[3] for c in CITIES])[city],
        }
    )


def bank_customers(rng: np.random.Generator, rows: int = 4_000) -> pd.DataFrame:
    """One table of a bank's customers, in which columns depend on each other."""
    p = people(rng, rows)
    age, cost = p["age"].to_numpy(), p["cost"].to_numpy()
    prime = np.exp(-(((age - 48) / 22) ** 2))
    income = np.exp(rng.normal(9.95 + 0.85 * prime, 0.38, rows)) * cost
    segment = np.select(
        [(age < 27) & (income < 32_000), age > 66, income > 92_000, income > 58_000],
        [0, 4, 3, 2], 1,
    )  # fmt: skip
    tenure = rng.beta(1.3, 2.6, rows) * np.minimum(age - 16, 30) * 365.25
    balance = rng.lognormal(7.1 + 0.5 * np.log(income / 30_000) + tenure / 9_000, 1.0)
    balance = np.where(rng.random(rows) < 0.07, -rng.gamma(2.0, 350, rows), balance)
    products = 1 + rng.binomial(4, np.clip(0.12 + 0.1 * segment, 0, 0.6))
    risk = -0.3 - 0.55 * (products - 1) - tenure / 3_000 + 1.3 * (balance < 0)
    churned = rng.random(rows) < 1 / (1 + np.exp(-risk))
    quiet = rng.exponential(np.where(churned, 260, 9 + age / 4) * 1_440)
    last_login = TODAY.astype("datetime64[s]") - (quiet * 60).astype("timedelta64[s]")
    opened = TODAY - tenure.astype("timedelta64[D]")
    last_login = np.maximum(last_login, opened.astype("datetime64[s]"))
    never = (age > 70) & (rng.random(rows) < 0.45)
    frame = pd.DataFrame({"customer_id": [f"C{100_000 + i}" for i in range(rows)]})
    frame = frame.join(p.drop(columns=["age", "cost"]))
    frame["iban"] = ibans(rng, rows)
    frame["segment"] = SEGMENTS[segment]
    frame["income"] = np.round(income, -2).astype(int).astype(str)
    frame["balance"] = [f"{b:.2f}" for b in balance]
    frame["products"] = products
    frame["opened"] = opened
    frame["last_login"] = pd.Series(last_login).dt.strftime("%Y-%m-%d %H:%M:%S").mask(never, "")
    frame["churned"] = np.where(churned, "true", "false")
    frame["income"] = frame["income"].mask(rng.random(rows) < 0.04 + 0.22 * (segment == 0), "")
    frame["phone"] = frame["phone"].mask(rng.random(rows) < 0.03 + 0.12 * (age > 60), "")
    frame["email"] = frame["email"].mask(never & (rng.random(rows) < 0.8), "")
    return frame


def bank(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Four tables of a bank: party ← account → product, account ← payment."""
    parties = _parties(rng, 1_500)
    products = _products()
    accounts = _accounts(rng, parties, products, 2_500)
    payments = _payments(rng, accounts, 12_000)
    return {
        "party": parties.drop(columns="wealth"),
        "product": products,
        "account": accounts.drop(columns="pace"),
        "payment": payments,
    }


def _parties(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    p = people(rng, rows)
    kind = rng.choice(["private", "business"], rows, p=[0.88, 0.12])
    wealth = rng.normal(0, 0.6, rows) + np.log(p["cost"]) + 0.5 * (kind == "business")
    frame = pd.DataFrame({"party_id": np.arange(1, rows + 1)})
    columns = ["first_name", "last_name", "email", "birth_date", "city", "postcode"]
    frame = frame.join(p[columns])
    frame["kind"] = kind
    frame["rating"] = pd.cut(
        wealth + rng.normal(0, 0.4, rows), [-9, -0.7, 0, 0.7, 9], labels=["D", "C", "B", "A"]
    ).astype(str)
    frame["wealth"] = wealth
    return frame


def _products() -> pd.DataFrame:
    rows = [
        ("current account", "basic", "0.00", "0.00"),
        ("current account", "plus", "4.90", "0.10"),
        ("current account", "premium", "12.90", "0.25"),
        ("current account", "business", "19.90", "0.00"),
        ("savings", "daily", "0.00", "1.50"),
        ("savings", "fixed 12 months", "0.00", "2.40"),
        ("savings", "fixed 36 months", "0.00", "2.75"),
        ("card", "debit", "0.00", "0.00"),
        ("card", "gold", "7.50", "0.00"),
        ("loan", "consumer", "0.00", "6.95"),
        ("loan", "mortgage", "0.00", "3.85"),
        ("depot", "securities", "2.50", "0.00"),
    ]
    frame = pd.DataFrame(rows, columns=["family", "variant", "monthly_fee", "interest_rate"])
    frame.insert(0, "product_id", [f"P{i:02d}" for i in range(1, len(rows) + 1)])
    return frame


def _accounts(
    rng: np.random.Generator, parties: pd.DataFrame, products: pd.DataFrame, rows: int
) -> pd.DataFrame:
    weight = np.exp(0.5 * parties["wealth"].to_numpy())
    extra = rng.choice(len(parties), rows - len(parties), p=weight / weight.sum())
    owner = np.sort(np.concatenate([np.arange(len(parties)), extra]))
    wealth = parties["wealth"].to_numpy()[owner]
    first = np.r_[True, owner[1:] != owner[:-1]]
    plain = np.clip((wealth + rng.normal(0.6, 0.7, rows)).round(), 0, 2).astype(int)
    plain = np.where((parties["kind"].to_numpy()[owner] == "business") & first, 3, plain)
    product = np.where(first, plain, rng.integers(4, len(products), rows))
    opened = TODAY - (rng.beta(1.2, 2.2, rows) * 9_000).astype("timedelta64[D]")
    balance = rng.lognormal(7.4 + 0.9 * wealth + 0.4 * (product > 3), 0.9)
    balance = np.where(np.isin(product, (9, 10)), -10 * balance, balance)
    closed = rng.random(rows) < 0.06
    days = (rng.random(rows) * (TODAY - opened).astype(int)).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "account_id": np.arange(10_001, 10_001 + rows),
            "party_id": parties["party_id"].to_numpy()[owner],
            "product_id": products["product_id"].to_numpy()[product],
            "iban": ibans(rng, rows),
            "opened": opened,
            "closed": pd.Series(np.datetime_as_string(opened + days)).mask(~closed, ""),
            "balance": [f"{b:.2f}" for b in balance],
            "pace": np.where(product < 4, 1.0, 0.15) * np.exp(0.4 * wealth),
        }
    )


def _payments(rng: np.random.Generator, accounts: pd.DataFrame, rows: int) -> pd.DataFrame:
    pace = accounts["pace"].to_numpy()
    account = np.sort(rng.choice(len(accounts), rows, p=pace / pace.sum()))
    kinds = np.array(["card", "transfer", "direct debit", "standing order", "salary", "cash"])
    kind = rng.choice(len(kinds), rows, p=[0.42, 0.2, 0.16, 0.1, 0.06, 0.06])
    middle = np.array([3.1, 4.6, 4.0, 5.6, 7.7, 4.2])[kind]
    amount = rng.lognormal(middle, np.array([0.8, 1.1, 0.6, 0.4, 0.25, 0.5])[kind])
    amount = np.where(kind == 5, 10 * np.ceil(amount / 10), amount)
    opened = accounts["opened"].to_numpy("datetime64[D]")[account]
    start = np.maximum(opened, np.datetime64("2024-01-01"))
    day = start + (rng.random(rows) * (TODAY - start).astype(int)).astype("timedelta64[D]")
    hour = np.where(kind == 0, rng.normal(15, 3.5, rows), rng.normal(4, 1.5, rows))
    minute = (np.clip(hour, 0, 23.98) * 60).astype("timedelta64[m]")
    channels = np.array(["terminal", "online", "app", "branch"])
    channel = np.where(kind == 0, 0, np.where(kind == 5, 3, rng.choice([1, 2], rows)))
    frame = pd.DataFrame(
        {
            "account_id": accounts["account_id"].to_numpy()[account],
            "booked": pd.Series(day.astype("datetime64[m]") + minute).dt.strftime("%Y-%m-%dT%H:%M"),
            "kind": kinds[kind],
            "channel": channels[channel],
            "amount": [f"{a:.2f}" for a in np.where(kind == 4, amount, -amount)],
            "reference": np.where(
                np.isin(kind, (1, 3)), [f"RF{n:08d}" for n in rng.integers(0, 10**8, rows)], ""
            ),
        }
    )
    frame.insert(0, "payment_id", np.arange(1, rows + 1))
    return frame


def sensors(rng: np.random.Generator, count: int = 6, steps: int = 1_344) -> pd.DataFrame:
    """Readings of six sensors, every 15 minutes for two weeks, that hang together."""
    time = np.datetime64("2025-03-03T00:00") + np.arange(steps) * np.timedelta64(15, "m")
    hours = np.arange(steps) / 4
    weather = np.cumsum(rng.normal(0, 0.12, steps))
    weather -= np.linspace(0, weather[-1], steps)
    parts = []
    for number in range(1, count + 1):
        offset = rng.normal(0, 1.5)
        daily = 4.5 * np.sin((hours - 9) / 24 * 2 * np.pi)
        temperature = 18 + offset + daily + weather + rng.normal(0, 0.3, steps)
        humidity = np.clip(62 - 1.9 * (temperature - 18) + rng.normal(0, 2, steps), 15, 99)
        busy = (hours % 24 > 7) & (hours % 24 < 19) & (hours // 24 % 7 < 5)
        power = 40 + 180 * busy + 6 * np.maximum(temperature - 21, 0) + rng.gamma(2, 6, steps)
        vibration = 0.02 * power**0.8 * rng.lognormal(0, 0.15, steps)
        fault = rng.random(steps) < 0.002
        fault = np.convolve(fault, np.ones(6), "full")[:steps] > 0
        vibration = np.where(fault, vibration * rng.uniform(2.5, 4, steps), vibration)
        status = np.where(fault, "fault", np.where(vibration > 2.1, "warning", "ok"))
        lost = rng.random(steps) < 0.01
        parts.append(
            pd.DataFrame(
                {
                    "timestamp": pd.Series(time).dt.strftime("%Y-%m-%d %H:%M"),
                    "sensor_id": f"S-{number:02d}",
                    "temperature_c": pd.Series([f"{v:.1f}" for v in temperature]).mask(lost, ""),
                    "humidity_pct": pd.Series(humidity.round().astype(int).astype(str)).mask(
                        lost, ""
                    ),
                    "power_w": [f"{v:.1f}" for v in power],
                    "vibration_mm_s": [f"{v:.3f}" for v in vibration],
                    "status": np.where(lost, "no signal", status),
                }
            )
        )
    return pd.concat(parts).sort_values(["timestamp", "sensor_id"], kind="stable")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as CSV in UTF-8, dates in ISO 8601."""
    return frame.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode()


def gzipped(data: bytes) -> bytes:
    """Gzip without a time or name in it."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=9, mtime=0) as packed:
        packed.write(data)
    return out.getvalue()


def zipped(tables: dict[str, pd.DataFrame]) -> bytes:
    """A zip of CSV files, all with the same fixed time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, frame in tables.items():
            entry = zipfile.ZipInfo(f"{name}.csv", (2025, 6, 30, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, csv_bytes(frame), compresslevel=9)
    return out.getvalue()


def samples() -> dict[str, bytes]:
    """File name and content of each sample."""
    streams = np.random.SeedSequence(SEED).spawn(3)
    customers, four, series = (np.random.default_rng(stream) for stream in streams)
    return {
        "bank_customers.csv.gz": gzipped(csv_bytes(bank_customers(customers))),
        "bank.zip": zipped(bank(four)),
        "sensors.csv.gz": gzipped(csv_bytes(sensors(series))),
    }


def main(folder: Path) -> None:
    """Write all samples."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in samples().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
