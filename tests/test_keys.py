"""The master key file, derived keys and seals."""

import pickle
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from core.errors import IntegrityError, InvalidInput, InvalidParameter
from core.keys import HEADER, Keys, Purpose, seal, unseal
from core.settings import Settings

KEYS = Keys(bytes(range(32)))


def test_first_start_makes_a_private_key_file_and_the_second_reads_it(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    first = Keys.from_settings(Settings(home=home))
    assert Keys.from_settings(Settings(home=home)) == first
    assert (home / "key").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in home.iterdir()] == ["key"]


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=r"STUDIO_HOME"):
        Keys.from_settings(Settings(home=tmp_path / "file" / "home"))


def test_two_homes_have_different_keys(tmp_path: Path) -> None:
    one, two = (Keys.from_settings(Settings(home=tmp_path / n)) for n in ("a", "b"))
    assert one != two


def test_the_environment_wins_and_leaves_no_file(tmp_path: Path) -> None:
    keys = Keys.from_settings(Settings(home=tmp_path, key="ab" * 32))
    assert keys.master == b"\xab" * 32
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("text", ["ab" * 31, "ab" * 33, "zz" * 32, "hunter2"])
def test_a_malformed_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="64 hex digits") as caught:
        Keys.from_settings(Settings(home=tmp_path, key=text))
    assert text not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"ab" * 31 + b"\n"])
def test_a_malformed_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(InvalidInput, match="64 hex digits"):
        Keys.from_settings(Settings(home=tmp_path))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    Keys.from_settings(Settings(home=tmp_path))
    (tmp_path / "key").chmod(mode)
    with pytest.raises(InvalidInput, match="chmod 600"):
        Keys.from_settings(Settings(home=tmp_path))


def test_a_lost_key_file_is_not_replaced_over_encrypted_data(tmp_path: Path) -> None:
    (tmp_path / "state.duckdb").touch()
    with pytest.raises(IntegrityError, match="missing"):
        Keys.from_settings(Settings(home=tmp_path))
    assert not (tmp_path / "key").exists()


def test_simultaneous_first_starts_agree_on_one_key(tmp_path: Path) -> None:
    found: list[Keys] = []
    threads = [
        threading.Thread(target=lambda: found.append(Keys.from_settings(Settings(home=tmp_path))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_every_purpose_has_its_own_key() -> None:
    derived = {KEYS.derive(purpose) for purpose in Purpose}
    assert len(derived) == len(Purpose)
    assert KEYS.master not in derived
    assert {len(key) for key in derived} == {32}


def test_derived_keys_never_change_between_versions() -> None:
    """A change here would make every existing installation unreadable."""
    assert {p.value: KEYS.derive(p).hex()[:16] for p in Purpose} == {
        "state": "ce00cb1b2c7b5374",
        "vault": "c9c87f9b3ae1bbb8",
        "models": "3f745504123e7b77",
        "mask": "6ad6a4f6420b836b",
        "connections": "f74a398c6093be0b",
        "audit": "48fb497f24960d1b",
    }


def test_an_unknown_purpose_lists_the_known_ones() -> None:
    with pytest.raises(InvalidParameter, match="vault"):
        KEYS.derive("cookies")


def test_keys_travel_to_workers_and_show_nothing() -> None:
    assert pickle.loads(pickle.dumps(KEYS)) == KEYS
    assert repr(KEYS) == "Keys()"
    assert "00010203" not in repr(Settings(key=KEYS.master.hex()))


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_a_seal_opens_to_what_went_in(blob: bytes, associated: bytes) -> None:
    sealed = seal(KEYS, blob, "models", associated)
    assert unseal(KEYS, sealed, "models", associated) == blob
    assert sealed != seal(KEYS, blob, "models", associated)


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    sealed = seal(KEYS, b"a model", "models", b"run:1")
    position = data.draw(st.integers(0, len(sealed) - 1))
    flip = data.draw(st.integers(1, 255))
    broken = bytearray(sealed)
    broken[position] ^= flip
    with pytest.raises(IntegrityError):
        unseal(KEYS, bytes(broken), "models", b"run:1")


@pytest.mark.parametrize("length", [0, 4, len(HEADER), len(HEADER) + 12, len(HEADER) + 20])
def test_a_cut_seal_is_noticed(length: int) -> None:
    with pytest.raises(IntegrityError):
        unseal(KEYS, seal(KEYS, b"a model", "models")[:length], "models")


@pytest.mark.parametrize(
    ("keys", "purpose", "associated"),
    [(KEYS, "vault", b"run:1"), (KEYS, "models", b"run:2"), (Keys(bytes(32)), "models", b"run:1")],
)
def test_a_seal_opens_only_with_its_key_purpose_and_place(
    keys: Keys, purpose: str, associated: bytes
) -> None:
    with pytest.raises(IntegrityError, match="does not verify"):
        unseal(keys, seal(KEYS, b"a model", "models", b"run:1"), purpose, associated)


def test_the_header_is_authenticated() -> None:
    """Sealed by hand without the header in the associated data: must not open."""
    nonce = bytes(12)
    body = AESGCM(KEYS.derive("models")).encrypt(nonce, b"a model", b"")
    with pytest.raises(IntegrityError):
        unseal(KEYS, HEADER + nonce + body, "models")
