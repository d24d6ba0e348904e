"""A figure as bytes: SVG and PNG that say what they are, the same at every call."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from survrecon import __version__
from survrecon.record import SourceKind
from survrecon.report.catalogue import KIND_WORDS
from survrecon.report.words import WATERMARK
from survrecon.result import RecordResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["render"]

_DPI = 144


def render(figure: Figure, result: RecordResult) -> tuple[bytes, bytes]:
    """Return a figure as SVG and as PNG, with metadata that name record and kind, and no date."""
    import matplotlib as mpl

    kind = result.record.kind
    title = f"{result.record.name} ({kind})"
    description = WATERMARK if kind is SourceKind.SUMMARY else f"Rebuilt from a curve {KIND_WORDS[kind]}"
    keywords = ["survival", "reconstructed patients", f"source kind: {kind}"]
    vector, pixels = io.BytesIO(), io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "survrecon", "svg.fonttype": "path"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a name in a script that the font lacks
        figure.savefig(
            vector,
            format="svg",
            metadata={
                "Title": title,
                "Description": description,
                "Keywords": keywords,
                "Creator": f"survrecon {__version__}",
                "Date": None,
            },
        )
        figure.savefig(
            pixels,
            format="png",
            dpi=_DPI,
            metadata={
                "Title": _latin(title),
                "Description": description,
                "Source": str(kind),
                "Software": f"survrecon {__version__}",
            },
        )
    return vector.getvalue(), pixels.getvalue()


def _latin(text: str) -> str:
    """Return text that a PNG's metadata can hold."""
    return text.encode("latin-1", "replace").decode("latin-1")
