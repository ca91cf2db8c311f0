"""What the tests of reading share: a vault to import into."""

from pathlib import Path

import pytest

from core.data.vault import Vault
from core.keys import Keys


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", Keys(bytes(32)))
