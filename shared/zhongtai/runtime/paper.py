"""Pages on paper: texts and tables as a PDF, in Chinese and English, the same bytes for the same content.

The font is one of the standard Chinese fonts that every PDF reader knows by name (Adobe-GB1), so none is shipped.
"""

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

CONTENT_TYPE = "application/pdf"
_FONT = "STSong-Light"
_MARGIN = 54
_LEADING = 1.6
_SIZE = 9
_GAP = 4
_TITLE = 16


class Paper:
    """A document that is written from the top of its first page on; pages follow as they are needed."""

    def __init__(self, title: str, footer: str) -> None:
        """Begins with a title; the footer stands on every page beside its number."""
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
        self._content = io.BytesIO()
        # Without a time of making and a random id, the same content is the same file.
        self._canvas = Canvas(self._content, pagesize=A4, invariant=1)
        self._canvas.setTitle(title)
        self._footer = footer
        self._page = 1
        self._width, self._top = A4[0] - 2 * _MARGIN, A4[1] - _MARGIN
        self._at = self._top
        self.text(title, _TITLE)

    def text(self, content: str, size: int = _SIZE) -> None:
        """A paragraph, broken where the line is full."""
        line = ""
        for character in f"{content}\n":
            if character == "\n" or self._wide(line + character, size) > self._width:
                self._down(size)
                self._write(_MARGIN, line, size)
                line = ""
            line += character.strip("\n")

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Names and what they stand for, one a line."""
        for name, value in pairs:
            self._down(_SIZE)
            self._write(_MARGIN, name, _SIZE)
            self._write(_MARGIN + self._width / 3, value, _SIZE)

    def table(self, columns: Sequence[tuple[str, float, bool]], rows: Sequence[Sequence[str]]) -> None:
        """A table: of each column its name, its share of the width, and whether it is of figures (set to the right)."""
        names = [name for name, _, _ in columns]
        for position, row in enumerate((names, *rows)):
            if self._down(_SIZE) and position:
                self._row(columns, names)
                self._down(_SIZE)
            self._row(columns, row)

    def content(self) -> bytes:
        """The document."""
        self._foot()
        self._canvas.save()
        return self._content.getvalue()

    def _row(self, columns: Sequence[tuple[str, float, bool]], row: Sequence[str]) -> None:
        left = float(_MARGIN)
        for (_, share, figures), cell in zip(columns, row, strict=True):
            width = share * self._width
            shown = self._cut(cell, width - _GAP)
            indent = width - _GAP - self._wide(shown, _SIZE) if figures else 0
            self._write(left + indent, shown, _SIZE)
            left += width

    def _cut(self, content: str, width: float) -> str:
        """As much of a text as fits."""
        fits = len(content)
        while self._wide(content[:fits], _SIZE) > width:
            fits -= 1
        return content[:fits]

    def _down(self, size: int) -> bool:
        """Goes to the next line; answers whether that begins a page."""
        self._at -= size * _LEADING
        if self._at > 2 * _MARGIN - size:
            return False
        self._foot()
        self._canvas.showPage()
        self._page += 1
        self._at = self._top - size * _LEADING
        return True

    def _foot(self) -> None:
        self._canvas.setFont(_FONT, _SIZE)
        self._canvas.drawString(_MARGIN, _MARGIN, self._footer)
        self._canvas.drawRightString(_MARGIN + self._width, _MARGIN, str(self._page))

    def _write(self, left: float, content: str, size: int) -> None:
        self._canvas.setFont(_FONT, size)
        self._canvas.drawString(left, self._at, content)

    def _wide(self, content: str, size: int) -> float:
        return float(pdfmetrics.stringWidth(content, _FONT, size))
