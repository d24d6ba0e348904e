"""Settings of the documentation site: ``make docs`` builds it from the pages where they stand, without a network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import built_pages
from sphinx.errors import ExtensionError

import survrecon

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "survrecon"
author = "The survrecon developers"
copyright = "2026, the survrecon developers"  # noqa: A001 - Sphinx's name
version = release = survrecon.__version__

# The source is the whole checkout, so that a link from one page to another is the same here and in the repository.
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/RESULTS.md",
    "digitized_curves/README.md",
    "notebooks/*.ipynb",
]
templates_path = ["_templates"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]

myst_enable_extensions = ["html_image"]
myst_heading_anchors = 4
# `make notebooks` runs them and compares; their pages show the output that is kept.
nb_execution_mode = "off"
# No notebook has a widget, whose scripts would be fetched.
nb_ipywidgets_js: dict[str, dict[str, str]] = {}

smartquotes = False  # two hyphens before an option are two hyphens
highlight_language = "text"
default_role = "py:obj"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True}

html_theme = "pydata_sphinx_theme"
html_sidebars = {"**": ["contents.html"]}
html_title = f"survrecon {release}"
html_theme_options = {
    "navbar_center": [],
    "show_toc_level": 2,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # a browser does not read a page's file for it

_FRONT = (
    '<!DOCTYPE html><meta charset="utf-8"><title>survrecon</title><meta http-equiv="refresh" content="0; url=docs/">'
)


def _finish(app: Sphinx, fault: Exception | None) -> None:
    """Let the folder open at the first page, and refuse pages with a broken link or with something to fetch."""
    if fault is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    (folder / "index.html").write_text(_FRONT, encoding="utf-8")
    faults = built_pages.faults_of(folder)
    if faults:
        raise ExtensionError("\n".join(faults))


def setup(app: Sphinx) -> None:
    """Check the pages when they are built."""
    app.connect("build-finished", _finish)
