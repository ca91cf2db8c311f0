"""The PDF's answer to what is different: columns, pairs, associations and whole rows."""

from collections.abc import Sequence

from core.evaluation.details import FidelityDetail, PairDetail
from core.evaluation.glossary import words_for
from core.evaluation.pdf_charts import draw_column, draw_legend, draw_similarity
from core.evaluation.pdf_document import MUTED, Document
from core.evaluation.pdf_maps import draw_maps, draw_pair
from core.evaluation.pdf_measures import draw_measures, draw_reasons, measure_row, short, span
from core.evaluation.pdf_tracks import draw_lengths
from core.evaluation.values import ColumnReport, Score, TableReport
from core.evaluation.words import show

_BARS = 40
_CHARTS = 6
_PAIRS = 10
_DRAWN_PAIRS = 3
_MEASURED_COLUMNS = 12
_GIVEAWAYS = 10


def draw_fidelity(pdf: Document, table: TableReport) -> None:
    """What is different, the worst first."""
    draw_measures(pdf, "What is different: likeness", table, ("columns", "pairs", "c2st"))
    judged = sorted(table.judged, key=lambda c: -c.shortfall)
    _columns(pdf, table, judged)
    if table.fidelity:
        _column_measures(pdf, table.fidelity, judged)
    _pairs(pdf, table)
    _associations(pdf, table)
    if table.fidelity:
        _whole(pdf, table, table.fidelity)


def _columns(pdf: Document, table: TableReport, judged: Sequence[ColumnReport]) -> None:
    if judged:
        pdf.heading("Similarity of single columns", level=2, room=40)
        more = f", the {_BARS} furthest of {len(judged)}" if len(judged) > _BARS else ""
        pdf.paragraph(
            f"Furthest first{more}; the mark is where fresh real rows are (value / mark).",
            8,
            MUTED,
        )
        draw_similarity(pdf, judged[:_BARS])
    drawn = [c for c in judged if c.chart is not None][:_CHARTS]
    if drawn:
        pdf.heading("Training beside synthetic values", level=2, room=62)
        draw_legend(pdf)
        _chart_grid(pdf, drawn)
    left_out = [c for c in table.columns if c.excluded]
    if left_out:
        pdf.heading("Columns that were left out", level=2)
        rows = [(c.name, c.excluded) for c in left_out]
        pdf.grid(("Column", "Why"), rows, (1, 2), left=2)


def _chart_grid(pdf: Document, columns: Sequence[ColumnReport]) -> None:
    width = (pdf.epw - 8) / 2
    for start in range(0, len(columns), 2):
        pdf.room(46)
        y = pdf.get_y()
        for place, column in enumerate(columns[start : start + 2]):
            draw_column(pdf, column, pdf.l_margin + (width + 8) * place, y, width)
        pdf.set_xy(pdf.l_margin, y + 46)


def _column_measures(pdf: Document, detail: FidelityDetail, judged: Sequence[ColumnReport]) -> None:
    named = [c.name for c in judged if detail.columns.get(c.name)]
    if not named:
        return
    pdf.heading("Measures of single columns", level=2, room=40)
    if len(named) > _MEASURED_COLUMNS:
        text = f"The {_MEASURED_COLUMNS} furthest of {len(named)} columns; all are in the JSON."
        pdf.paragraph(text, 8, MUTED)
    rows = []
    for name in named[:_MEASURED_COLUMNS]:
        for place, measure in enumerate(detail.columns[name]):
            title, value, fresh, _, best = measure_row(measure)
            within = span(measure.low, measure.high)
            rows.append((name if not place else "", title, value, within, fresh, best))
    head = ("Column", "Measure", "This data", "95 % interval", "Fresh real", "Best")
    pdf.grid(head, rows, (3.6, 4.6, 2, 3, 2.2, 1.8), left=2)
    draw_reasons(
        pdf,
        [
            (f"{words_for('measure', m.name).title} of {name}", m.value)
            for name in named[:_MEASURED_COLUMNS]
            for m in detail.columns[name]
        ],
    )


