"""The options of a run, declared once, and the manifest that states them for every figure of a batch."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.callers import NamedOption, in_shell, option_name, shell_flag
from survrecon.digitizing.options import FIGURE_OPTIONS
from survrecon.errors import BatchError
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
from survrecon.files.option_text import (
    DRAWING_METHODS,
    DRAWS,
    METHODS,
    POINT_KINDS,
    USES,
    GivenTwiceError,
    name_of_figure,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "COLUMNS",
    "OPTIONS",
    "ManifestRow",
    "in_manifest",
    "of_roles",
    "read_manifest",
    "run_keywords",
    "run_settings",
]

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
        help="Data sets per arm, where the method draws.",
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
    ['page', 'panel', 'crop', 'words']
    """
    return tuple(option for option in OPTIONS.values() if option.role in roles)


def run_settings(**stated: Any) -> dict[str, Any]:
    """Return the settings that are kept so that a run can be repeated; those not stated have their defaults.

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


def run_keywords(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that `survrecon.run_record` takes, without those of how outputs are written."""
    of_folder = {option.name for option in of_roles(OptionRole.FOLDER)}
    return {name: value for name, value in settings.items() if name not in of_folder}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: words of an enumeration as text, several as a list."""
    if isinstance(value, str):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def in_manifest(option: NamedOption) -> str:
    """Spell an option for the author of a manifest: its column, or an option of the command.

    Examples
    --------
    >>> print(in_manifest(NamedOption("y_unit", "percent")), "|", in_manifest(NamedOption("n", "NUMBER", "Arm A")))
    percent in column y_unit | Arm A=NUMBER in column n
    >>> print(in_manifest(NamedOption("overwrite", "yes")))
    --overwrite
    """
    if option.name not in OPTIONS:
        return in_shell(option)
    value = ",".join(f"{key}={option.value}" for key in option.keys) or option.value
    return f"{value} in column {option.name}" if value else f"column {option.name}"


_KEPT_AS_SETTINGS = [option.name for option in of_roles(OptionRole.SETTING, OptionRole.FOLDER)]
"""The columns that say how to rebuild and analyse; the others say what a figure shows."""
COLUMNS = ("figure", "id", *(option.name for option in OPTIONS.values() if option.role is not OptionRole.READER))
"""Every column that a manifest may have."""


_RESERVED = ("summary.csv", "index.html", "batch.json")
_NO_FOLDER = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_LONGEST = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestRow:
    """One figure of a batch.

    Parameters
    ----------
    line : int
        Where it stands in the manifest.
    id : str
        Name of its folder.
    figure : Path
        The file, or the folder of a record.
    shown : str
        The same as the manifest writes it.
    options, settings : mapping
        As for `survrecon.running.figure.run_figure`.
    words : tuple of str
        The options as the command line takes them.
    """

    line: int
    id: str
    figure: Path
    shown: str
    options: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def command(self, folder: Path) -> str:
        """Return the call of ``survrecon run`` that does the same."""
        return shlex.join(["survrecon", "run", str(self.figure), "-o", str(folder), *self.words])

    def absolute(self) -> ManifestRow:
        """Return the row with paths that hold in every folder."""
        options = {name: value.absolute() if isinstance(value, Path) else value for name, value in self.options.items()}
        return replace(self, figure=self.figure.absolute(), options=options)


def read_manifest(path: str | Path, settings: Mapping[str, Any] | None = None) -> tuple[ManifestRow, ...]:
    """Read a manifest and everything that its cells say, before any figure is opened.

    Parameters
    ----------
    path : str or Path
        CSV with a header: ``figure``, ``id`` (or ``name``) and options of ``survrecon run``, with ``_`` or
        ``-`` between words. An empty cell states nothing. Commas, semicolons or tabs separate.
    settings : mapping, optional
        ``draws``, ``seed``, ``method`` and ``tau`` of the rows that do not state them.

    Returns
    -------
    tuple of ManifestRow
        In the order of the file; relative paths start at its folder.

    Raises
    ------
    BatchError
        If the file cannot be read, a column is unknown, a cell cannot be understood, two rows have the same id, or
        one of ``settings`` would be used by no row.
    """
    from survrecon.files.tables import csv_rows  # it imports array libraries, and the shell's help none

    path = Path(path)
    lines = list(csv_rows(path, BatchError))
    if not lines:
        raise BatchError(str(path), "a header and a row for each figure", "an empty file", "list the figures in it")
    columns = _columns(path, lines[0][1])
    if len(lines) == 1:
        raise BatchError(str(path), "a row for each figure", "a header alone", "list the figures below the header")
    rows = [_row(path, line, columns, cells, settings or {}) for line, cells in lines[1:]]
    _refuse_unused(path, rows, settings or {})
    seen: dict[str, ManifestRow] = {}
    for row in rows:
        other = seen.setdefault(row.id.casefold(), row)
        if other is not row:
            raise BatchError(
                f"{path}, line {row.line}: id",
                "each id once",
                f"{row.id!r}, as in line {other.line}",
                "add a column id",
            )
    return tuple(rows)


def _columns(path: Path, header: list[str]) -> list[str]:
    """Return the columns by the options' names."""
    where = f"{path}, header"
    found: list[str] = []
    for cell in header:
        name = re.sub(r"[\s-]+", "_", cell.lower())
        name = "id" if name == "name" else name
        if name not in COLUMNS:
            known = "figure, id, " + ", ".join(sorted(set(COLUMNS) - {"figure", "id"}))
            raise BatchError(where, f"the columns {known}", repr(cell), "correct the name, or remove the column")
        if name in found:
            raise BatchError(where, "each column once", f"{cell!r} again", "remove one of them")
        found.append(name)
    if "figure" not in found:
        raise BatchError(where, "a column figure", ", ".join(header), "add it, with the path of each figure")
    return found


