"""``digitize``: a figure file in, a record out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survrecon.cli.figure_options import figure_options, stated
from survrecon.cli.options import OnceEach, overwrite_option, panels_status, warn
from survrecon.option_text import name_of_figure

__all__ = ["digitize"]


@click.command(cls=OnceEach)
@click.argument("figure", type=click.Path(path_type=Path), metavar="FIGURE")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Default FIGURE_record.")
@overwrite_option
@figure_options
def digitize(figure: Path, output: Path | None, overwrite: bool, **options: Any) -> int:
    """Read the curves, numbers at risk and printed statistics of a figure into a record.

    FIGURE is a PNG, JPEG, PDF or SVG. What is not stated by an option is read from it. overlay.png in
    DIR shows what was read; look at it before use. DIR is by default named after the figure, with the page and
    panel that are asked for, and made in the current folder. The same call again replaces its own output; what a
    person changed, or a folder with other files, is left alone.

    \b
    Example:
      survrecon digitize figure2.pdf --page 5 --panel A -o my_record
    """
    from survrecon.digitizing import FailedPanel
    from survrecon.pipeline.figure_run import digitize_to_records

    failed: list[FailedPanel] = []
    said = stated(options)
    output = Path(f"{name_of_figure(figure, said)}_record") if output is None else output
    for record in digitize_to_records(figure, output, said, failed, overwrite=overwrite):
        place = output if record.folder == output.resolve() else output / record.folder.name
        for doubt in record.document.digitized.doubts:
            warn(doubt)
        sizes = ", ".join(f"{arm.name} {arm.n}" for arm in record.document.arms)
        click.echo(f"{place}: {record.kind}, {sizes} patients. Next: look at {place / 'overlay.png'}")
    return panels_status(failed)
