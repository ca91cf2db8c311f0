"""The client that each test of the API gets."""

from collections.abc import Iterator

import pytest

from tests.api.fakes import Api


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    with api.client:
        yield api
