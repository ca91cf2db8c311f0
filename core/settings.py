"""Settings of one installation, read once from the environment and passed by constructor."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import InvalidInput

GIB = 1024**3


def setting(default: Any, env: str, text: str, *, secret: bool = False) -> Any:
    """A settings field with the environment variable that sets it and what it means."""
    spec = {"env": env, "help": text, "secret": secret}
    return field(default=default, repr=not secret, metadata=spec)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an administrator can set. The README's table is made from these fields."""

    home: Path = setting(Path("data"), "STUDIO_HOME", "Folder of the vault, the state and the keys")
    database_url: str = setting(
        "",
        "STUDIO_DATABASE_URL",
        "SQLAlchemy URL of the state; empty: an encrypted DuckDB file in the home folder",
        secret=True,
    )
    key: str = setting(
        "",
        "STUDIO_KEY",
        "Master key, 64 hex digits; empty: read from, or made in, the file key in the home folder",
        secret=True,
    )
    workers: int = setting(2, "STUDIO_WORKERS", "Jobs that run at the same time")
    job_memory_gib: float = setting(
        8.0, "STUDIO_JOB_MEMORY_GIB", "Memory at which a single job is ended, in GiB"
    )
    job_hours: float = setting(
        12.0, "STUDIO_JOB_HOURS", "Time after which a single job is ended, in hours"
    )
    session_hours: float = setting(12.0, "STUDIO_SESSION_HOURS", "Hours after which a login ends")
    upload_gib: float = setting(
        10.0, "STUDIO_UPLOAD_GIB", "Largest upload, and largest unpacked size of an archive, in GiB"
    )
    import_folders: str = setting(
        "",
        "STUDIO_IMPORT_FOLDERS",
        "Folders of the server, separated by colons, whose files may be imported",
    )
    forbid_private: bool = setting(
        False,
        "STUDIO_FORBID_PRIVATE",
        "1: connections to addresses of private networks and of this machine are refused",
    )
    allow_http: bool = setting(
        False,
        "STUDIO_ALLOW_HTTP",
        "1: files, object storage and language models may be reached over http, without TLS",
    )
    budget_epsilon: float = setting(
        10.0,
        "STUDIO_BUDGET_EPSILON",
        "ε that all private runs on one dataset may spend together, until a domain admin sets it",
    )
    budget_delta: float = setting(
        1e-4,
        "STUDIO_BUDGET_DELTA",
        "The same for δ; runs that wait, run or ended without a result each keep their own δ of it",
    )
    max_columns: int = setting(2_000, "STUDIO_MAX_COLUMNS", "Most columns that a table may have")
    plugins: str = setting(
        "",
        "STUDIO_PLUGINS",
        "Installed packages, separated by commas, that add generators, measures and readers",
    )
    llm_provider: str = setting(
        "",
        "STUDIO_LLM_PROVIDER",
        "openai (and servers that speak its protocol) or anthropic; empty: no language model is "
        "asked",
    )
    llm_model: str = setting("", "STUDIO_LLM_MODEL", "Name of the language model")
    llm_url: str = setting(
        "",
        "STUDIO_LLM_URL",
        "Address of the language model's server; empty: that of the provider itself",
    )
    llm_key: str = setting("", "STUDIO_LLM_KEY", "Key for the language model", secret=True)
    llm_key_file: str = setting(
        "", "STUDIO_LLM_KEY_FILE", "File with that key, where STUDIO_LLM_KEY is empty"
    )
    llm_timeout_s: float = setting(
        60.0, "STUDIO_LLM_TIMEOUT_S", "Seconds to wait for an answer of the language model"
    )
    llm_tokens: int = setting(
        200_000, "STUDIO_LLM_TOKENS", "Most tokens that one run may use of the language model"
    )
    secure_cookie: bool = setting(
        False,
        "STUDIO_SECURE_COOKIE",
        "1: the session cookie is sent over https only (set it behind TLS)",
    )
    trusted_proxy: bool = setting(
        False, "STUDIO_TRUSTED_PROXY", "1: the client's address is read from X-Forwarded-For"
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read every field's variable.

        Raises
        ------
        InvalidInput
            With all problems at once, each naming its variable.
        """
        values: dict[str, object] = {}
        problems: list[str] = []
        for name, spec in cls.__dataclass_fields__.items():
            raw = environ.get(spec.metadata["env"], "").strip()
            if not raw:
                continue
            try:
                values[name] = _parse(raw, spec.default)
            except ValueError:
                wanted = _WANTED[type(spec.default)]
                problems.append(f"`{spec.metadata['env']}` must be {wanted}. Got {raw!r}.")
        if problems:
            raise InvalidInput("The configuration cannot be used. " + " ".join(problems), problems)
        return cls(**values)  # type: ignore[arg-type]


_WANTED = {bool: "0 or 1", int: "a whole number above 0", float: "a number above 0"}


def _parse(raw: str, default: object) -> object:
    if isinstance(default, bool):
        if raw.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise ValueError(raw)
        return raw.lower() in {"1", "true", "yes"}
    if isinstance(default, (int, float)):
        number = type(default)(raw)
        if not 0 < number < math.inf:
            raise ValueError(raw)
        return number
    return Path(raw) if isinstance(default, Path) else raw
