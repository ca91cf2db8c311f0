"""What is loaded of plug-ins, what is refused and why, and that nothing else is touched."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core import cli
from core.data.read import READERS
from core.evaluation.added import ADDED
from core.plugins import Kind, load_plugins, named_packages
from core.synthesis.registry import ENGINES, engine_info
from tests.plugins.packages import package

ENGINE = """
from dataclasses import dataclass
from core.synthesis.protocol import EngineInfo, PrivateParams

@dataclass(frozen=True, slots=True)
class Params:
    pass

def engine(name, **more):
    texts = dict(title="T", summary="S", good_at="G", not_for="N", licence="L")
    presets = {"quick look": {}, "balanced": {}, "best": {}}
    parts = dict(params=Params, make=lambda params: None, load=lambda blob: None)
    return EngineInfo(name, **{"presets": presets, **texts, **parts, **more})
"""


def test_packages_are_named_once_and_as_indexes_write_them() -> None:
    assert named_packages(" My_Plugin, my.plugin ,,other") == ("my-plugin", "other")
    assert named_packages("") == ()


def test_nothing_is_loaded_that_was_not_named(site: Path) -> None:
    package(site, "spy-one", "import builtins\nbuiltins.spied = 1", {"generators/x": "spy_one:X"})
    assert load_plugins(()) == ()
    assert "spy_one" not in sys.modules


def test_a_package_that_is_not_there(site: Path) -> None:
    (plugin,) = load_plugins(["no-such-package"])
    assert plugin.problems == (plugin.problem,)
    assert "Install it, or take it out of STUDIO_PLUGINS" in plugin.problem


def test_a_package_that_adds_nothing(site: Path) -> None:
    package(site, "adds-nothing", "", {})
    (plugin,) = load_plugins(["adds-nothing"])
    assert plugin.version == "1.0"
    assert "synth_studio.generators" in plugin.problem


def test_a_good_generator_is_registered_beside_bad_ones(site: Path) -> None:
    code = ENGINE + "GOOD, CLASH, LIAR = engine('good_one'), engine('forest'), engine('liar')"
    code += "\nPRIVATE = engine('private_one', params=PrivateParams, formal_guarantee=True)"
    code += "\nBARE = engine('bare_one', summary='', presets={})\nNUMBER = 7"
    names = {"good_one": "GOOD", "forest": "CLASH", "other": "LIAR", "private_one": "PRIVATE"}
    names |= {"bare_one": "BARE", "number": "NUMBER", "absent": "NOT_THERE"}
    entries = {f"generators/{name}": f"many_parts:{what}" for name, what in names.items()}
    package(site, "many-parts", code, entries)
    own = dict(ENGINES)
    (plugin,) = load_plugins(["many-parts"])
    assert [part.name for part in plugin.loaded] == ["good_one"]
    assert set(ENGINES) == {*own, "good_one"}
    assert all(ENGINES[name] is info for name, info in own.items())
    assert engine_info("good_one").title == "T"
    said = {part.name: part.problem for part in plugin.parts}
    assert "one of that name already" in said["forest"]
    assert "'liar', but its entry point is called 'other'" in said["other"]
    assert "claims a formal guarantee" in said["private_one"]
    assert "`summary`" in said["bare_one"]
    assert "exactly quick look, balanced, best" in said["bare_one"]
    assert "EngineInfo`, not a int" in said["number"]
    assert "AttributeError" in said["absent"]
    assert load_plugins(["many-parts"]) == (plugin,)


@pytest.mark.parametrize("code", ["1 / 0", "import no_such_module_x", "raise SystemExit(3)", "("])
def test_a_module_that_does_not_import(site: Path, code: str) -> None:
    package(site, "breaks-down", code, {"generators/one": "breaks_down:X"})
    sys.modules.pop("breaks_down", None)
    (plugin,) = load_plugins(["breaks-down"])
    (problem,) = plugin.problems
    assert "The generator 'one' of 'breaks-down' was refused: it cannot be loaded" in problem


def test_measures_and_readers_of_the_wrong_shape(site: Path) -> None:
    code = """
