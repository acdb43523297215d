"""The report as a PDF: the page on A4, laid out by WeasyPrint, which runs no script and is given no way out.

Pictures are the only thing changed: that program reads neither the colours that a page gives to a drawing nor the
signs that one drawing borrows from another, so that each is written with its own.
"""

from __future__ import annotations

import logging
import re
from importlib import resources
from typing import Any, NoReturn

from rpps_sync.errors import UsageError
from rpps_sync.reporting import html
from rpps_sync.reporting.model import ReportModel

_INK = {"ok": "#17694a", "warn": "#8a5300", "error": "#a3211c", "none": "#4d565f"}
_PICTURES = """<style>
text { font-size: 13px; font-family: sans-serif; fill: #4d565f }
.mark { text-anchor: end } .label { text-anchor: middle }
.grid { stroke: #cfccc5; stroke-width: 1 } .band { fill: #e4e7ea } .dot { fill: #24507a }
.line { fill: none; stroke: #24507a; stroke-width: 2 } .rail { fill: #e6e4de } .fill { fill: #24507a }
.arrived { fill: #2b6a9b } .changed { fill: #7289a0 } .departed { fill: #b4552d }
</style>"""
_SYMBOL = re.compile(r'<symbol id="(\w+)" viewBox="0 0 16 16">(.*?)</symbol>', re.DOTALL)
_BORROWED = re.compile(r'<svg class="glyph [\w-]+" aria-hidden="true"><use href="#(\w+)"/></svg>')
_DRAWING = re.compile(r'<svg (?:class="(?:chart|share|spark)|viewBox="0 0 10 10")[^>]*>')


def render(model: ReportModel) -> bytes:
    """The whole document.

    Raises:
        UsageError: WeasyPrint, or the Pango library it writes text with, is not installed.
    """
    return printed(html.render(model))


def printed(page: str) -> bytes:
    """A page of this room as a document.

    Raises:
        UsageError: WeasyPrint, or the Pango library it writes text with, is not installed.
    """
    written: bytes = laid_out(page).write_pdf()
    return written


def laid_out(page: str) -> Any:
    """A page of this room as sheets of paper, a ``weasyprint.Document``; see ``printed``."""
    return _weasyprint().HTML(string=on_paper(page), url_fetcher=refused).render()


def on_paper(page: str) -> str:
    """The page with the style of paper after its own, and every drawing complete in itself."""
    style = resources.files(__package__).joinpath("templates", "paper.css").read_text(encoding="utf-8")
    page = page.replace("</style>", f"{style}</style>", 1)
    shapes = dict(_SYMBOL.findall(page))

    def drawn(found: re.Match[str]) -> str:
        light = found[1]
        shape = shapes[light].replace("currentColor", _INK[light])
        return f'<svg class="glyph" viewBox="0 0 16 16">{shape}</svg>'

    return _DRAWING.sub(lambda found: found[0] + _PICTURES, _BORROWED.sub(drawn, page))


def refused(url: str, *_args: Any, **_kwargs: Any) -> NoReturn:
    """What the layout program is given to load things with."""
    raise ValueError(f"a report loads nothing, and not {url}")


def _weasyprint() -> Any:
    for library in ("weasyprint", "fontTools"):  # from their import on, they tell each step and each unknown rule
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        import weasyprint  # noqa: PLC0415 - an extra, and slow to import
    except (ImportError, OSError) as error:
        raise UsageError(
            "a PDF needs WeasyPrint and the Pango library, which are not both installed",
            mend="pip install 'rpps-sync[pdf]' and apt-get install libpango-1.0-0 libpangoft2-1.0-0",
            reason="no-pdf",
        ) from error
    return weasyprint
