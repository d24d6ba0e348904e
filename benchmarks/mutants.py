"""Double or halve every prior, and break what pools draws: which changes the tests of the model do not notice.

    python -m benchmarks.mutants [--halve] [--only NAME ...] [--tests PATH ...]

Each mutant is a process of its own: it changes one default of the priors, one temperature of the evidence of islands or
one line of the pooling, and runs the quick tests of `tests/statespace` and `tests/by_hand`, those of single densities
first. Mutants that no test notices are printed; the pins are not run.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import io
import os
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import scipy.optimize
import scipy.special
import scipy.stats  # noqa: F401 - imported once for all mutants

from benchmarks.options import first_line

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LINES", "main", "mutants"]

LINES = {
    "pooling 1 + 1/K": ("survrecon.model.estimate", "(1 + 1 / k)", "(1 + 2 / k)"),
    "pooling K - 1": ("survrecon.model.estimate", "/ (k - 1) if k > 1", "/ (k + 1) if k > 1"),
    "pairing of arms": ("survrecon.analysis.pairing", "SHARED = 0.8", "SHARED = 0.4"),
    "pairing, open": ("survrecon.analysis.pairing", "_OPEN = 0.03", "_OPEN = 0.06"),
}
"""Lines beside the priors that set the width of intervals: module, as it is, as it is broken."""
_PRIORS, _SETTINGS = "survrecon.reconstruction.statespace.priors", "survrecon.reconstruction.statespace.settings"
_TEMPERATURES = ("temper_least", "temper_most")
_FIRST = ("tests/statespace", "tests/by_hand")
_SINGLE = ("densities", "pooling", "transition")


def mutants() -> list[str]:
    """Return the names of all mutants."""
    priors = importlib.import_module(_PRIORS).Priors()
    found = [f"{part.name}.{one.name}" for part in fields(priors) for one in fields(getattr(priors, part.name))]
    return [*found, *(f"settings.{name}" for name in _TEMPERATURES), *LINES]


def _changed(value: Any, factor: float) -> Any:
    if isinstance(value, tuple):
        return tuple(_changed(one, factor) for one in value)
    return type(value)(value * factor)


def _mutate(name: str, factor: float) -> None:
    """Change one default in this process, before anything else is imported."""
    if name in LINES:
        where, old, new = LINES[name]
        module = importlib.import_module(where)
        source = inspect.getsource(module)
        assert source.count(old) == 1, f"{where} holds {old!r} {source.count(old)} times"
        exec(compile(source.replace(old, new), str(module.__file__), "exec"), module.__dict__)
        return
    part, field = name.split(".")
    module = importlib.import_module(_SETTINGS if part == "settings" else _PRIORS)
    owner = module.SamplerSettings if part == "settings" else type(getattr(module.Priors(), part))
    defaults = owner.__init__.__kwdefaults__
    defaults[field] = _changed(defaults[field], factor)
    if part == "settings":
        module.__dict__["SAMPLER"] = owner()
    else:
        module.__dict__["DEFAULT_PRIORS"] = module.Priors()


def _survives(name: str, factor: float, tests: Sequence[str]) -> bool:
    """Run the tests on a mutant in a process of its own; return whether all of them pass."""
    child = os.fork()
    if child == 0:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            if name:
                _mutate(name, factor)
            code = pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", *tests])
        os._exit(0 if code == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tests on each mutant and print the survivors."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=first_line(__doc__))
    parser.add_argument("--halve", action="store_true", help="halve instead of double")
    parser.add_argument("--only", nargs="*", help="names, as they are printed")
    parser.add_argument("--tests", nargs="*", help=f"instead of those in {', '.join(_FIRST)}")
    parser.add_argument("--quick", action="store_true", help="the tests of single densities alone")
    asked = parser.parse_args(arguments)
    factor = 0.5 if asked.halve else 2.0
    single = [
        str(path) for folder in _FIRST for path in sorted(_files(folder)) if any(word in path for word in _SINGLE)
    ]
    stages = [single] if asked.quick else [single, list(_FIRST)]
    if asked.tests:
        stages = [asked.tests]
    names, start, noticed = asked.only or mutants(), time.perf_counter(), [0] * len(stages)
    if not _survives("", factor, stages[-1]):
        raise SystemExit("the tests fail without any change")
    for name in names:
        first = next((stage for stage, tests in enumerate(stages) if not _survives(name, factor, tests)), None)
        if first is None:
            print(f"survives: {name}", flush=True)
        else:
            noticed[first] += 1
    by = f", {noticed[0]} of them by tests of single densities" if len(stages) > 1 else ""
    print(f"{sum(noticed)} of {len(names)} mutants noticed{by}; {time.perf_counter() - start:.0f} s")


def _files(folder: str) -> list[str]:
    return [str(path) for path in Path(folder).glob("*.py")]


if __name__ == "__main__":
    main()
