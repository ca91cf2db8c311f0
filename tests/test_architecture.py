"""Who may import whom, read from the source without running it.

``pages, app → core.studio and core's value types``; ``api, cli → core.studio``; inside core only
downward; nobody imports ``app`` or ``pages``; core does without streamlit and starts light.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A part may import itself and parts of a lower rank; equal ranks do not know of each other.
RANKS = {
    "errors": 0,
    "memory": 0,
    "tracing": 0,
    "progress": 0,
    "settings": 1,
    "keys": 2,
    "store": 3,
    "data": 4,
    "privacy": 5,
    "synthesis": 6,
    "evaluation": 7,
    "governance": 8,
    "assistant": 8,
    "jobs": 8,
    "plugins": 8,
    "cli_support": 8,
    "cli_audit": 9,
    "cli_blueprint": 10,
    "cli_evaluate": 9,
    "cli_options": 9,
    "cli_prepare": 9,
    "cli_plugins": 9,
    "cli_private": 9,
    "studio": 9,
    "api": 10,
    "cli_asked": 10,
    "cli_pii": 10,
    "cli_texts": 9,
    "cli_asks": 11,
    "cli_models": 11,
    "cli_generate": 12,
    "cli": 13,
    "__main__": 14,
}

# What the face may use as it likes, beside the use cases themselves: values, how they are put
# into words, and the place where an upload waits for its import.
OPEN_TO_THE_FACE = (
    "core.studio",
    "core.api",
    "core.errors",
    "core.settings",
    "core.data.coarser.in_words",
    "core.data.coarser.read_coarser",
    "core.data.coarser.usual",
    "core.data.profile.as_text",
    "core.data.scratch",
    "core.evaluation.charts.edge_label",
    "core.evaluation.counted",
    "core.evaluation.glossary",
    "core.evaluation.words",
    "core.governance.actions",
    "core.governance.policy",
    "core.governance.sessions",
    "core.governance.values",
    "core.synthesis.params",
    "core.tracing",
)
OPEN_TO_THE_API = (
    "core.api",
    "core.studio",
    "core.errors",
    "core.settings",
    "core.governance.policy",
    "core.governance.sessions",
)


@dataclass(frozen=True)
class Import:
    """One name that a file imports: ``name`` is empty for ``import module``."""

    file: Path
    line: int
    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module} {self.name}".rstrip()

    def is_of(self, *packages: str) -> bool:
        """Whether it is one of the packages, or something inside one."""
        full = f"{self.module}.{self.name}"
        return any(full == p or full.startswith(p + ".") for p in packages)


def imports_of(path: Path, source: str | None = None) -> Iterator[Import]:
    """Every import of a file: at the top, in functions and under ``TYPE_CHECKING`` alike."""
    text = path.read_text(encoding="utf-8") if source is None else source
    file = path.relative_to(ROOT)
    package = list(file.parts[:-1])
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Import(file, node.lineno, module, alias.name) for alias in node.names)


def imports_under(*places: str) -> list[Import]:
    """All imports of these folders and files of the repository."""
    paths: list[Path] = []
    for place in places:
        path = ROOT / place
        paths += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [found for path in paths for found in imports_of(path)]


def part(found: Import) -> str:
    """Which part of core an import is of; nothing when it is not of core."""
    names = [*found.module.split("."), found.name]
    return names[1] if names[0] == "core" and len(names) > 1 else ""


def upward(found: Import) -> bool:
    """Whether a file of core imports something that stands above or beside it."""
    own = found.file.parts[1].removesuffix(".py")
    other = part(found)
    return bool(other) and other != own and RANKS[other] >= RANKS[own]


def listed(found: list[Import]) -> str:
    return "\n".join(map(str, found))


def test_every_part_of_core_has_a_rank() -> None:
    parts = {
        path.stem
        for path in (ROOT / "core").iterdir()
        if path.suffix == ".py" or any(path.glob("*.py"))
    }
    assert parts - {"__init__"} <= RANKS.keys()


def test_inside_core_imports_go_downward_only() -> None:
    own = Path("core/__init__.py")  # belongs to no part, and has a test of its own
    wrong = [i for i in imports_under("core") if i.file != own and upward(i)]
    assert not wrong, listed(wrong)


def test_the_package_itself_imports_nothing() -> None:
    assert list(imports_of(ROOT / "core" / "__init__.py")) == []


def test_nobody_imports_the_face_from_below() -> None:
    wrong = [i for i in imports_under("core") if i.is_of("app", "pages", "serve", "streamlit")]
    assert not wrong, listed(wrong)


def test_nobody_imports_pages() -> None:
    wrong = [i for i in imports_under("app", "pages", "serve.py") if i.is_of("pages")]
    assert not wrong, listed(wrong)


def test_the_face_calls_the_studio_and_knows_values_only() -> None:
    """From other parts of core the face takes types (``Report``), never functions."""
    wrong = [
        i
        for i in imports_under("app", "pages", "serve.py")
        if part(i) and not i.is_of(*OPEN_TO_THE_FACE) and not i.name[:1].isupper()
    ]
    assert not wrong, listed(wrong)


def test_the_api_calls_the_studio() -> None:
    wrong = [i for i in imports_under("core/api") if part(i) and not i.is_of(*OPEN_TO_THE_API)]
    assert not wrong, listed(wrong)


def test_only_the_state_and_its_keepers_touch_rows() -> None:
    """Others' databases, which tables come from, are read by ``core.data.sources``."""
    keepers = {("core", "store"), ("core", "governance"), ("core", "studio")}
    wrong = [
        i
        for i in imports_under("core", "app", "pages", "serve.py")
        if i.is_of("core.store.tables", "core.store.database", "sqlalchemy")
        and i.file.parts[:2] not in keepers
        and not (i.file.parts[:3] == ("core", "data", "sources") and i.is_of("sqlalchemy"))
    ]
    assert not wrong, listed(wrong)


@pytest.mark.parametrize(
    ("file", "line", "is_wrong"),
    [
        ("core/data/x.py", "from core.synthesis.registry import ENGINES", True),
        ("core/data/x.py", "from core import synthesis", True),
        ("core/data/x.py", "import core.studio", True),
        ("core/data/x.py", "from ..evaluation import evaluate", True),
        ("core/jobs/x.py", "from core.governance import policy", True),
        ("core/studio/x.py", "from core.api import routes", True),
        ("core/errors.py", "from core.settings import Settings", True),
        ("core/data/x.py", "def f():\n    from core.studio import Studio", True),
        ("core/data/x.py", "from core.store.duck import connect", False),
        ("core/data/x.py", "from . import schema", False),
        ("core/studio/x.py", "from core.jobs import JobPool", False),
        ("core/cli.py", "from core.synthesis import registry", False),
        ("core/data/x.py", "import pandas.core.arrays", False),
    ],
)
def test_the_rule_itself(file: str, line: str, is_wrong: bool) -> None:
    found = list(imports_of(ROOT / file, line))
    assert any(upward(i) for i in found) == is_wrong


IMPORT_ALL = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"streamlit", "app", "pages", "serve"}:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import core
for module in pkgutil.walk_packages(core.__path__, "core."):
    if module.name != "core.__main__":
        importlib.import_module(module.name)
heavy = {"torch", "sdv", "ctgan", "copulas"} & sys.modules.keys()
assert not heavy, f"imported at start: {heavy}"
"""


def test_core_imports_without_streamlit_and_without_heavy_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
