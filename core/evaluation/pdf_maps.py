"""Maps of the PDF: squares of coloured cells for associations and for the counts of a pair."""

from collections.abc import Sequence

import numpy as np

from core.evaluation.details import Crosstab, PairDetail
from core.evaluation.pdf_document import LINE, MUTED, Color, Document

_COLD, _WARM, _WHITE = (0, 92, 148), (190, 80, 0), (255, 255, 255)
_SIDE, _STEP = 52.0, 60.5
Matrix = Sequence[Sequence[float | None]]


def draw_heat_map(pdf: Document, title: str, cells: Matrix, place: tuple[float, float]) -> None:
    """A square of 52 mm from −1 (blue) over 0 (white) to 1 (orange); undefined is grey."""
    x, y = place
    wide, tall = _SIDE / max(1, len(cells[0])), _SIDE / max(1, len(cells))
    pdf.set_xy(x, y)
    pdf.ink(9, bold=True)
    pdf.cell(_SIDE, 5, title, align="C")
    for i, row in enumerate(cells):
        for j, value in enumerate(row):
            pdf.set_fill_color(*heat_color(value))
            pdf.rect(x + wide * j, y + 6 + tall * i, wide, tall, style="F")
    pdf.set_draw_color(*LINE)
    pdf.rect(x, y + 6, _SIDE, _SIDE)


def heat_color(value: float | None) -> Color:
    """Colour of a cell between −1 and 1; grey when it is undefined."""
    if value is None:
        return LINE
    end = _COLD if value < 0 else _WARM
    share = min(1.0, abs(value))
    r, g, b = (round(w + (e - w) * share) for w, e in zip(_WHITE, end, strict=True))
    return r, g, b


def draw_maps(pdf: Document, drawn: Sequence[tuple[str, Matrix]]) -> None:
    """Up to three maps side by side; the place is below them afterwards."""
    pdf.room(62)
    y = pdf.get_y()
    for place, (title, cells) in enumerate(drawn):
        draw_heat_map(pdf, title, cells, (pdf.l_margin + _STEP * place, y))
    pdf.set_xy(pdf.l_margin, y + 60)


def draw_pair(pdf: Document, pair: PairDetail) -> None:
    """Shares of rows of a pair: training, synthetic, and their difference, each on its scale."""
    table = pair.table
    if table is None:
        return
    real, synthetic = shares(table.real), shares(table.synthetic)
    change = synthetic - real
    top = max(real.max(initial=0.0), synthetic.max(initial=0.0)) or 1.0
    reach = np.abs(change).max(initial=0.0) or 1.0
    drawn = (
        (f"training (up to {top:.1%})", real / top),
        (f"synthetic (up to {top:.1%})", synthetic / top),
        (f"difference (± {reach:.1%})", change / reach),
    )
    draw_maps(pdf, [(title, cells.tolist()) for title, cells in drawn])
    _labels(pdf, pair, table)


def shares(counts: Sequence[Sequence[int]]) -> np.ndarray:
    """Counts as shares of all rows."""
    cells = np.asarray(counts, dtype=float)
    return cells / (cells.sum() or 1.0)


def _labels(pdf: Document, pair: PairDetail, table: Crosstab) -> None:
    for name, way, labels in (
        (pair.left, "from the top", table.rows),
        (pair.right, "from the left", table.columns),
    ):
        pdf.paragraph(f"{name}, {way}: {', '.join(labels)}", 7, MUTED)
    pdf.ln(1)
