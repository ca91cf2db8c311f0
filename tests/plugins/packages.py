"""Packages made up for a test, and the registries as they were after it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.data import added as data_added
from core.data.read import READERS
from core.evaluation import added as evaluation_added
from core.plugins import loading
from core.synthesis.registry import ENGINES

REGISTRIES = (ENGINES, READERS, data_added.ADDED, evaluation_added.ADDED, loading._LOADED)


@contextmanager
def registries_kept() -> Iterator[None]:
    """Whatever is registered inside is gone afterwards."""
    before = [dict(registry) for registry in REGISTRIES]
    try:
        yield
    finally:
        for registry, content in zip(REGISTRIES, before, strict=True):
            registry.clear()
            registry.update(content)


def package(
    folder: Path, name: str, code: str, entries: Mapping[str, str], version: str = "1.0"
) -> None:
    """An installed package of one module; ``entries`` are ``group/name`` and what they point to."""
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for place, what in entries.items():
        group, _, entry = place.partition("/")
        lines.append(f"[synth_studio.{group}]\n{entry} = {what}\n")
    (info / "entry_points.txt").write_text("\n".join(lines))
