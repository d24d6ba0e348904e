"""The command line: parse, call one function, print. Heavy imports happen inside the commands."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

import click

import survrecon
from survrecon.cli.analyze import analyze
from survrecon.cli.batch import batch
from survrecon.cli.catalogue import list_records, reproduce
from survrecon.cli.digitize import digitize
from survrecon.cli.reconstruct import reconstruct
from survrecon.cli.records import new, report, run
from survrecon.errors import SurvreconError

__all__ = ["cli", "main"]

CITATION = (
    f"survrecon {survrecon.__version__}: individual patient data from published Kaplan-Meier curves, 2026.\n"
    "Please cite the paper behind each curve too, and Guyot et al. BMC Med Res Methodol 2012;12:9 for its algorithm."
)


def _print_citation(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(CITATION)
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(survrecon.__version__, prog_name="survrecon")
@click.option("--cite", is_flag=True, is_eager=True, expose_value=False, callback=_print_citation, help="How to cite.")
def cli() -> None:
    """Rebuild patients from published Kaplan-Meier curves, and check what the paper says.

    Results go to stdout, everything else to stderr. Exit status: 0 done; 1 done, but a check differs
    without an explanation on record; 2 unusable input.

    \b
    Example:
      survrecon reproduce ifm-2005-02_pfs_2010-07
    """


for command in (list_records, reproduce, reconstruct, analyze, new, digitize, run, batch, report):
    cli.add_command(command)


def main() -> None:
    """Run the command line; bad input is one message on stderr and exit status 2."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for them takes a tenth of the start
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # an arm's name may have letters that the terminal lacks
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(standalone_mode=False)
    except SystemExit as stop:  # click's answer to a reader that closed the pipe
        closed = type(sys.stdout).__name__.endswith("PacifyFlushWrapper")
        status = 0 if closed else stop.code
    except SurvreconError as error:
        click.echo(f"survrecon: {error}", err=True)
        status = 2
    except click.exceptions.Abort:
        click.echo("survrecon: interrupted; what was finished is kept", err=True)
        status = 130
    except OSError as error:  # a full disk behind stdout, say
        click.echo(f"survrecon: {error.filename or 'output'}: {error.strerror or error}", err=True)
        status = 2
    except click.ClickException as error:
        error.show()
        status = 2
    sys.exit(status if isinstance(status, int) else 0)
