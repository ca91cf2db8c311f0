"""The installation's master key, and everything sealed with keys derived from it.

The master key comes from the environment or from the file ``key`` in the home folder, which is
made at the first start. No part of the studio uses it directly: each purpose has its own key, so
that one leaked key opens one kind of thing.
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import IntegrityError, InvalidInput, InvalidParameter
from core.settings import Settings

KEY_BYTES = 32
NONCE_BYTES = 12
HEADER = b"SYNSEAL\x01"
MOST_BYTES = 2**31 - 1


class Purpose(StrEnum):
    """What a derived key is for."""

    STATE = "state"
    VAULT = "vault"
    MODELS = "models"
    MASK = "mask"
    CONNECTIONS = "connections"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Keys:
    """The master key and what is derived from it; may be handed to worker processes.

    Attributes
    ----------
    master
        32 random bytes; absent from ``repr``.
    """

    master: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.master) != KEY_BYTES:
            raise InvalidParameter(f"A master key has {KEY_BYTES} bytes. Got {len(self.master)}.")

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Take the key from ``STUDIO_KEY``, else from the key file, else make that file.

        Raises
        ------
        InvalidInput
            ``STUDIO_KEY`` or the file is not 64 hex digits, or others can read the file.
        IntegrityError
            The file is missing although the home folder holds encrypted data.
        """
        if settings.key:
            return cls(_decode(settings.key, "`STUDIO_KEY`"))
        path = settings.home / "key"
        if not path.exists():
            _refuse_over_data(settings.home)
            _make_key_file(path)
        return cls(_read_key_file(path))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Take the key from a file that only its owner can read.

        Raises
        ------
        InvalidInput
            There is no such file, others can read it, or it does not hold 64 hex digits.
        """
        if not path.is_file():
            raise InvalidInput(f"There is no key file {path}. Check the path.")
        return cls(_read_key_file(path))

    def derive(self, purpose: str) -> bytes:
        """The 32-byte key of a purpose (HKDF with SHA-256, RFC 5869)."""
        label = f"synth-studio/{_purpose(purpose)}/1".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=label).derive(self.master)


def seal(keys: Keys, blob: bytes, purpose: str, associated: bytes = b"") -> bytes:
    """Encrypt and authenticate ``blob`` with AES-256-GCM.

    Parameters
    ----------
    keys
        Whose derived key is used.
    blob
        What to seal, less than 2 GiB.
    purpose
        One of :class:`Purpose`; the same one opens the seal.
    associated
        What the blob belongs to, such as its id: authenticated, not stored. A sealed blob put
        in the place of another one does not open.
    """
    if len(blob) > MOST_BYTES:
        raise InvalidInput(f"At most {MOST_BYTES} bytes can be sealed. Got {len(blob)}.")
    nonce = os.urandom(NONCE_BYTES)
    body = AESGCM(keys.derive(purpose)).encrypt(nonce, blob, HEADER + associated)
    return HEADER + nonce + body


def unseal(keys: Keys, sealed: bytes, purpose: str, associated: bytes = b"") -> bytes:
    """The inverse of :func:`seal`.

    Raises
    ------
    IntegrityError
        It is no seal, was changed, belongs elsewhere, or was made with another key.
    """
    cipher = AESGCM(keys.derive(purpose))
    if not sealed.startswith(HEADER):
        raise IntegrityError("This is not sealed data, or a newer version sealed it.")
    start = len(HEADER) + NONCE_BYTES
    try:
        nonce, body = sealed[len(HEADER) : start], sealed[start:]
        return cipher.decrypt(nonce, body, HEADER + associated)
    except (InvalidTag, ValueError) as error:
        raise IntegrityError(
            f"Sealed data of purpose '{purpose}' does not verify: it was changed, moved, or "
            "sealed with another master key. Restore it, and the key, from one backup."
        ) from error


def make_home(home: Path) -> None:
    """Make the home folder, readable by its owner alone, unless it exists.

    Raises
    ------
    InvalidInput
        It cannot be made or written.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        problem = "" if os.access(home, os.W_OK | os.X_OK) else "it belongs to another user"
    except OSError as error:
        problem = str(error.strerror)
    if problem:
        raise InvalidInput(
            f"The home folder {home} cannot be written: {problem}. Change its owner, or set "
            "`STUDIO_HOME` to another folder."
        )


def _purpose(purpose: str) -> Purpose:
    try:
        return Purpose(purpose)
    except ValueError:
        known = ", ".join(Purpose)
        raise InvalidParameter(f"No key purpose {purpose!r}. Known: {known}.") from None


def _decode(text: str, where: str) -> bytes:
    try:
        master = bytes.fromhex(text.strip())
    except ValueError:
        master = b""
    if len(master) != KEY_BYTES:
        raise InvalidInput(
            f"{where} must hold {2 * KEY_BYTES} hex digits, and does not. Give the key that the "
            "studio was first started with."
        )
    return master


def _refuse_over_data(home: Path) -> None:
    vault = home / "vault"
    if (home / "state.duckdb").exists() or (vault.is_dir() and any(vault.iterdir())):
        raise IntegrityError(
            f"{home} holds encrypted data but the key file {home / 'key'} is missing. Put it back "
            "from your backup, or set `STUDIO_KEY`; a new key could not open the data."
        )


def _make_key_file(path: Path) -> None:
    """Write a new key beside its place and link it there, so that nobody sees half a file."""
    make_home(path.parent)
    draft = path.with_name(f".key-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first: its key is the one to read
    finally:
        draft.unlink()


def _read_key_file(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise InvalidInput(
            f"The key file {path} can be read by others (mode {mode:04o}). Run `chmod 600 {path}`."
        )
    try:
        text = path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        text = ""
    return _decode(text, f"The key file {path}")
