"""The pages of the PDF in order: title, contents, answers, evidence of each table, words."""

from collections.abc import Sequence
from math import ceil

from core.evaluation.pdf import ReportContext
from core.evaluation.pdf_charts import draw_dial
from core.evaluation.pdf_document import INK, LEVEL_COLORS, MUTED, Document
from core.evaluation.pdf_fidelity import draw_fidelity
from core.evaluation.pdf_measures import draw_added
from core.evaluation.pdf_privacy import draw_gates, draw_privacy
from core.evaluation.pdf_utility import draw_figures, draw_utility
from core.evaluation.pdf_words import draw_words
from core.evaluation.values import Report, TableReport
from core.evaluation.words import LEVELS, show

_TITLE = "Evaluation of synthetic data"
_NO_PROOF = (
    "The privacy measures are observations on this synthetic data. They can show a leak, never "
    "prove that there is none; a formal guarantee needs differential privacy."
)
_LISTED_TABLES = 2
_LINES_A_PAGE = 42
_SHOWN_HASH = 16


def draw_report(report: Report, context: ReportContext) -> bytes:
    """All pages, as the bytes of a PDF file."""
    contents = report.content_hash or str(report.to_dict()["content_hash"])
    footer = f"Internal · {context.dataset} · run {context.run_id} · {contents[:_SHOWN_HASH]}"
    pdf = Document(f"{_TITLE}: {context.dataset}", footer, context.created_at)
    _title_page(pdf, report, context, contents)
    pdf.add_page()
    depth = 1 if len(report.tables) <= _LISTED_TABLES else 0
    pdf.contents(depth, pages=1 if depth else ceil((len(report.tables) + 6) / _LINES_A_PAGE))
    _answers(pdf, report)
    for table in report.tables:
        _table(pdf, table)
    _relations(pdf, report)
    _reading(pdf)
    draw_words(pdf, report)
    return bytes(pdf.output())


def _title_page(pdf: Document, report: Report, context: ReportContext, contents: str) -> None:
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
    facts = [*_facts(context), ("Formal guarantee", context.guarantee or report.guarantee)]
    for name, value in [*facts, ("Hash of this evaluation", contents)]:
        _fact(pdf, name, value)
    pdf.ln(8)
    pdf.paragraph(report.disclosure, 9, MUTED)
    pdf.paragraph(
        "The hash of this evaluation is that of the same report as JSON: whoever has both can "
        "tell whether a figure was changed.",
        8,
        MUTED,
    )


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
    pdf.block(value or "–", 5.5, width=pdf.epw - 48, anywhere=" " not in value)


def _answers(pdf: Document, report: Report) -> None:
    pdf.heading("Can it be used?")
    pdf.paragraph(report.summary, 10)
    pdf.ln(2)
    for dial in report.dials:
        draw_dial(pdf, dial)
    steps: Sequence[str] = [step.text for step in report.advice] or report.suggestions
    if steps:
        pdf.heading("What to do next", level=2)
        for step in steps:
            pdf.paragraph(f"•  {step}")
    pdf.paragraph(_NO_PROOF, 8, MUTED)


def _table(pdf: Document, table: TableReport) -> None:
    """The questions in the order they are asked: different, safe, useful, within the rules."""
    pdf.add_page()
    pdf.heading(f"Table {table.name}")
    sizes = ", ".join(f"{count:,} {kind}" for kind, count in table.rows.items())
    pdf.paragraph(f"Rows: {sizes}.")
    for note in table.notes:
        pdf.paragraph(note, 8, MUTED)
    draw_fidelity(pdf, table)
    draw_privacy(pdf, table)
    draw_utility(pdf, table)
    draw_gates(pdf, table)
    draw_added(pdf, table)
    draw_figures(pdf, table)


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
        "that reference, not 1, is the aim. What could not be measured says why, and is in no "
        "average."
    )
    levels = ", ".join(f"“{text}”" for text in LEVELS.values())
    pdf.paragraph(
        f"The words {levels} follow from the project's thresholds and are about this evaluation "
        f"only. {_NO_PROOF}"
    )
