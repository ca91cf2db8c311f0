"""The last pages of the PDF: what each measure means, how it is computed, and its pitfalls."""

from core.evaluation.glossary import paragraphs, words_for
from core.evaluation.pdf_document import INK, MUTED, Document
from core.evaluation.values import Report, TableReport

_TITLES = {
    "measure": "Measures",
    "attack": "Attacks",
    "use": "Models and metrics",
    "gate": "Gates",
}


def draw_words(pdf: Document, report: Report) -> None:
    """The words of everything that this report names, by kind."""
    used = {kind: _used(report, kind) for kind in _TITLES}
    if not any(used.values()):
        return
    pdf.add_page()
    pdf.heading("What the measures mean")
    for kind, names in used.items():
        if names:
            pdf.heading(_TITLES[kind], level=2, room=55)
        for name in names:
            _entry(pdf, kind, name)


def _used(report: Report, kind: str) -> list[str]:
    """Names that the report has of a kind and that have words, each once."""
    names = dict.fromkeys(name for table in report.tables for name in _names(table)[kind])
    return [name for name in names if words_for(kind, name).meaning]


def _names(table: TableReport) -> dict[str, list[str]]:
    measures = list(table.measures)
    if table.fidelity:
        measures += [m.name for found in table.fidelity.columns.values() for m in found]
        measures += [m.name for m in table.fidelity.whole]
    targets = table.utility.targets if table.utility else ()
    return {
        "measure": measures,
        "attack": [a.name for a in table.privacy.attacks] if table.privacy else [],
        "use": [name for t in targets for s in t.scores for name in (s.model, s.metric)],
        "gate": [g.name for g in table.gates],
    }


def _entry(pdf: Document, kind: str, name: str) -> None:
    words = words_for(kind, name)
    pdf.room(34)
    pdf.ink(9, bold=True)
    pdf.block(words.title, 5)
    for lead, text in paragraphs(words):
        pdf.paragraph(f"{lead}: {text}" if lead else text, 8, MUTED if lead else INK)
    pdf.ln(1)
