"""Texts that a language model writes, on the command line, with a real server."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from core import cli
from tests.language_server import KEY, Language, Reply, language_server

GROWN = "alder birch cedar dogwood elder fir gorse hazel ivy juniper larch maple oak pine"
TREES, WARDS = GROWN.split(), ["eye", "heart"]
RARE = "Quirkelbaum"


def table(folder: Path, rows: int = 240) -> Path:
    lines = ["note,ward,points"]
    for row in range(rows):
        tree = TREES[row % 5]
        lines.append(f"Slept well until {tree} woke at {row},{WARDS[row % 2]},{row % 7}")
    lines.append(f"{RARE} lost the kidney twice,eye,1")
    path = folder / "notes.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def fresh(prompt: str) -> str:
    part = int((re.search(r"part (\d+)", prompt) or [0, 1])[1])
    about = (re.search(r"ward is: (\w+)", prompt) or ["", "any"])[1]
    return json.dumps([f"{about} {TREES[n]} and {TREES[part % 14]} grow here" for n in range(14)])


def generated(folder: Path, *more: str) -> tuple[dict, str]:
    """The answer and everything that was said, or what was refused."""
    out = folder / "made.csv"
    done = CliRunner().invoke(
        cli.app, ["generate", str(table(folder)), "-o", str(out), "--rows", "100", *more]
    )
    if done.exception:
        return {}, f"{done.exception} {done.output}"
    return json.loads(done.stdout.splitlines()[-1]), done.output


@pytest.fixture
def house(monkeypatch):
    """Sets the environment up for a server."""

    def set_up(server: Language, provider: str = "openai") -> None:
        monkeypatch.setenv("STUDIO_LLM_PROVIDER", provider)
        monkeypatch.setenv("STUDIO_LLM_MODEL", "tiny")
        url = server.url if provider == "openai" else server.url.removesuffix("/v1")
        monkeypatch.setenv("STUDIO_LLM_URL", url)
        monkeypatch.setenv("STUDIO_LLM_KEY", KEY)

    return set_up


ASK = ("--write-text", "note=What nurses note", "--write-beside", "note=ward")


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_texts_are_written_and_fit_the_row(tmp_path, house, provider: str) -> None:
    with language_server(fresh) as server:
        house(server, provider)
        answer, output = generated(tmp_path, *ASK)
    (told,) = answer["written"]
    assert told["model"] == f"tiny at 127.0.0.1:{server.port}"
    assert told["tokens"] == 100 * told["questions"]
    made = pd.read_csv(tmp_path / "made.csv")
    assert (made["note"].str.split().str[0] == made["ward"]).all()
    assert "from the column's description alone" in output
    assert KEY not in output


def test_what_is_sent_holds_nothing_of_the_texts(tmp_path, house) -> None:
    with language_server(fresh) as server:
        house(server)
        generated(tmp_path, *ASK)
    sent = server.words.casefold()
    assert "what nurses note" in sent
    texts = pd.read_csv(tmp_path / "notes.csv")["note"]
    assert not any(text.casefold() in sent for text in texts)
    words = {word for text in texts for word in re.findall(r"\w{4,}", text.casefold())}
    house_words = {"what", "well", "lost"} & set(re.findall(r"\w+", sent))
    assert not (words - house_words) & set(re.findall(r"\w+", sent))


def test_a_training_text_never_comes_out(tmp_path, house) -> None:
    with language_server(lambda prompt: json.dumps([*real, *json.loads(fresh(prompt))])) as server:
        real = [line.split(",")[0] for line in table(tmp_path).read_text().splitlines()[1:20]]
        house(server)
        answer, _ = generated(tmp_path, "--write-text", "note=What nurses note")
    made = pd.read_csv(tmp_path / "made.csv")["note"]
    assert answer["written"][0]["refused"]["a training text"] > 0
    assert answer["written"][0]["texts"] > 100
    assert not set(made) & set(pd.read_csv(tmp_path / "notes.csv")["note"])


def test_nonsense_becomes_plain_words_and_is_told(tmp_path, house) -> None:
    with language_server(lambda prompt: "Sure! Here are some texts:") as server:
        house(server)
        answer, output = generated(tmp_path, "--write-text", "note=What nurses note")
    assert answer["written"][0]["texts"] == 0
    assert "are plain words: Only 0 texts came" in output
    assert pd.read_csv(tmp_path / "made.csv")["note"].notna().all()


def test_a_wrong_key_ends_it_before_any_work(tmp_path, house) -> None:
    with language_server(lambda prompt: Reply(401, KEY.encode())) as server:
        house(server)
        answer, output = generated(tmp_path, "--write-text", "note=What nurses note")
    assert answer == {}
    assert "did not take the key (401)" in output
    assert KEY not in output
    assert not (tmp_path / "made.csv").exists()
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--write-text", "note=x"], "needs a language model"),
        (["--write-text", "note"], "takes name=value"),
        (["--write-text", "note="], "Describe column 'note'"),
        (["--write-text", "points=x"], "'points' is no column of free text"),
        (["--write-text", "nothing=x"], "'nothing' is no column of free text"),
        (["--write-text", "note=x", "--write-beside", "note=points"], "Possible are: ward"),
        (["--write-beside", "note=ward"], "is not among --write-text"),
        (["--write-text", "note=x", "--learn-text", "note"], "learned and written"),
        (["--write-text", "note=x", "--engine", "mst", "--delta", "1e-6"], "within its budget"),
    ],
)
def test_what_is_refused(tmp_path, monkeypatch, more: list[str], said: str) -> None:
    monkeypatch.delenv("STUDIO_LLM_PROVIDER", raising=False)
    assert said in generated(tmp_path, *more)[1]


def test_a_kept_model_has_its_texts(tmp_path, house) -> None:
    key = tmp_path / "key"
    key.write_text("ab" * 32)
    key.chmod(0o600)
    model, out = tmp_path / "model", tmp_path / "again.csv"
    with language_server(fresh) as server:
        house(server)
        keep = ("--save-model", str(model), "--key", str(key))
        answer, output = generated(tmp_path, *ASK, *keep)
    assert answer, output
    asked = len(server.asked)
    made = []
    for _ in range(2):
        again = ["sample", str(model), "-o", str(out), "--rows", "50", "--key", str(key)]
        assert CliRunner().invoke(cli.app, again).exit_code == 0
        made.append(out.read_bytes())
    assert made[0] == made[1]
    assert b"grow here" in made[0]
    assert len(server.asked) == asked
