"""The report of a differentially private run as a PDF for people, in the order it is asked for."""

from collections.abc import Iterable

from core.evaluation.dp_report import Composition, DpReport
from core.evaluation.dp_words import INTERNAL, NOT_COVERED, PREPARED, PURPOSE_TITLES
from core.evaluation.pdf_document import BAD, GOOD, INK, MUTED, Document
from core.privacy.guarantee import ADJACENCY
from core.privacy.words import in_words

_TITLE = "Differential privacy report"
_SHOWN_LINES = 400
_SHOWN_HASH = 16


def render_dp_pdf(report: DpReport) -> bytes:
    """Draw ``report`` as a PDF; the same report gives the same bytes."""
    contents = str(report.to_dict()["content_hash"])
    origin = report.origin
    footer = f"{origin.dataset} · run {origin.run_id} · {contents[:_SHOWN_HASH]}"
    pdf = Document(f"{_TITLE}: {origin.dataset}", footer, origin.made_at)
    pdf.add_page()
    _promise(pdf, report)
    _ledger(pdf, report)
    _assumed(pdf, report)
    _prepared(pdf, report)
    _composition(pdf, report.composition)
    _evidence(pdf, report)
    _limits(pdf)
    _reproducing(pdf, report, contents)
    _charges(pdf, report)
    return bytes(pdf.output())


def _promise(pdf: Document, report: DpReport) -> None:
    pdf.ink(10, MUTED)
    pdf.cell(0, 6, "Synth Studio")
    pdf.ln(9)
    pdf.ink(22, bold=True)
    pdf.block(_TITLE, 10)
    pdf.ink(13)
    pdf.block(pdf.fit(report.origin.dataset, pdf.epw - 2), 8)
    pdf.ln(4)
    pdf.heading("The guarantee")
    pdf.paragraph(report.sentence, 11)
    promised = report.opened.guarantee
    pdf.paragraph(in_words(promised.epsilon, promised.delta))
    pdf.paragraph(f"Neighbouring tables: {ADJACENCY}. Unit: {report.unit}")
    pdf.paragraph(report.check_sentence, 10, GOOD if report.check.is_kept else BAD)


def _ledger(pdf: Document, report: DpReport) -> None:
    pdf.heading("What it was spent on")
    pdf.paragraph(
        "Each purpose with what its charges would cost by themselves. Together they cost less than "
        "the sum, since noise is composed as it was drawn."
    )
    rows = [(c.title, f"{c.charges:,}", f"{c.epsilon:.4g}") for c in report.purposes]
    rows.append(("All together", f"{len(report.lines):,}", f"{report.spent.epsilon:.4g}"))
    pdf.grid(("Purpose", "Charges", "ε by itself"), rows, (5, 1.5, 1.5))


def _charges(pdf: Document, report: DpReport) -> None:
    pdf.heading("Every charge of the ledger", room=40)
    shown = report.lines[:_SHOWN_LINES]
    charges = [(PURPOSE_TITLES.get(c.purpose, c.purpose), c.about, c.mechanism) for c in shown]
    pdf.grid(("Purpose", "Of what", "Mechanism"), charges, (2, 4, 6), left=3)
    if len(report.lines) > len(shown):
        rest = len(report.lines) - len(shown)
        pdf.paragraph(f"{rest:,} more charges are in the report as JSON.", 8, MUTED)


def _assumed(pdf: Document, report: DpReport) -> None:
    pdf.heading("What was assumed public")
    pdf.paragraph("Taken as known to everybody; it cost nothing, and is not protected.")
    _bullets(pdf, report.public)


def _prepared(pdf: Document, report: DpReport) -> None:
    pdf.heading("How the rows were prepared")
    _bullets(pdf, report.prepared)
    if report.preparation:
        pdf.paragraph(PREPARED, 9, MUTED)


def _composition(pdf: Document, composition: Composition | None) -> None:
    pdf.heading("With all other releases of this dataset")
    if composition is None:
        pdf.paragraph("Not known: this run was not made under a budget of the dataset.")
        return
    pdf.paragraph(
        f"{composition.runs:,} runs count, and together they cost ε = {composition.epsilon:.4g} at "
        f"δ = {composition.delta:.3g}, composed from the noise that was drawn. Their promises add "
        f"up to {composition.simple_sum:.4g}. The cap of the dataset is "
        f"ε = {composition.cap_epsilon:g}, δ = {composition.cap_delta:g}, for "
        f"{'one row' if not composition.unit else f'one person ({composition.unit})'}."
    )


def _evidence(pdf: Document, report: DpReport) -> None:
    pdf.heading("Evidence")
    pdf.paragraph(
        "An audit attacks the engine and bounds ε from below. It can show a leak, and never proves "
        "that there is none; it cannot show more than its ceiling."
    )
    _bullets(pdf, report.findings)


def _limits(pdf: Document) -> None:
    pdf.heading("What is not covered")
    _bullets(pdf, NOT_COVERED)
    pdf.paragraph(INTERNAL, 9, MUTED)


def _reproducing(pdf: Document, report: DpReport, contents: str) -> None:
    pdf.heading("To do it again")
    origin = report.origin
    facts = {
        "Run": origin.run_id,
        "Engine": origin.engine,
        "Parameters": ", ".join(f"{k} = {v}" for k, v in origin.params.items()) or "none",
        "Synthetic rows": ", ".join(f"{n:,} of {table}" for table, n in origin.rows.items()),
        "Hash of the synthetic data": origin.content_hash,
        "Versions": ", ".join(f"{name} {v}" for name, v in origin.versions.items()),
        "Made by": origin.made_by,
        "Made at": f"{origin.made_at:%Y-%m-%d %H:%M} UTC",
        "Hash of this report": contents,
    }
    for name, value in facts.items():
        pdf.room(12)
        pdf.ink(8, MUTED)
        pdf.cell(48, 5.5, name)
        pdf.ink(8, INK)
        pdf.block(value or "–", 5.5, width=pdf.epw - 48, anywhere=True)
    pdf.paragraph(
        "The noise cannot be drawn again: it has no seed, as the promise asks. The same settings "
        "give another result under the same promise."
    )


def _bullets(pdf: Document, texts: Iterable[str]) -> None:
    for text in texts:
        pdf.paragraph(f"•  {text}")
