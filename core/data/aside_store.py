"""Rows kept aside, in the vault: sealed pieces by table, and a sealed list of what there is."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from core.data.kept_aside import AsideRow
from core.data.vault import Vault

_LIST = "aside.json"
_PIECE = 20_000
FIRST = 1_000


@dataclass(frozen=True, slots=True)
class Aside:
    """What of a table is kept aside.

    Attributes
    ----------
    count
        How many rows.
    by_reason
        How many for each reason, as ``… rows have too few fields`` goes on.
    first
        ``(line, reason)`` of the first thousand.
    pieces
        In how many sealed files they are.
    """

    count: int
    by_reason: Mapping[str, int]
    first: tuple[tuple[int, str], ...]
    pieces: int = 0


@dataclass(slots=True)
class AsideWriter:
    """Takes the rejected rows of one table as they come; :meth:`close` writes the rest."""

    vault: Vault
    folder: str
    position: int
    _waiting: list[AsideRow] = field(default_factory=list)
    _by_reason: dict[str, int] = field(default_factory=dict)
    _first: list[tuple[int, str]] = field(default_factory=list)
    _pieces: int = 0

    def add(self, rows: Sequence[AsideRow]) -> None:
        """Keep rows aside."""
        for row in rows:
            self._by_reason[row.reason] = self._by_reason.get(row.reason, 0) + 1
        self._first.extend((row.line, row.reason) for row in rows[: FIRST - len(self._first)])
        self._waiting.extend(rows)
        if len(self._waiting) >= _PIECE:
            self._write()

    def close(self) -> Aside:
        """Write what waits and say what there is."""
        if self._waiting:
            self._write()
        count = sum(self._by_reason.values())
        return Aside(count, dict(self._by_reason), tuple(self._first), self._pieces)

    def _write(self) -> None:
        plain = json.dumps([[row.line, row.reason, row.text] for row in self._waiting])
        path = _piece(self.folder, self.position, self._pieces)
        self.vault.write_blob(path, plain.encode("utf-8", "replace"))
        self._pieces += 1
        self._waiting = []


def write_asides(vault: Vault, folder: str, asides: Mapping[int, Aside]) -> None:
    """Write the list of a dataset's asides, by the position of the table."""
    plain = {str(position): asdict(aside) for position, aside in asides.items() if aside.count}
    if plain:
        vault.write_blob(f"{folder}/{_LIST}", json.dumps(plain).encode())


def read_asides(vault: Vault, folder: str) -> dict[int, Aside]:
    """What is kept aside of each table; empty when nothing is."""
    if not vault.exists(f"{folder}/{_LIST}"):
        return {}
    plain = json.loads(vault.read_blob(f"{folder}/{_LIST}"))
    return {
        int(position): Aside(
            one["count"],
            one["by_reason"],
            tuple((int(line), str(reason)) for line, reason in one["first"]),
            one["pieces"],
        )
        for position, one in plain.items()
    }


def aside_csv(vault: Vault, folder: str, position: int, aside: Aside) -> Iterator[bytes]:
    """The rows kept aside of a table as CSV: line, reason, and the row as it is in the file."""
    yield b"line,reason,row\n"
    for number in range(aside.pieces):
        out = io.StringIO()
        rows = json.loads(vault.read_blob(_piece(folder, position, number)))
        csv.writer(out, lineterminator="\n").writerows(rows)
        yield out.getvalue().encode()


def _piece(folder: str, position: int, number: int) -> str:
    return f"{folder}/aside/{position}.{number}"
