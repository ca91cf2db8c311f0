"""The PDF's answer to whether it is safe, and which data quality gates are passed."""

from core.evaluation.counted import rests_on_count, tally
from core.evaluation.details import AttackReport, GateResult
from core.evaluation.glossary import OUTCOME_WORDS, asked_of, figure_text, words_for
from core.evaluation.pdf_document import INK, MUTED, OUTCOME_COLORS, Document
from core.evaluation.pdf_measures import draw_measures, draw_reasons, short, span
from core.evaluation.pdf_tracks import draw_attack
from core.evaluation.values import NotMeasured, TableReport

_QUICK = ("copies", "nearer", "distance", "membership")
_CONTROLS = (
    "Every attack ran three times: on this data, on a verbatim copy of the training rows, which it "
    "must detect, and on fresh real rows, which are the baseline. Where the copy was not detected, "
    "the result is inconclusive."
)


def draw_privacy(pdf: Document, table: TableReport) -> None:
    """Every attack with its numbers and controls, and the measures that are taken at once."""
    detail = table.privacy
    if detail is not None:
        pdf.heading("Is it safe: attacks", level=2, room=60)
        pdf.ink(10, OUTCOME_COLORS[detail.outcome], bold=True)
        pdf.block(f"{OUTCOME_WORDS[detail.outcome]}. {detail.sentence}", 5.5)
        pdf.ln(1)
        pdf.paragraph(_CONTROLS, 8, MUTED)
        rows = [_attack_row(attack) for attack in detail.attacks]
        head = (
            "Attack",
            "Outcome",
            "This data",
            "95 % interval or count",
            "Fresh",
            "Copy",
            "Bounds",
        )
        pdf.grid(head, rows, (6.6, 2.5, 1.7, 2.9, 1.5, 1.5, 2.3), left=2)
        for attack in detail.attacks:
            _attack(pdf, attack)
        for note in detail.notes:
            pdf.paragraph(note, 8, MUTED)
    draw_measures(pdf, "Is it safe: seen at once", table, _QUICK)


def _attack_row(attack: AttackReport) -> tuple[str, ...]:
    return (
        words_for("attack", attack.name).title,
        OUTCOME_WORDS[attack.outcome],
        short(attack.value),
        tally(attack) if rests_on_count(attack) else span(attack.low, attack.high),
        short(attack.fresh),
        short(attack.copy),
        f"{attack.warn_at:g} / {attack.fail_at:g}",
    )


def _attack(pdf: Document, attack: AttackReport) -> None:
    words = words_for("attack", attack.name)
    pdf.room(44)
    pdf.ink(9, INK, bold=True)
    pdf.cell(pdf.epw - 40, 5, pdf.fit(words.title, pdf.epw - 42))
    pdf.ink(9, OUTCOME_COLORS[attack.outcome], bold=True)
    pdf.cell(40, 5, OUTCOME_WORDS[attack.outcome], align="R")
    pdf.ln(5.5)
    if words.meaning:
        pdf.paragraph(words.meaning, 8)
    draw_attack(pdf, attack)
    figures = ", ".join(f"{name} {figure_text(score)}" for name, score in attack.figures.items())
    more = ". ".join(text.rstrip(".") for text in (figures, attack.note) if text)
    if more:
        pdf.paragraph(more, 7.5, MUTED)
    draw_reasons(pdf, [(words.title, attack.value)])
    pdf.ln(1)


def draw_gates(pdf: Document, table: TableReport) -> None:
    """Every gate with value and threshold, then what failed by column."""
    if not table.gates:
        return
    pdf.heading("Data quality gates", level=2, room=50)
    rows = [
        (
            words_for("gate", gate.name).title,
            OUTCOME_WORDS[gate.outcome],
            _gate_value(gate),
            asked_of(gate),
            ", ".join(f.column for f in gate.failed) or "–",
        )
        for gate in table.gates
    ]
    head = ("Gate", "Outcome", "Value", "Threshold", "Failed in")
    pdf.grid(head, rows, (4, 2.6, 2.2, 2.6, 5), left=2)
    for gate in table.gates:
        _failures(pdf, gate)
    draw_reasons(pdf, [(words_for("gate", g.name).title, g.value) for g in table.gates])


def _gate_value(gate: GateResult) -> str:
    return short(gate.value, percent=words_for("gate", gate.name).percent)


def _failures(pdf: Document, gate: GateResult) -> None:
    """What failed in one gate; the figures of a test stand beside its value."""
    if gate.note and not isinstance(gate.value, NotMeasured):
        pdf.paragraph(f"{words_for('gate', gate.name).title}: {gate.note}", 7.5, MUTED)
    if not gate.failed:
        return
    rows = [
        (
            failure.column,
            short(failure.value),
            ", ".join(f"{name} {value:,.4g}" for name, value in failure.figures.items()),
            failure.note,
        )
        for failure in gate.failed
    ]
    head = (words_for("gate", gate.name).title, "Value", "Figures", "Note")
    pdf.grid(head, rows, (4, 2, 5, 4))
