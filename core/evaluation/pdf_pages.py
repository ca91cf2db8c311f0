"""The pages of the PDF in order: title, answers, and the evidence of each table."""

from collections.abc import Sequence

from core.evaluation.pdf import ReportContext
from core.evaluation.pdf_charts import (
    draw_column,
    draw_dial,
    draw_heat_map,
    draw_legend,
    draw_similarity,
)
from core.evaluation.pdf_document import INK, LEVEL_COLORS, MUTED, Document
from core.evaluation.values import Measure, NotMeasured, Report, TableReport
from core.evaluation.words import FIGURES, LEVELS, MEASURES, is_share, show

_TITLE = "Evaluation of synthetic data"
_INTERNAL = (
    "Internal. The measures in this document were computed from real data. They hold no row, but "
    "they describe real people in sum: hand it on only to those who may know about the real data."
)
_NO_PROOF = (
    "The privacy measures are observations on this synthetic data. They can show a leak, never "
    "prove that there is none; a formal guarantee needs differential privacy."
)
_FIDELITY = ("columns", "pairs", "c2st", "tstr")
_PRIVACY = ("copies", "nearer", "distance", "membership")
_BARS = 40
_CHARTS = 6
_PAIRS = 10


def draw_report(report: Report, context: ReportContext) -> bytes:
    """All pages, as the bytes of a PDF file."""
    footer = f"Internal · {context.dataset} · run {context.run_id}"
    pdf = Document(f"{_TITLE}: {context.dataset}", footer, context.created_at)
    _title_page(pdf, report, context)
    _answers(pdf, report)
    for table in report.tables:
        _table(pdf, table)
    _relations(pdf, report)
    _reading(pdf)
    return bytes(pdf.output())


def _title_page(pdf: Document, report: Report, context: ReportContext) -> None:
    pdf.add_page()
    pdf.ln(28)
    pdf.ink(10, MUTED)
    pdf.cell(0, 6, "Synth Studio")
    pdf.ln(9)
    pdf.ink(24, bold=True)
    pdf.block(_TITLE, 11)
    pdf.ink(15)
    pdf.block(pdf.fit(context.dataset, pdf.epw - 2), 9)
    pdf.ln(6)
    pdf.ink(12, LEVEL_COLORS[report.level], bold=True)
    pdf.block(report.summary, 7)
    pdf.ln(8)
    for name, value in _facts(context):
        _fact(pdf, name, value)
    pdf.ln(8)
    pdf.paragraph(_INTERNAL, 9, MUTED)


def _facts(context: ReportContext) -> list[tuple[str, str]]:
    params = ", ".join(f"{k} = {v}" for k, v in context.params.items())
    rows = ", ".join(f"{count:,} of {name}" for name, count in context.rows.items())
    return [
        ("Run", context.run_id),
        ("Engine", context.engine),
        ("Parameters", params or "none"),
        ("Seed", str(context.seed)),
        ("Synthetic rows", rows),
        ("Hash of the real data", context.dataset_hash),
        ("Hash of the synthetic data", context.content_hash),
        ("Made by", context.created_by),
        ("Made at", f"{context.created_at:%Y-%m-%d %H:%M} UTC"),
    ]


def _fact(pdf: Document, name: str, value: str) -> None:
    pdf.room(12)
    pdf.ink(8, MUTED)
    pdf.cell(48, 5.5, name)
    pdf.ink(8, INK)
    pdf.block(value or "–", 5.5, width=pdf.epw - 48, anywhere=True)


def _answers(pdf: Document, report: Report) -> None:
    pdf.add_page()
    pdf.heading("Can it be used?")
    pdf.paragraph(report.summary, 10)
    pdf.ln(2)
    for dial in report.dials:
        draw_dial(pdf, dial)
    if report.suggestions:
        pdf.heading("What to do next", level=2)
        for suggestion in report.suggestions:
            pdf.paragraph(f"•  {suggestion}")
    pdf.paragraph(_NO_PROOF, 8, MUTED)


def _table(pdf: Document, table: TableReport) -> None:
    pdf.add_page()
    pdf.heading(f"Table {table.name}")
    sizes = ", ".join(f"{count:,} {kind}" for kind, count in table.rows.items())
    pdf.paragraph(f"Rows: {sizes}.")
    for note in table.notes:
        pdf.paragraph(note, 8, MUTED)
    _measures(pdf, "Likeness and use", table, _FIDELITY)
    _measures(pdf, "Privacy", table, _PRIVACY)
    _columns(pdf, table)
    _pairs(pdf, table)
    _associations(pdf, table)
    _figures(pdf, table)


