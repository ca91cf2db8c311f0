"""The figures of a training: all of its length is kept, in a bounded number of points."""

from hypothesis import given
from hypothesis import strategies as st

from core.studio.history import MOST_POINTS, extended


def epochs(points):
    return [point["epoch"] for point in points]


def test_points_are_added_in_order():
    assert epochs(extended([{"epoch": 1.0}], [{"epoch": 2.0}, {"epoch": 3.0}])) == [1, 2, 3]


def test_every_second_point_goes_and_the_ends_stay():
    points = [{"epoch": float(n)} for n in range(7)]
    assert epochs(extended(points[:3], points[3:], most=5)) == [0, 2, 4, 6]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(2, 12))
def test_the_whole_length_stays_in_few_points(sizes, most):
    history, told = (), 0
    for size in sizes:
        fresh = [{"epoch": float(told + n)} for n in range(size)]
        told += size
        history = extended(history, fresh, most)
        assert len(history) <= most
        assert epochs(history) == sorted(set(epochs(history)))
    if told:
        assert (epochs(history)[0], epochs(history)[-1]) == (0, told - 1)


def test_ten_thousand_epochs_are_kept_within_the_bound():
    history = ()
    for start in range(0, 10_000, 100):
        history = extended(history, [{"epoch": float(start + n)} for n in range(100)])
    assert MOST_POINTS / 4 < len(history) <= MOST_POINTS