def _pairs(pdf: Document, table: TableReport) -> None:
    detailed = table.fidelity.pairs if table.fidelity else ()
    furthest = detailed or sorted(table.pairs, key=lambda p: -p.shortfall)
    if not furthest:
        return
    pdf.heading("Pairs of columns that differ most", level=2, room=40)
    note = table.measures["pairs"].note or f"all {table.pairs_total:,} pairs"
    pdf.paragraph(f"Of {note}.", 8, MUTED)
    rows = [
        (p.left, p.right, short(p.similarity), short(p.fresh), short(p.independent))
        for p in furthest[:_PAIRS]
    ]
    head = ("Column", "Column", "This data", "Fresh real rows", "Independent")
    pdf.grid(head, rows, (4, 4, 2.4, 3, 2.6), left=2)
    drawn = [p for p in detailed if p.table is not None][:_DRAWN_PAIRS]
    for pair in drawn:
        _pair(pdf, pair)


def _pair(pdf: Document, pair: PairDetail) -> None:
    pdf.room(78)
    pdf.ink(9, bold=True)
    pdf.block(pdf.fit(f"{pair.left} × {pair.right}", pdf.epw - 2), 5)
    pdf.paragraph(
        f"{pair.measure}: {show(pair.association_real)} in training rows, "
        f"{show(pair.association_synthetic)} in synthetic rows. Shares of rows, {pair.left} "
        f"downwards and {pair.right} to the right; the darker the more.",
        7.5,
        MUTED,
    )
    draw_pair(pdf, pair)


def _associations(pdf: Document, table: TableReport) -> None:
    cells = table.association
    if len(cells.names) < 2:
        return
    pdf.heading("How strongly columns hang together", level=2, room=92)
    text = (
        "From −1 (blue) over 0 (white) to 1 (orange); grey where a column does not vary. Rank "
        "correlation of numbers, correlation ratio and Cramér's V with categories. Columns in "
        f"order, from the top left: {', '.join(cells.names)}."
    )
    pdf.paragraph(f"{cells.note}. {text}" if cells.note else text, 7.5, MUTED)
    drawn = (
        ("training", cells.real),
        ("synthetic", cells.synthetic),
        ("synthetic − training", cells.difference),
    )
    draw_maps(pdf, drawn)


def _whole(pdf: Document, table: TableReport, detail: FidelityDetail) -> None:
    if detail.whole:
        pdf.heading("Whole rows", level=2, room=40)
        head = ("Measure", "This data", "Fresh real rows", "No skill or copy", "Best")
        pdf.grid(head, [measure_row(m) for m in detail.whole], (6, 2.6, 3, 3, 2))
        titles = [(words_for("measure", m.name).title, m.value) for m in detail.whole]
        draw_reasons(pdf, titles)
    if detail.giveaways:
        pdf.heading("Columns that give synthetic rows away", level=2, room=40)
        text = "How much area under the curve a model loses when the column is shuffled."
        pdf.paragraph(text, 8, MUTED)
        draw_lengths(pdf, [(g.column, (g.drop,)) for g in detail.giveaways[:_GIVEAWAYS]])
    if detail.sdmetrics:
        _sdmetrics(pdf, table, detail)
    for note in detail.notes:
        pdf.paragraph(note, 8, MUTED)


def _sdmetrics(pdf: Document, table: TableReport, detail: FidelityDetail) -> None:
    theirs = detail.sdmetrics
    assert theirs is not None
    pdf.heading("Beside the reports of sdmetrics", level=2, room=55)
    text = "They compare with the training rows and have no reference of fresh rows. "
    pdf.paragraph(text + theirs.note, 8, MUTED)
    columns, pairs = (table.measures[name].value for name in ("columns", "pairs"))
    rows: list[tuple[str, Score, str]] = [
        ("Quality: overall", theirs.quality, ""),
        ("Quality: column shapes", theirs.column_shapes, f"single columns {short(columns)}"),
        ("Quality: pair trends", theirs.column_pair_trends, f"pairs {short(pairs)}"),
        ("Diagnostic: overall", theirs.diagnostic, ""),
        ("Diagnostic: data validity", theirs.data_validity, ""),
        ("Diagnostic: data structure", theirs.data_structure, ""),
    ]
    shown = [(title, short(score), own) for title, score, own in rows]
    pdf.grid(("sdmetrics", "Its score", "Ours"), shown, (5, 2.5, 4))
    draw_reasons(pdf, [(title, score) for title, score, _ in rows])