def _row(path: Path, line: int, columns: list[str], cells: list[str], settings: Mapping[str, Any]) -> ManifestRow:
    where = f"{path}, line {line}"
    if any(cells[len(columns) :]):
        raise BatchError(
            where, f"at most {len(columns)} cells", f"{len(cells)}", "put cells that hold commas in double quotes"
        )
    stated = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
    figure = stated.pop("figure", "")
    if not figure:
        raise BatchError(f"{where}: figure", "the path of a figure", "nothing", "fill it in, or remove the row")
    values = {name: _value(where, name, cell) for name, cell in stated.items() if name != "id"}
    files = [name for name in ("risk_table", "words") if name in values]
    values |= {name: path.parent / values[name] for name in files}
    words = {name: str(values[name]) if name in files else stated[name] for name in values}
    for name, value in _defaults(settings, values).items():
        values[name] = value
        words[name] = str(value)
    return ManifestRow(
        line=line,
        id=_folder_name(where, stated.get("id") or name_of_figure(figure, values)),
        figure=path.parent / figure,
        shown=figure,
        options={name: value for name, value in values.items() if name not in _KEPT_AS_SETTINGS and value is not False},
        settings={name: value for name, value in values.items() if name in _KEPT_AS_SETTINGS and value is not False},
        words=tuple(word for name, cell in words.items() for word in _as_words(name, cell, values[name])),
    )


def _defaults(settings: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the batch that a row takes over: those it does not state and its method can use."""
    draws = (stated.get("method") or settings.get("method") or DRAWING_METHODS[0]) in DRAWING_METHODS
    return {
        name: value
        for name, value in settings.items()
        if value is not None and name not in stated and (draws or not OPTIONS[name].of_draws)
    }


def _refuse_unused(path: Path, rows: list[ManifestRow], settings: Mapping[str, Any]) -> None:
    """Refuse a setting of the batch that no row takes over."""
    for name, value in settings.items():
        if value is not None and not any(row.settings.get(name) == value for row in rows):
            raise BatchError(
                f"{path}: {option_name(name)}",
                "a setting that some row uses",
                f"{value}, where every row states another or a method without it",
                "leave it out, or correct the manifest",
            )


def _value(where: str, name: str, cell: str) -> Any:
    kind = OPTIONS[name].kind
    try:
        return kind.read(cell)
    except GivenTwiceError as error:
        raise BatchError(f"{where}: {name}", "each arm once", str(error), "remove one of them") from None
    except ValueError:
        raise BatchError(f"{where}: {name}", kind.cell, repr(cell), "correct the cell, or leave it empty") from None


def _as_words(name: str, cell: str, value: Any) -> tuple[str, ...]:
    option = shell_flag(name)
    if isinstance(value, bool):
        return (option,) if value else ()
    return option, cell


def _folder_name(where: str, name: str) -> str:
    """Return an id that can be the name of a folder on every system."""
    if _NO_FOLDER.search(name) or name.startswith(".") or name.endswith((".", " ")) or len(name) > _LONGEST:
        rule = f'a name for a folder, of at most {_LONGEST} signs and none of < > : " / \\ | ? *, no dot at its ends'
    elif name.casefold() in _RESERVED:
        rule = f"a name other than {', '.join(_RESERVED)}"
    else:
        return name
    raise BatchError(f"{where}: id", rule, repr(name), "give another one in the column id")
