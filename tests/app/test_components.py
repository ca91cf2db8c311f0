"""The parts that pages share: error states, charts, CSV, lineage."""

import logging
import tomllib

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.components.charts import (
    PALETTE,
    REAL,
    SYNTHETIC,
    bars,
    colors_of,
    csv_bytes,
    heatmap,
    histogram,
    lines,
)
from app.components.page import plain
from app.components.releases import date_columns, lineage_chart, lineage_text
from core.governance.values import Edge
from tests.app.harness import ROOT


def raise_in_guard(kind: str, stop: bool) -> None:
    import streamlit as st

    import core.errors
    from app.components.page import guard

    with guard(stop=stop):
        if kind == "InvalidInput":
            raise core.errors.InvalidInput(
                "Nothing. `a` is bad. `b` too.", ["`a` is bad.", "`b` too."]
            )
        raise getattr(core.errors, kind)("Message with [brackets] and $x$.")
    st.write("below")


@pytest.mark.parametrize(
    ("kind", "alert", "title"),
    [
        ("PermissionDenied", "warning", "You may not do this"),
        ("NotFound", "warning", "Not found"),
        ("Conflict", "warning", "Not possible now"),
        ("JobFailed", "error", "This did not work"),
        ("IntegrityError", "error", "A seal does not verify"),
    ],
)
def test_guard_shows_each_class_of_error(
    kind: str, alert: str, title: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "studio.face"):
        app = AppTest.from_function(raise_in_guard, args=(kind, True)).run()
    assert not app.exception
    assert app.get(alert)[0].value == f"**{title}.** Message with \\[brackets\\] and \\$x\\$."
    reference = app.caption[0].value.removeprefix("Reference ")
    assert reference in caplog.text
    assert not app.markdown


def test_guard_lists_every_problem_once() -> None:
    app = AppTest.from_function(raise_in_guard, args=("InvalidInput", True)).run()
    assert app.error[0].value == "**This cannot be used.** Nothing.\n- `a` is bad.\n- `b` too."


def test_guard_can_go_on_behind_the_block() -> None:
    app = AppTest.from_function(raise_in_guard, args=("NotFound", False)).run()
    assert app.markdown[0].value == "below"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("![x](http://evil/p.png)", "!\\[x\\](http://evil/p.png)"),
        ("a :red[b]", "a \\:red\\[b\\]"),
        ("1 * 2 * 3", "1 \\* 2 \\* 3"),
        ("`rows` must", "`rows` must"),
        ("odd ` tick", "odd \\` tick"),
        ("<b>", "\\<b\\>"),
        ("```![x](http://evil/p.png)`", "\\`\\`\\`!\\[x\\](http://evil/p.png)\\`"),
        (r"!\[x\](u)", r"!\\\[x\\\](u)"),
    ],
)
def test_plain_text_is_not_markdown(typed: str, shown: str) -> None:
    assert plain(typed) == shown


def test_real_and_synthetic_always_have_their_colours() -> None:
    assert colors_of(["Synthetic", "Real"]) == {"Synthetic": SYNTHETIC, "Real": REAL}
    others = colors_of(["real", "a", "b"])
    assert len(set(others.values())) == 3


def test_first_colours_contrast_with_both_backgrounds() -> None:
    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for name in ("light", "dark"):
        look = theme[name]
        for ground in (look["backgroundColor"], look["secondaryBackgroundColor"]):
            assert contrast(look["primaryColor"], ground) >= 3
            for text in ("textColor", "linkColor", "grayTextColor"):
                assert contrast(look[text], ground) >= 4.2, (name, text)
        assert contrast("#FFFFFF", look["primaryColor"]) >= 4.5
    for color in PALETTE[:3]:
        for background in ("#FCFCFA", "#10181D"):
            low, high = sorted([luminance(color), luminance(background)])
            assert (high + 0.05) / (low + 0.05) >= 3.0, (color, background)


def test_a_histogram_ends_where_its_last_bin_ends() -> None:
    figure = histogram([0, 1, 2], {"real": [3, 4]})
    assert list(figure.data[0].x) == [0, 1, 2]
    assert list(figure.data[0].y) == [3, 4, 4]
    assert figure.data[0].line.shape == "hv"


def test_series_differ_by_more_than_colour() -> None:
    drawn = lines([1, 2], {"a": [1, 2], "b": [2, 1]})
    assert drawn.data[0].line.dash != drawn.data[1].line.dash
    drawn = bars(["x"], {"a": [1], "b": [2]})
    assert drawn.data[0].marker.pattern.shape != drawn.data[1].marker.pattern.shape


def test_a_heatmap_keeps_missing_cells_empty() -> None:
    matrix = pd.DataFrame([[1.0, None], [0.2, 1.0]], index=["a", "b"], columns=["a", "b"])
    figure = heatmap(matrix, low=0, high=1)
    assert np.isnan(figure.data[0].z[0][1])


def test_no_cell_of_a_csv_is_a_formula() -> None:
    frame = pd.DataFrame({"=name": ["=1+1", "@x", "+4", "ok", None], "n": [-1, 2, 3, 4, 5]})
    text = csv_bytes(frame).decode().splitlines()
    assert text == ["'=name,n", "'=1+1,-1", "'@x,2", "'+4,3", "ok,4", ",5"]


def test_lineage_is_drawn_and_told_with_names() -> None:
    edges = [Edge("dataset:d1", "run:r1", "forest"), Edge("run:r1", "release:x1", "")]
    names = {"dataset:d1": 'Bank "A"\\', "release:x1": "Bank · version 1"}
    assert lineage_chart(edges, names).splitlines() == [
        "flowchart LR",
        '  n0[("Bank #quot;A#quot;#92;")]',
        '  n1["run r1"]',
        '  n2[["Bank · version 1"]]',
        '  n0 -->|"forest"| n1',
        "  n1 --> n2",
    ]
    assert lineage_text(edges, names).splitlines() == [
        '- Bank "A"\\ → forest → run r1',
        "- run r1 → went into → Bank · version 1",
    ]


def test_days_are_shown_as_days_and_moments_as_moments() -> None:
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2026-01-02", None]),
            "moment": pd.to_datetime(["2026-01-02 03:04", "2026-01-02 00:00"]),
            "number": [1, 2],
        }
    )
    assert set(date_columns(frame)) == {"day"}


def test_no_text_of_ours_takes_the_primary_colour_which_is_made_for_buttons() -> None:
    files = [*(ROOT / "app").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    assert [path.name for path in files if ":primary[" in path.read_text()] == []