def _measures(pdf: Document, title: str, table: TableReport, names: Sequence[str]) -> None:
    chosen = [table.measures[name] for name in names if name in table.measures]
    if not chosen:
        return
    pdf.heading(title, level=2, room=45)
    rows = [_measure_row(measure, MEASURES[measure.name].title) for measure in chosen]
    head = ("Measure", "This data", "Fresh real rows", "No skill or copy", "Best")
    pdf.grid(head, rows, (6, 2.6, 3, 3, 2))
    for measure in chosen:
        words = MEASURES[measure.name]
        reason = _reason(measure)
        note = f" ({measure.note})" if measure.note else ""
        target = f" Target: {table.target}." if measure.name == "tstr" and table.target else ""
        text = f"{words.title}{note}: {words.meaning}{target} {words.reading}{reason}"
        pdf.paragraph(text, 7.5, MUTED)


def _reason(measure: Measure) -> str:
    value = measure.value
    return f" Not measured: {value.reason}" if isinstance(value, NotMeasured) else ""


def _measure_row(measure: Measure, title: str) -> tuple[str, ...]:
    percent = is_share(measure)
    scores = (measure.value, measure.fresh, measure.chance)
    shown = ["–" if isinstance(s, NotMeasured) else show(s, percent=percent) for s in scores]
    return (title, *shown, show(measure.best, percent=percent))


def _columns(pdf: Document, table: TableReport) -> None:
    judged = sorted(table.judged, key=lambda c: -c.shortfall)
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


def _chart_grid(pdf: Document, columns: Sequence[object]) -> None:
    width = (pdf.epw - 8) / 2
    for start in range(0, len(columns), 2):
        pdf.room(46)
        y = pdf.get_y()
        for place, column in enumerate(columns[start : start + 2]):
            draw_column(pdf, column, pdf.l_margin + (width + 8) * place, y, width)  # type: ignore[arg-type]
        pdf.set_xy(pdf.l_margin, y + 46)


def _pairs(pdf: Document, table: TableReport) -> None:
    furthest = sorted(table.pairs, key=lambda p: -p.shortfall)[:_PAIRS]
    if not furthest:
        return
    pdf.heading("Pairs of columns that differ most", level=2, room=40)
    note = table.measures["pairs"].note or f"all {table.pairs_total:,} pairs"
    pdf.paragraph(f"Of {note}.", 8, MUTED)
    rows = [
        (p.left, p.right, show(p.similarity), show(p.fresh), show(p.independent)) for p in furthest
    ]
    head = ("Column", "Column", "This data", "Fresh real rows", "Independent")
    pdf.grid(head, rows, (4, 4, 2.4, 3, 2.6), left=2)


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
    pdf.room(62)
    y = pdf.get_y()
    drawn = (
        ("training", cells.real),
        ("synthetic", cells.synthetic),
        ("synthetic − training", cells.difference),
    )
    for place, (title, matrix) in enumerate(drawn):
        draw_heat_map(pdf, title, cells.names, matrix, (pdf.l_margin + 60.5 * place, y))
    pdf.set_xy(pdf.l_margin, y + 62)


def _figures(pdf: Document, table: TableReport) -> None:
    pdf.heading("Figures for comparison with benchmarks", level=2, room=62)
    rows = []
    for name, measure in table.figures.items():
        _, value, fresh, _, best = _measure_row(measure, name)
        rows.append((name, FIGURES[name], value, fresh, best))
    head = ("Figure", "What it is", "This data", "Fresh real", "Best")
    pdf.grid(head, rows, (1.2, 6.6, 2, 2, 1.8), left=2)


def _relations(pdf: Document, report: Report) -> None:
    if not report.relations:
        return
    pdf.heading("Relations between tables", room=40)
    rows = [
        (
            f"{r.child}.{r.child_key} → {r.parent}",
            show(r.valid.value, percent=True),
            show(r.valid.fresh, percent=True),
            show(r.children.value),
            show(r.children.fresh),
        )
        for r in report.relations
    ]
    head = ("Relation", "Keys that fit", "real", "Children per parent", "fresh real")
    pdf.grid(head, rows, (5, 2.2, 2, 3, 2.4))


def _reading(pdf: Document) -> None:
    pdf.heading("How to read this", room=50)
    pdf.paragraph(
        "The real rows were split once, before training. The generator saw the training rows only. "
        "Synthetic rows are compared with the holdout, and beside each number stands what fresh "
        "real rows reach in their place: two samples of the same people are never quite alike, so "
        "that reference, not 1, is the aim."
    )
    levels = ", ".join(f"“{text}”" for text in LEVELS.values())
    pdf.paragraph(
        f"The words {levels} follow from fixed thresholds and are about this evaluation only. "
        + _NO_PROOF
    )
