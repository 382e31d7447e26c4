"""PDF files that tests and benchmarks make by reportlab, in a font that has all Vietnamese letters."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

FONT: Final = "DejaVuSans"
BOLD: Final = "DejaVuSans-Bold"
LEFT, TOP, LEADING, SIZE = 60.0, 780.0, 15.0, 10.0

Draw = Callable[[Any], None]


@cache
def _register() -> None:
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for font in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(font, Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{font}.ttf"))


def drawn(pages: Iterable[Draw], **options: Any) -> bytes:
    """Return a PDF with a page for each function that draws one on a canvas."""
    from reportlab.pdfgen.canvas import Canvas

    _register()
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1, **options)
    for draw in pages:
        canvas.setFont(FONT, SIZE)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def lines_at(canvas: Any, lines: Iterable[str], x: float = LEFT, y: float = TOP) -> None:
    """Draw lines below each other."""
    for i, line in enumerate(lines):
        canvas.drawString(x, y - i * LEADING, line)


def pdf_of(*pages: Sequence[str], **options: Any) -> bytes:
    """Return a PDF with the given lines on each page."""
    return drawn([lambda canvas, lines=lines: lines_at(canvas, lines) for lines in pages], **options)
