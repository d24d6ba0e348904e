"""The command line: parse, call one function, print. Heavy imports happen inside the commands."""

from __future__ import annotations

import os
import select
import sys
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO

import click

import survrecon
from survrecon.cli.after import (
    endpoints_command,
    export_command,
    fit_command,
    indirect_command,
    pool_command,
    shape_command,
)
from survrecon.cli.figures import analyze_command, batch_command, digitize_command, reconstruct_command
from survrecon.cli.messages import error_text, unexpected, usage_fault
from survrecon.cli.options import note, warn
from survrecon.cli.records import (
    list_command,
    new_command,
    report_command,
    reproduce_command,
    run_command,
)
from survrecon.cli.review import accept_command, agree_command, review_command
from survrecon.errors import SurvreconError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cli", "main"]

CITATION = (
    f"survrecon {survrecon.__version__}: individual patient data from published Kaplan-Meier curves, 2026.\n"
    "Please cite the paper behind each curve too, and Guyot et al. BMC Med Res Methodol 2012;12:9 for its algorithm."
)


def _print_citation(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(CITATION)
        context.exit()


class _OutputClosedError(Exception):
    """The reader of stdout or stderr has closed it."""


class _Commands(click.Group):
    """A group of commands that recognises a closed output in any version of click."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the call; help and version are printed here."""
        with _quiet_when_output_is_closed():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Do what is called for."""
        with _quiet_when_output_is_closed():
            return super().invoke(ctx)


@contextmanager
def _quiet_when_output_is_closed() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        if _is_closed(sys.stdout) or _is_closed(sys.stderr):
            raise _OutputClosedError from None
        raise  # some other pipe, such as one to a worker process


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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


for command in (
    list_command,
    reproduce_command,
    reconstruct_command,
    analyze_command,
    shape_command,
    fit_command,
    export_command,
    pool_command,
    indirect_command,
    endpoints_command,
    new_command,
    digitize_command,
    run_command,
    batch_command,
    report_command,
    review_command,
    agree_command,
    accept_command,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; bad input is one message on stderr and exit status 2."""
    _prepare_libraries()
    _prepare_streams()
    try:
        status = _called()
        sys.stdout.flush()
        sys.stderr.flush()
    except (_OutputClosedError, BrokenPipeError):  # ``survrecon list | head -1``: no fault of anybody
        status = 0
        _silence()
    except OSError as error:  # a full disk behind stdout
        _silence(sys.stdout)
        status = _refused(_not_written(error))
    sys.exit(status)


def _called() -> int:
    """Return the exit status of the call; what goes wrong in it is said."""
    try:
        status = cli.main(standalone_mode=False)
    except SurvreconError as error:
        return _refused(error)
    except click.exceptions.Abort:
        warn("interrupted; what was finished is kept")
        return 130
    except click.ClickException as error:
        if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
            error.show()
            return 2
        return _refused(usage_fault(error, next((word for word in sys.argv[1:] if word in cli.commands), "")))
    except _OutputClosedError:
        raise
    except OSError as error:
        return _refused(_not_written(error))
    except Exception as error:
        return _refused(unexpected(error))
    return status if isinstance(status, int) else 0


def _refused(error: SurvreconError) -> int:
    """Say what is wrong, after what was doubtful before and where the picture of it is."""
    for doubt in error.doubts:
        warn(doubt)
    if error.left_in is not None:
        note(f"What was found so far: {error.left_in / 'overlay.png'}")
    click.echo(error_text(error), err=True)
    if error.next_call:
        click.echo(error.next_call, err=True)  # not folded: it can be pasted into a shell
    return 2


def _not_written(error: OSError) -> SurvreconError:
    return SurvreconError(
        str(error.filename or "output"),
        "a place that can be read and written",
        error.strerror or str(error),
        "make room for it, or name another",
    )


def _prepare_libraries() -> None:
    """Set what libraries look up when they are loaded; what the caller has set stands."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for them takes a tenth of the start
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # our matrices are small: threads wait for one another longer


def _prepare_streams() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif isinstance(stream, TextIOWrapper):  # an arm's name may have letters that the terminal lacks
            stream.reconfigure(errors="backslashreplace")


def _silence(*streams: TextIO) -> None:
    """Send what is left to nowhere, so that Python's last flush of closed streams says nothing."""
    for stream in streams or [stream for stream in (sys.stdout, sys.stderr) if _is_closed(stream)]:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _is_closed(stream: TextIO) -> bool:
    """Whether nobody reads a stream any more."""
    try:
        pipe = select.poll()
        pipe.register(stream.fileno(), 0)
        return bool(pipe.poll(0))  # asked for nothing, so what comes is an error or the other end's absence
    except AttributeError:  # a system without poll
        return True
    except (OSError, ValueError):  # no file, as in a test
        return False
