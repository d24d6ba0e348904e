"""What a run can be told: the figure's options of `survrecon.digitizing.options`, and those of the run itself.

A new option is declared here, and used where its role says: a setting is a keyword of `survrecon.run_record`. The
command line, the columns of a manifest, the checks and what ``run.json`` keeps follow from the declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.callers import NamedOption, in_shell
from survrecon.digitizing.options import FIGURE_OPTIONS
from survrecon.files.option_kinds import (
    FLAG,
    NAME_OF_ARM,
    POSITIVE,
    TOTALS_BY_ARM,
    OptionDef,
    OptionRole,
    choice_of,
    whole_from,
    words_among,
)
from survrecon.files.option_text import DRAWING_METHODS, DRAWS, METHODS, POINT_KINDS, USES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OPTIONS", "in_manifest", "of_roles", "run_settings", "told_to_run"]

_SETTING = OptionRole.SETTING

_OF_RUN = (
    OptionDef(name="events", kind=TOTALS_BY_ARM, role=OptionRole.RECORD, help="Total events by arm."),
    OptionDef(name="control", kind=NAME_OF_ARM, role=OptionRole.RECORD, help="The control arm; default the first."),
    OptionDef(name="late_entry", kind=FLAG, role=OptionRole.RECORD, help="Go on although patients enter late."),
    OptionDef(
        name="method", kind=choice_of(*METHODS), role=_SETTING, help="How to rebuild.", default=METHODS[0],
        always_kept=True,
    ),
    OptionDef(
        name="tau", kind=POSITIVE, role=_SETTING, always_kept=True,
        help="Horizon of the restricted mean, one for all data sets; default the paper's where it prints one, else the "
        "last time with 10 patients and 10% of N at risk in both arms.",
    ),
    OptionDef(
        name="what_helps", kind=FLAG, role=_SETTING, default=False,
        help="Say which further information would narrow the ratio most; minutes.",
    ),
    OptionDef(name="compress", kind=FLAG, role=OptionRole.FOLDER, help="Write draws as .csv.gz.", default=False),
    OptionDef(
        name="points", kind=choice_of(*POINT_KINDS), role=_SETTING,
        help="What the points are: each a drop (steps), survival at a few times (landmarks), clicks along the curve "
        "(clicks), or told by the data (auto), as where it is not stated.",
    ),
    OptionDef(
        name="use", kind=words_among(*USES), role=_SETTING, default=(), always_kept=True,
        help="Printed statistics that weight the draws and are then no checks: hr, hr-value, p, median, median-value, "
        "survival, events-at-least. hr and median take the printed interval too.",
    ),
    OptionDef(
        name="draws", kind=whole_from(1), role=_SETTING, default=DRAWS, of_draws=True, always_kept=True,
        help="Data sets an arm, where the method draws.",
    ),
    OptionDef(
        name="seed", kind=whole_from(0), role=_SETTING, default=0, of_draws=True, always_kept=True,
        help="Where randomness starts; default 0.",
    ),
)  # fmt: skip

OPTIONS: Mapping[str, OptionDef] = {option.name: option for option in (*FIGURE_OPTIONS, *_OF_RUN)}
"""Every option of a run by its name, in the order in which the command line lists them."""


def of_roles(*roles: OptionRole) -> tuple[OptionDef, ...]:
    """Return the options that have one of several roles.

    Examples
    --------
    >>> [option.name for option in of_roles(OptionRole.CHOOSES)]
    ['page', 'panel', 'crop']
    """
    return tuple(option for option in OPTIONS.values() if option.role in roles)


def run_settings(**stated: Any) -> dict[str, Any]:
    """Return what is kept of a run so that it can be repeated; what is not stated has its default.

    Parameters
    ----------
    **stated : value
        Settings of a run, such as ``draws=500``; None where one is not stated.

    Examples
    --------
    >>> run_settings(method="guyot")
    {'method': 'guyot', 'tau': None, 'use': []}
    >>> run_settings(seed=7, what_helps=True)
    {'method': 'auto', 'tau': None, 'what_helps': True, 'use': [], 'draws': 200, 'seed': 7}
    """
    draws = (stated.get("method") or METHODS[0]) in DRAWING_METHODS
    kept = {}
    for option in of_roles(OptionRole.SETTING, OptionRole.FOLDER):
        value = stated.get(option.name)
        if value is None and option.always_kept and (draws or not option.of_draws):
            value = option.default
        if (value is not None and value is not False) or (option.always_kept and not option.of_draws):
            kept[option.name] = _plain(value)
    return kept


def told_to_run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that `survrecon.run_record` takes; how outputs are written is no matter of it."""
    of_folder = {option.name for option in of_roles(OptionRole.FOLDER)}
    return {name: value for name, value in settings.items() if name not in of_folder}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: words of an enumeration as text, several as a list."""
    if isinstance(value, str):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def in_manifest(option: NamedOption) -> str:
    """Return an option as whoever wrote a manifest knows it: its column, or an option of the batch.

    Examples
    --------
    >>> print(in_manifest(NamedOption("y_unit", "percent")), "|", in_manifest(NamedOption("n", "NUMBER", "Arm A")))
    percent in column y_unit | Arm A=NUMBER in column n
    >>> print(in_manifest(NamedOption("overwrite", "yes")))
    --overwrite
    """
    if option.name not in OPTIONS:
        return in_shell(option)
    value = f"{option.key}={option.value}" if option.key else option.value
    return f"{value} in column {option.name}" if value else f"column {option.name}"
