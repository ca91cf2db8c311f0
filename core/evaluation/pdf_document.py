"""An A4 document with the studio's font, running footer, headings and tables."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
INK, MUTED, LINE, PALE = (31, 41, 55), (91, 101, 115), (208, 213, 221), (243, 245, 248)
REAL, SYNTHETIC, GOOD, CARE, BAD = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 122, 88),
    (154, 103, 0),
    (179, 57, 0),
)
LEVEL_COLORS = {"good": GOOD, "fair": CARE, "poor": BAD, "unknown": MUTED}
OUTCOME_COLORS = {
    "pass": GOOD,
    "warn": CARE,
    "fail": BAD,
    "inconclusive": MUTED,
    "not applicable": MUTED,
}
Color = tuple[int, int, int]


class Document(FPDF):  # type: ignore[misc]
    """Pages with margins of 18 mm, DejaVu Sans and page numbers.

    Parameters
    ----------
    footer_text
        Printed at the foot of each page, before the page number.
    moment
        Creation date to record, so that the bytes do not depend on the clock.
    """

    def __init__(self, title: str, footer_text: str, moment: datetime) -> None:
        super().__init__(format="A4", unit="mm")
        self._footer_text = footer_text
        self.set_margins(18, 18, 18)
        self.set_auto_page_break(True, margin=20)
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_title(title)
        self.set_creation_date(moment)
        self.set_lang("en")
        self.alias_nb_pages()

    def footer(self) -> None:
        """Draw the running footer; the library calls this."""
        self.set_y(-14)
        self.ink(7, MUTED)
        self.cell(self.epw - 30, 5, self.fit(self._footer_text, self.epw - 32))
        self.cell(30, 5, f"Page {self.page_no()} of {{nb}}", align="R")

    def ink(self, size: float, color: Color = INK, *, bold: bool = False) -> None:
        """Choose size and colour of what is written next."""
        self.set_font("DejaVu", "B" if bold else "", size)
        self.set_text_color(*color)

    def fit(self, text: str, width: float) -> str:
        """Cut ``text`` to what fits into ``width`` mm in the present font."""
        shown = clean(text)
        if self.get_string_width(shown) <= width:
            return shown
        while shown and self.get_string_width(shown + "…") > width:
            shown = shown[:-1]
        return shown + "…"

    def room(self, height: float) -> None:
        """Start a new page unless ``height`` mm are left on this one."""
        if self.get_y() + height > self.page_break_trigger:
            self.add_page()

    def heading(self, text: str, *, level: int = 1, room: float = 30) -> None:
        """Write a heading that stays with the ``room`` mm that follow it."""
        self.room(room)
        if self.get_y() > self.t_margin + 1:
            self.ln(4 if level > 1 else 7)
        with self.outline_entry(text, level - 1):
            self.ink(15 if level == 1 else 11, bold=True)
            self.block(text, 7 if level == 1 else 6)
        self.ln(1.5)

    def contents(self, depth: int, pages: int) -> None:
        """Keep ``pages`` pages, of which this is the first, for the headings to that depth."""

        def draw(pdf: "Document", entries: Sequence[Any]) -> None:
            pdf.set_xy(pdf.l_margin, pdf.t_margin)
            pdf.ink(15, bold=True)
            pdf.block("Contents", 7)
            pdf.ln(3)
            for entry in entries:
                if entry.level <= depth:
                    pdf._contents_line(entry.name, entry.level, entry.page_number)

        self.insert_toc_placeholder(draw, pages=pages, reset_page_indices=False)

    def _contents_line(self, name: str, level: int, page: int) -> None:
        indent = 6.0 * level
        self.ink(10 if level == 0 else 9, INK if level == 0 else MUTED, bold=level == 0)
        self.set_x(self.l_margin + indent)
        link = self.add_link(page=page)
        self.cell(self.epw - indent - 14, 5.6, self.fit(name, self.epw - indent - 16), link=link)
        self.cell(14, 5.6, str(page), align="R", link=link)
        self.ln(5.6)

    def outline_entry(self, text: str, level: int) -> "_Entry":
        """Add an entry to the document's outline at the present place."""
        return _Entry(self, clean(text), level)

    def paragraph(self, text: str, size: float = 9, color: Color = INK) -> None:
        """Write running text."""
        self.ink(size, color)
        self.block(text, size * 0.55)
        self.ln(1.5)

    def block(self, text: str, height: float, *, width: float = 0, anywhere: bool = False) -> None:
        """Write wrapped text and go to the line below; ``anywhere`` breaks within words."""
        mode = "CHAR" if anywhere else "WORD"
        shown = clean(text)
        self.multi_cell(
            width, height, shown, align="L", wrapmode=mode, new_x="LMARGIN", new_y="NEXT"
        )

    def grid(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        left: int = 1,
    ) -> None:
        """Draw a table; the first ``left`` columns are text, the others right-aligned numbers.

        ``widths`` are shares of the page's width.
        """
        total = sum(widths)
        sizes = [self.epw * share / total for share in widths]
        self._grid_row(head, sizes, left, bold=True)
        for row in rows:
            if self.get_y() + 6 > self.page_break_trigger:
                self.add_page()
                self._grid_row(head, sizes, left, bold=True)
            self._grid_row(row, sizes, left)
        self.ln(2)

    def _grid_row(
        self, cells: Sequence[str], sizes: Sequence[float], left: int, *, bold: bool = False
    ) -> None:
        self.ink(8, bold=bold)
        self.set_draw_color(*LINE)
        self.set_fill_color(*PALE)
        for i, (text, width) in enumerate(zip(cells, sizes, strict=True)):
            shown = self.fit(text, width - 2)
            self.cell(width, 6, shown, border="B", align="L" if i < left else "R", fill=bold)
        self.ln(6)


class _Entry:
    """Opens an outline section before its heading is written."""

    def __init__(self, document: Document, text: str, level: int) -> None:
        self._document, self._text, self._level = document, text, level

    def __enter__(self) -> None:
        self._document.start_section(self._text, self._level)

    def __exit__(self, *_: object) -> None: ...


def clean(text: str) -> str:
    """Text without control characters, which have no glyph."""
    return "".join(c if c.isprintable() else " " for c in text)
