"""Charts of the PDF, drawn as vectors: bars with a reference mark, paired bars, dials.

Real is blue and on the left, synthetic is vermilion and on the right, everywhere.
"""

from collections.abc import Sequence

from core.evaluation.charts import edge_label
from core.evaluation.pdf_document import (
    INK,
    LEVEL_COLORS,
    LINE,
    MUTED,
    PALE,
    REAL,
    SYNTHETIC,
    Document,
)
from core.evaluation.values import Chart, ColumnReport, Dial, NotMeasured, Score
from core.evaluation.words import CHANCE, LEVELS, show


def draw_dial(pdf: Document, dial: Dial) -> None:
    """One answer: its level in words, a track from chance to best, its sentence."""
    pdf.room(42)
    pdf.ink(11, bold=True)
    pdf.cell(pdf.epw - 45, 7, pdf.fit(dial.title, pdf.epw - 47))
    pdf.ink(10, LEVEL_COLORS[dial.level], bold=True)
    pdf.cell(45, 7, LEVELS[dial.level], align="R")
    pdf.ln(8)
    _track(pdf, dial)
    pdf.paragraph(dial.sentence)
    pdf.ln(2)


def _track(pdf: Document, dial: Dial) -> None:
    """The track runs from 0 to 1; marks are labelled below with what they are."""
    if not isinstance(dial.value, float):
        return
    x, y, width = pdf.l_margin, pdf.get_y() + 1, pdf.epw
    pdf.set_fill_color(*PALE)
    pdf.set_draw_color(*LINE)
    pdf.rect(x, y, width, 4, style="DF")
    pdf.set_fill_color(*LEVEL_COLORS[dial.level])
    pdf.rect(x, y, width * _clip(dial.value), 4, style="F")
    pdf.set_draw_color(*INK)
    for mark in (dial.chance, dial.best):
        if isinstance(mark, float):
            at = x + width * _clip(mark)
            pdf.line(at, y - 1, at, y + 5)
    pdf.set_y(y + 6)
    pdf.ink(8, MUTED)
    shown = f"this data {show(dial.value)}  ·  fresh real rows {show(dial.best)}"
    lower = f"{CHANCE[dial.name]} {show(dial.chance)}"
    pdf.cell(0, 4, f"{shown}  ·  {lower}   (marks on the bar)")
    pdf.ln(6)


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def draw_similarity(pdf: Document, columns: Sequence[ColumnReport]) -> None:
    """A bar a column, with a mark where fresh real rows are."""
    label, number = 48.0, 30.0
    width = pdf.epw - label - number
    for column in columns:
        pdf.room(6)
        y = pdf.get_y()
        pdf.ink(8)
        pdf.cell(label, 5, pdf.fit(column.name, label - 2))
        pdf.set_fill_color(*PALE)
        pdf.rect(pdf.l_margin + label, y + 1, width, 3, style="F")
        if isinstance(column.similarity, float):
            pdf.set_fill_color(*SYNTHETIC)
            pdf.rect(pdf.l_margin + label, y + 1, width * _clip(column.similarity), 3, style="F")
        if isinstance(column.fresh, float):
            at = pdf.l_margin + label + width * _clip(column.fresh)
            pdf.set_draw_color(*INK)
            pdf.line(at, y + 0.3, at, y + 4.7)
        pdf.set_xy(pdf.l_margin + label + width, y)
        pdf.cell(number, 5, f"{_short(column.similarity)} / {_short(column.fresh)}", align="R")
        pdf.ln(5)
    pdf.ln(2)


def _short(score: Score) -> str:
    return "–" if isinstance(score, NotMeasured) else f"{score:.3f}"


def draw_column(pdf: Document, column: ColumnReport, x: float, y: float, width: float) -> None:
    """Training beside synthetic values of one column as shares, 44 mm high."""
    pdf.set_xy(x, y)
    pdf.ink(9, bold=True)
    pdf.cell(width, 5, pdf.fit(column.name, width))
    pdf.set_xy(x, y + 5)
    pdf.ink(7, MUTED)
    pdf.cell(width, 4, f"similarity {_short(column.similarity)}, fresh real {_short(column.fresh)}")
    if column.chart is not None:
        _paired_bars(pdf, column.chart, (x, y + 10, width, 26))
        _axis(pdf, column, (x, y + 36.5, width))


def _paired_bars(pdf: Document, chart: Chart, box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    shares = [_shares(chart.real), _shares(chart.synthetic)]
    tallest = max(max(shares[0], default=0), max(shares[1], default=0)) or 1.0
    slot = width / len(chart.real)
    for offset, color, values in ((0.06, REAL, shares[0]), (0.5, SYNTHETIC, shares[1])):
        pdf.set_fill_color(*color)
        for i, share in enumerate(values):
            tall = height * share / tallest
            pdf.rect(x + slot * (i + offset), y + height - tall, slot * 0.42, tall, style="F")
    pdf.set_draw_color(*MUTED)
    pdf.line(x, y + height, x + width, y + height)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    return [count / total for count in counts] if total else [0.0] * len(counts)


def _axis(pdf: Document, column: ColumnReport, box: tuple[float, float, float]) -> None:
    x, y, width = box
    chart = column.chart
    assert chart is not None
    pdf.ink(6.5, MUTED)
    if chart.kind == "histogram":
        first, last = (edge_label(e, column.type) for e in (chart.edges[0], chart.edges[-1]))
        pdf.set_xy(x, y)
        pdf.cell(width / 2, 4, pdf.fit(first, width / 2))
        pdf.cell(width / 2, 4, pdf.fit(last, width / 2), align="R")
        return
    slot = width / len(chart.labels)
    if slot > 9:
        for i, label in enumerate(chart.labels):
            pdf.set_xy(x + slot * i, y)
            pdf.cell(slot, 4, pdf.fit(label, slot - 0.5), align="C")
        return
    pdf.set_xy(x, y)
    pdf.cell(width, 4, pdf.fit("left to right: " + ", ".join(chart.labels), width))


def draw_legend(pdf: Document) -> None:
    """Which colour is which."""
    y = pdf.get_y()
    for i, (color, text) in enumerate(((REAL, "training rows"), (SYNTHETIC, "synthetic rows"))):
        x = pdf.l_margin + 45 * i
        pdf.set_fill_color(*color)
        pdf.rect(x, y + 1, 3, 3, style="F")
        pdf.set_xy(x + 4.5, y)
        pdf.ink(8)
        pdf.cell(40, 5, text)
    pdf.ln(7)
