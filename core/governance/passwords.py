"""How passwords are hashed, checked and judged. Nothing here stores or logs one."""

import base64
import hashlib
import unicodedata

import bcrypt

ROUNDS = 12
LEAST_LENGTH = 12
MOST_LENGTH = 1_000
LEAST_DIFFERENT = 5


def hash_password(password: str, rounds: int = ROUNDS) -> str:
    """A bcrypt hash with its own salt; ``2 ** rounds`` steps."""
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(rounds)).decode()


def check_password(password: str, password_hash: str) -> bool:
    """Whether the password is the one that was hashed; takes as long when it is not."""
    fits = bcrypt.checkpw(_digest(password[:MOST_LENGTH]), password_hash.encode())
    return fits and len(password) <= MOST_LENGTH


def impossible_hash(rounds: int = ROUNDS) -> str:
    """A well-formed hash that no password has, to spend the same time on unknown names."""
    return f"$2b${rounds:02d}$" + "." * 53


def password_problems(password: str, username: str) -> list[str]:
    """What is wrong with a new password, without repeating it."""
    problems = []
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        problems.append(
            f"`password` must have {LEAST_LENGTH} to {MOST_LENGTH} characters. Got {len(password)}."
        )
    if username and password.casefold() == username.casefold():
        problems.append("`password` must not be the username.")
    if len(set(password)) < LEAST_DIFFERENT:
        problems.append(f"`password` must have at least {LEAST_DIFFERENT} different characters.")
    return problems


def _digest(password: str) -> bytes:
    """44 bytes for any length: bcrypt reads 72 at most, and stops at a zero byte.

    Normalised, so that the same characters typed on another keyboard are the same password.
    """
    text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(hashlib.sha256(text).digest())
