"""What every engine has to do, as checks that anybody can run.

The studio's own engines pass them in its tests, and an outside package runs them on its own::

    @pytest.mark.parametrize("check", sorted(CHECKS))
    def test_conforms(check):
        CHECKS[check](Candidate(INFO, {"epochs": 2}))

A check raises ``AssertionError`` where the engine does not do what it says. Those of
:data:`CHECKS` are for engines without a formal guarantee; those of :data:`PRIVATE_CHECKS` for
engines with one, whose :class:`Candidate` says under which parameters they promise something.
"""

from collections.abc import Callable

from core.synthesis.conformance import conduct, output, private
from core.synthesis.conformance.candidate import Candidate, Recorder, drawn
from core.synthesis.conformance.tables import mixed

__all__ = ["CHECKS", "PRIVATE_CHECKS", "Candidate", "Recorder", "drawn", "mixed", "problems"]


def problems(candidate: Candidate) -> list[str]:
    """What an engine does not do, each with the name of its check; empty when all is well."""
    found = []
    for name, check in CHECKS.items():
        try:
            check(candidate)
        except Exception as error:  # noqa: BLE001 (a check of foreign code: anything may come)
            found.append(f"{name}: {type(error).__name__}: {error}")
    return found


def _by_name(
    *checks: Callable[[Candidate], None],
) -> dict[str, Callable[[Candidate], None]]:
    return {check.__name__.removeprefix("check_"): check for check in checks}


CHECKS = _by_name(
    conduct.check_description_is_complete,
    output.check_columns_order_and_types,
    output.check_values_stay_inside_what_was_seen,
    output.check_missing_values_keep_their_share,
    conduct.check_seed_decides,
    conduct.check_global_generators_are_left_alone,
    conduct.check_dump_and_load,
    conduct.check_the_frame_is_not_changed,
    output.check_one_row,
    output.check_two_rows,
    output.check_one_column,
    output.check_no_rows_asked,
    output.check_extreme_numbers,
    output.check_names_that_could_clash,
    output.check_high_cardinality,
    output.check_two_hundred_columns,
    conduct.check_progress_ends_at_its_total,
    conduct.check_cancel_in_fit,
)
"""Every check of engines without a formal guarantee, by name."""

PRIVATE_CHECKS = _by_name(
    conduct.check_description_is_complete,
    output.check_columns_order_and_types,
    conduct.check_global_generators_are_left_alone,
    conduct.check_dump_and_load,
    conduct.check_the_frame_is_not_changed,
    output.check_no_rows_asked,
    conduct.check_progress_ends_at_its_total,
    conduct.check_cancel_in_fit,
    private.check_output_is_declared,
    private.check_promise_is_kept,
    conduct.check_what_cannot_be_is_said,
)
"""Every check of engines with a formal guarantee, by name."""