from core.data.added import ReaderInfo
from core.evaluation.added import MeasureInfo
read = lambda file, stem: {}
CLASH = MeasureInfo("c2st", "T", "M", "R", read)
MUTE = MeasureInfo("mute_one", "T", "", "R", None)
TAKEN = ReaderInfo("taken_one", "T", (".csv",), read)
LOUD = ReaderInfo("loud_one", "T", (".REC",), read)
NONE = ReaderInfo("none_one", "T", (), read)
PARQUET = ReaderInfo("parquet", "T", (".pp",), read)
"""
    entries = {"measures/c2st": "CLASH", "measures/mute_one": "MUTE", "readers/taken_one": "TAKEN"}
    entries |= {"readers/loud_one": "LOUD", "readers/none_one": "NONE"}
    entries |= {"readers/parquet": "PARQUET", "measures/reader": "TAKEN"}
    package(site, "wrong-shapes", code, {k: f"wrong_shapes:{v}" for k, v in entries.items()})
    readers, measures = dict(READERS), dict(ADDED)
    (plugin,) = load_plugins(["wrong-shapes"])
    assert plugin.loaded == ()
    assert (readers, measures) == (READERS, ADDED)
    said = {(part.kind, part.name): part.problem for part in plugin.parts}
    assert "one of that name already" in said[Kind.MEASURE, "c2st"]
    assert "`meaning`" in said[Kind.MEASURE, "mute_one"]
    assert "`take` must be callable" in said[Kind.MEASURE, "mute_one"]
    assert "MeasureInfo`, not a ReaderInfo" in said[Kind.MEASURE, "reader"]
    assert "end in .csv have a reader already" in said[Kind.READER, "taken_one"]
    assert "lower case" in said[Kind.READER, "loud_one"]
    assert "at least one ending" in said[Kind.READER, "none_one"]
    assert "one of that name already" in said[Kind.READER, "parquet"]


def test_of_two_packages_with_one_name_the_first_has_it(site: Path) -> None:
    for name in ("first-one", "second-one"):
        module = name.replace("-", "_")
        code = ENGINE + f"INFO = engine('same_name', title='{name}')"
        package(site, name, code, {"generators/same_name": f"{module}:INFO"})
    first, second = load_plugins(["first-one", "second-one"])
    assert [part.title for part in first.loaded] == ["first-one"]
    assert second.loaded == ()
    assert ENGINES["same_name"].title == "first-one"


def test_the_listing_of_the_command_line(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_PLUGINS", "synth-studio-example,missing")
    done = CliRunner().invoke(cli.app, ["plugins"])
    good, bad = json.loads(done.stdout.splitlines()[-1])["plugins"]
    assert (good["package"], good["version"]) == ("synth-studio-example", "1.0.0")
    assert {part["kind"] for part in good["adds"]} == {"generator", "measure", "reader"}
    assert good["refused"] == []
    assert "no package 'missing'" in bad["refused"][0]


def test_a_command_with_plugins(
    installed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    books = "\n\n".join(f"Title: Book {i % 7}\nYear: {1950 + 10 * (i % 6)}" for i in range(120))
    (tmp_path / "books.rec").write_text(books)
    made = tmp_path / "made.csv"
    files = [str(tmp_path / "books.rec"), "-o", str(made)]
    monkeypatch.setenv("STUDIO_PLUGINS", "synth-studio-example,missing")
    monkeypatch.setattr(
        sys, "argv", ["core", "generate", *files, "--engine", "example_independent"]
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    assert "no package 'missing'" in said.err
    assert json.loads(said.out.splitlines()[-1])["engine"] == "example_independent"
    assert made.read_text().splitlines()[0] == "Title,Year"
