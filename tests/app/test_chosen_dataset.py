"""Pages about one dataset: without any, and with what a new version took over."""

import pytest

from core.studio.rule_values import RuleSet
from tests.app.fake_studio import FakeStudio, installed
from tests.app.harness import texts


@pytest.mark.parametrize("page", ["preparation", "schema"])
def test_without_a_dataset_a_page_says_how_to_get_one_and_ends(page: str) -> None:
    with installed(FakeStudio(known=[])) as studio:
        app = studio.app(page)
        assert not app.exception
        assert "There is no dataset yet" in texts(app)
        assert not app.expander


@pytest.mark.parametrize(("left_out", "said"), [(0, "changed here."), (2, "2 rules did not fit.")])
def test_what_a_version_took_over_is_told_with_what_did_not_fit(left_out: int, said: str) -> None:
    ruled = RuleSet({}, 0, carried=True, left_out=left_out)
    with installed(FakeStudio(ruled=ruled)) as studio:
        app = studio.app("schema")
        assert not app.exception
        (shown,) = [one.value for one in app.info if "Taken over" in one.value]
        assert shown.endswith(said)
