"""Any two options are used or refused by name; one that is given twice never loses a value in silence."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survrecon.callers import NamedOption, in_shell
from survrecon.cli import cli, main
from survrecon.cli.options import ByName, Listed
from survrecon.errors import RecordError
from survrecon.files.option_text import files_by_arm, names, numbers_by_arm
from survrecon.records.folder import read_figure
from survrecon.records.new import number_of_patients
from survrecon.running import record as run_module
from tests.digitizing.rendered import Look, render, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

POINTS = "time,survival\n0,1\n2,0.9\n4,0.7\n6,0.6\n8,0.6\n"
RISK = "time,A,B\n0,20,20\n4,15,16\n8,8,9\n"


def call(*words: object) -> tuple[int, str]:
    """Call the command line; return its status and what it says on stderr."""
    before, err = sys.argv, StringIO()
    sys.argv = ["survrecon", *map(str, words)]
    try:
        with redirect_stdout(StringIO()), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
    assert "Traceback" not in err.getvalue()
    assert isinstance(ended.value.code, int)
    return ended.value.code, err.getvalue()


@contextmanager
def place() -> Iterator[Path]:
    """Give a folder with two arms' points, a risk table and marks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for arm in "AB":
            (folder / f"{arm}.csv").write_text(POINTS)
        (folder / "risk.csv").write_text(RISK)
        (folder / "one.csv").write_text("time,at risk\n0,20\n4,15\n8,8\n")
        (folder / "marks.csv").write_text("time\n5\n7\n")
        yield folder


@dataclass(frozen=True)
class Said:
    """An option as typed, and whether what came of the call shows it."""

    option: str
    value: str
    shows: Callable[[Any], bool] = lambda _: True

    def words(self, folder: Path) -> tuple[str, ...]:
        return (self.option, self.value.replace("@", f"{folder}/")) if self.value else (self.option,)


def pairs(pool: Sequence[Said]) -> st.SearchStrategy[list[Said]]:
    return st.lists(st.sampled_from(pool), min_size=2, max_size=3, unique_by=lambda said: (said.option, said.value))


def used_or_refused(said: Sequence[Said], status: int, err: str, found: Callable[[], Any]) -> None:
    """Check that a call used everything that was said, or named one of it in its error."""
    if status == 2:
        assert any(one.option in err for one in said), err
        return
    assert status in (0, 1), err
    made = found()
    for one in said:
        assert one.shows(made), (one, err)


def arm(document: Any, name: str) -> Any:
    return next(arm for arm in document.arms if arm.name == name)


NEW = (
    Said("--n", "A=20", lambda d: arm(d, "A").n == 20),
    Said("--n", "A=21", lambda d: arm(d, "A").n == 21),
    Said("--n", "B=20", lambda d: arm(d, "B").n == 20),
    Said("--n", "A=20,B=20", lambda d: (arm(d, "A").n, arm(d, "B").n) == (20, 20)),
    Said("--events", "A=6", lambda d: arm(d, "A").events == 6),
    Said("--events", "B=7", lambda d: arm(d, "B").events == 7),
    Said("--events", "C=7"),
    Said("--events", "A=22"),
    Said("--events", "B=-1"),
    Said("--n", "B=0"),
    Said("--control", "B", lambda d: d.control.name == "B"),
    Said("--control", "A", lambda d: d.control.name == "A"),
    Said("--at-risk-convention", "after", lambda d: d.risk_table.convention == "after"),
    Said("--risk-table", "@risk.csv", lambda d: d.risk_table is not None),
    Said("--censor-times", "A=@marks.csv", lambda d: arm(d, "A").censored is not None),
    Said("--censor-times", "B=@marks.csv", lambda d: arm(d, "B").censored is not None),
    Said("--y-unit", "fraction", lambda d: d.axes.survival_unit == "fraction"),
    Said("--y-unit", "percent", lambda d: d.axes.survival_unit == "percent"),
    Said("--time-unit", "weeks", lambda d: d.axes.time_unit == "weeks"),
    Said("--time-unit", "days", lambda d: d.axes.time_unit == "days"),
    Said("--resolution", "0.01,0.1", lambda d: d.axes.resolution_time == 0.1),
    Said("--one-minus-survival", "", lambda d: d.axes.one_minus_survival),
    Said("--trial", "T1", lambda d: d.analysis.trial == "T1"),
    Said("--endpoint", "OS", lambda d: d.analysis.endpoint == "OS"),
    Said("--citation", "C1", lambda d: d.digitized.citation == "C1"),
)


@given(pairs(NEW))
@settings(max_examples=50)
def test_any_options_of_new(said: list[Said]) -> None:
    with place() as folder:
        words = [word for one in said for word in one.words(folder)]
        # without these there is no record at all, whatever else is said
        if not any(one.option in ("--n", "--risk-table") for one in said):
            words += ["--n", "A=20,B=20"]
        elif not any(one.option == "--risk-table" for one in said):
            given_n = {name for one in said if one.option == "--n" for name in numbers_by_arm(one.value)}
            words += [word for name in sorted({"A", "B"} - given_n) for word in ("--n", f"{name}=20")]
        made = folder / "record"
        status, err = call("new", made, "--arm", f"A={folder / 'A.csv'}", "--arm", f"B={folder / 'B.csv'}", *words)
        used_or_refused(said, status, err, lambda: read_figure(made).document)


RECONSTRUCT = (
    Said("--events", "7", lambda how: how["events_given"] == 7),
    Said("--risk-table", "@one.csv", lambda how: "one.csv" in how["inputs_sha256"]),
    Said("--at-risk-convention", "after", lambda how: how["options"]["at_risk_convention"] == "after"),
    Said("--at-risk-convention", "auto", lambda how: how["options"]["at_risk_convention"] == "auto"),
    Said("--censor-times", "@marks.csv", lambda how: "marks.csv" in how["inputs_sha256"]),
    Said("--y-unit", "percent", lambda how: how["options"]["y_unit"] == "percent"),
    Said("--one-minus-survival", "", lambda how: how["options"]["one_minus_survival"]),
    Said("--resolution", "0.01", lambda how: how["diagnostics"]["resolution_survival"] == 0.01),
    Said("--time-unit", "weeks", lambda how: how["time_unit"] == "weeks"),
    Said("--arm", "drug", lambda how: how["arm"] == "drug"),
    Said("--endpoint", "OS", lambda how: how["endpoint"] == "OS"),
    Said("--method", "guyot", lambda how: "guyot" in how["method"]),
    Said("--method", "spread", lambda how: how["options"]["method"] == "spread"),
    Said("--draws", "3", lambda how: how["options"]["draws"] == 3),
    Said("--seed", "4", lambda how: how["seed"] == 4),
)


@given(pairs(RECONSTRUCT))
@settings(max_examples=20)
def test_any_options_of_reconstruct(said: list[Said]) -> None:
    with place() as folder:
        words = [word for one in said for word in one.words(folder)]
        if not any(one.option in ("--method", "--draws", "--seed", "--censor-times") for one in said):
            words += ["--method", "guyot"]  # the quick one
        status, err = call("reconstruct", folder / "A.csv", "--n", 20, "-o", folder / "ipd.csv", *words)
        used_or_refused(said, status, err, lambda: json.loads((folder / "ipd.json").read_text()))


RUN = (
    Said("--draws", "7", lambda kept: kept["draws"] == 7),
    Said("--draws", "9", lambda kept: kept["draws"] == 9),
    Said("--seed", "3", lambda kept: kept["seed"] == 3),
    Said("--method", "guyot", lambda kept: kept["method"] == "guyot"),
    Said("--method", "statespace", lambda kept: kept["method"] == "statespace"),
    Said("--tau", "5", lambda kept: kept["tau"] == 5),
    Said("--use", "hr", lambda kept: "hr" in kept["use"]),
    Said("--use", "p", lambda kept: "p" in kept["use"]),
    Said("--what-helps", "", lambda kept: kept["what_helps"]),
    Said("--n", "A=20"),
    Said("--time-unit", "days"),
    Said("--page", "1"),
)


class ReachedError(RecordError):
    """All settings were accepted; what is rebuilt from them is no matter here."""


@given(pairs(RUN), st.booleans())
@settings(max_examples=50)
def test_any_options_of_run_on_a_record(said: list[Said], two: bool) -> None:
    kept: dict[str, Any] = {}

    def reached(_: object, **given_settings: object) -> None:
        kept.update(given_settings)
        raise ReachedError("reached", "", "", "")

    with place() as folder, pytest.MonkeyPatch.context() as patch:
        arms = [word for name in ("AB" if two else "A") for word in ("--arm", f"{name}={folder / name}.csv")]
        sizes = "A=20,B=20" if two else "A=20"
        assert call("new", folder / "record", *arms, "--n", sizes)[0] == 0
        patch.setattr(run_module, "run_curve_record", reached)
        words = [word for one in said for word in one.words(folder)]
        status, err = call("run", folder / "record", "-o", folder / "out", *words)
        used_or_refused(said, 0 if kept else status, err, lambda: kept)
        if kept and not two:
            assert not {"--tau", "--what-helps"} & {one.option for one in said}


FIGURE = (
    Said("--n", "Placebo=31", lambda typed: typed["patients", "Placebo"] == "31"),
    Said("--n", "Drug=29", lambda typed: typed["patients", "Drug"] == "29"),
    Said("--events", "Placebo=20", lambda typed: typed["total events", "Placebo"] == "20"),
    Said("--events", "Drug=15", lambda typed: typed["total events", "Drug"] == "15"),
    Said("--arm-names", "Placebo,Drug", lambda typed: typed["name of the arm", "Drug"] == "Drug"),
    Said("--arm-names", "Placebo", lambda typed: typed["name of the arm", "Placebo"] == "Placebo"),
    Said("--arm-names", "Drug", lambda typed: typed["name of the arm", "Drug"] == "Drug"),
    Said("--arms", "2", lambda typed: typed["number of curves", ""] == "2"),
    Said("--arms", "3"),
    Said("--control", "Drug", lambda typed: typed["control arm", ""] == "Drug"),
    Said("--x-range", "0,60", lambda typed: typed["time axis, first and last tick", ""] == "0 to 60"),
    Said("--y-range", "0,1", lambda typed: typed["survival axis, first and last tick", ""] == "0 to 1"),
    Said("--y-unit", "fraction", lambda typed: typed["unit of the survival axis", ""] == "fraction"),
    Said("--y-unit", "percent", lambda typed: typed["unit of the survival axis", ""] == "percent"),
    Said("--time-unit", "weeks", lambda typed: typed["time unit", ""] == "weeks"),
    Said("--one-minus-survival", "", lambda typed: typed["direction of the survival axis", ""] == "1 - S"),
    Said("--late-entry", ""),
    Said("--page", "1"),
    Said("--panel", "Q"),
)


@pytest.fixture(scope="module")
def svg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import numpy as np

    rng = np.random.default_rng(8)
    arms = [simulate(rng, "Placebo", 30, median=9), simulate(rng, "Drug", 28, median=16)]
    return render(tmp_path_factory.mktemp("svg") / "figure.svg", arms, Look(names_with_n=True, marks="|")).path


@pytest.mark.slow
def test_any_options_of_digitize(svg: Path) -> None:
    @given(pairs(FIGURE))
    @settings(max_examples=8)
    def check(said: list[Said]) -> None:
        with place() as folder:
            words = [word for one in said for word in one.words(folder)]
            status, err = call("digitize", svg, "-o", folder / "record", *words)
            used_or_refused(
                said, status, err, lambda: {(r.what, r.arm): r.typed for r in read_figure(folder / "record").readings}
            )

    check()


ANALYZE = (
    Said("--control", "B", lambda found: found["contrasts"][0]["over"] == "B"),
    Said("--control", "C"),
    Said("--tau", "5", lambda found: found["contrasts"][0]["rmst_difference"]["tau"] == 5),
    Said("--at", "2", lambda found: 2 in [m["at"] for m in found["arms"][0]["milestones"]]),
    Said("--at", "3,4", lambda found: {3, 4} <= {m["at"] for m in found["arms"][0]["milestones"]}),
    Said("--time-unit", "weeks", lambda found: found["contrasts"][0]["time_unit"] == "weeks"),
    Said("--time-unit", "days", lambda found: found["contrasts"][0]["time_unit"] == "days"),
    Said("--time-col", "t2", lambda found: "'t2'" in str(found["notes"])),
    Said("--event-col", "e2", lambda found: "'e2'" in str(found["notes"])),
    Said("--arm-col", "site", lambda found: [a["name"] for a in found["arms"]] != ["A", "B"]),
    Said("--event-coding", "0=event", lambda found: found["arms"][0]["events"] in (1, 2)),
    Said("--event-coding", "1=censored", lambda found: found["arms"][0]["events"] in (1, 2)),
    Said("--event-coding", "1=event"),
    Said("--draws", "@none.csv"),
)


@given(pairs(ANALYZE))
@settings(max_examples=40)
def test_any_options_of_analyze(said: list[Said]) -> None:
    with place() as folder:
        rows = [f"{t},{t + 1},{t % 3 != 0:d},{t % 3 == 1:d},{'AB'[t % 2]},{'xy'[t % 4 > 1]}\n" for t in range(1, 21)]
        (folder / "p.csv").write_text("time,t2,event,e2,arm,site\n" + "".join(rows))
        words = [word for one in said for word in one.words(folder)]
        out = StringIO()
        before = sys.argv
        sys.argv = ["survrecon", "analyze", str(folder / "p.csv"), "--json", *words]
        try:
            with redirect_stdout(out), redirect_stderr(err := StringIO()), pytest.raises(SystemExit) as ended:
                main()
        finally:
            sys.argv = before
        assert isinstance(ended.value.code, int)
        if any(one.option == "--arm-col" for one in said) and any(one.value == "B" for one in said):
            assert ended.value.code == 2  # an arm of another column
        if ended.value.code == 0 and any(one.option == "--event-coding" for one in said):
            return  # what it means is of the event column, tested beside the columns
        used_or_refused(said, ended.value.code, err.getvalue(), lambda: json.loads(out.getvalue()))


def single_valued() -> list[tuple[str, str, str]]:
    """Return every option of every command that takes one value, with a value it could have."""
    return [
        (name, max(param.opts, key=len), "" if param.is_flag else "1")
        for name, command in cli.commands.items()
        for param in command.params
        if isinstance(param, click.Option) and not param.multiple and not param.is_eager
    ]


@pytest.mark.parametrize(("command", "option", "value"), single_valued(), ids=lambda word: word or "flag")
def test_an_option_of_one_value_given_twice(command: str, option: str, value: str) -> None:
    words = (option, value) if value else (option,)
    status, err = call(command, *words, *words)
    assert status == 2
    assert f"{option} is given 2 times; give it once" in err


def test_options_that_take_several_values_are_few() -> None:
    several = {
        max(param.opts, key=len): type(param)
        for command in cli.commands.values()
        for param in command.params
        if isinstance(param, click.Option) and param.multiple
    }
    assert {option for option, kind in several.items() if issubclass(kind, ByName)} == {
        "--arm", "--n", "--events", "--censor-times", "--event-coding",
    }  # fmt: skip
    assert {option for option, kind in several.items() if issubclass(kind, Listed)} == {
        "--arm-names", "--use", "--at", "--cuts", "--landmarks",
    }  # fmt: skip
    assert several.keys() - {"--draws", "--reader"} <= {
        "--arm", "--n", "--events", "--censor-times", "--event-coding", "--arm-names", "--use", "--at",
        "--cuts", "--landmarks",
    }  # fmt: skip


arm_names = (
    st.text(st.sampled_from("Ab 5=,\"'#%µ-"), min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda name: bool(name) and not name.startswith("-"))
)


@given(arm_names, st.integers(1, 500))
def test_what_a_message_proposes_can_be_pasted(name: str, n: int) -> None:
    with pytest.raises(RecordError) as error:
        number_of_patients(name, None, None)
    option, text = shlex.split(error.value.advice.spelled(in_shell).removeprefix("give "))
    assert option == "--n"
    assert numbers_by_arm(text.replace("NUMBER", str(n))) == {name: n}
    assert error.value.advice.spelled(in_shell) == f"give {in_shell(NamedOption('n', 'NUMBER', name))}"
    assert error.value.advice == f"give n={{{name!r}: NUMBER}}"


@given(st.lists(arm_names, min_size=1, max_size=3, unique=True))
def test_names_in_quotes_are_read_as_they_are(found: list[str]) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in found]
    assert names(",".join(quoted)) == tuple(found)
    assert numbers_by_arm(",".join(f"{name}={k}" for k, name in enumerate(quoted))) == {
        name: k for k, name in enumerate(found)
    }
    assert files_by_arm(",".join(f"{name}=a=b.csv" for name in quoted)) == dict.fromkeys(found, "a=b.csv")


@pytest.mark.parametrize("name", ["dose=5 mg", "A, high dose", "O'Hara", '5" pipe', "µ"])
def test_an_arm_of_any_name_from_new_to_run(name: str) -> None:
    with place() as folder:
        arm = name if "," not in name else f'"{name}"'
        record = folder / "my record"
        words = ("--arm", f"{arm}={folder / 'A.csv'}", "--arm", f"B={folder / 'B.csv'}", "--control", name)
        status, err = call("new", record, *words, "--n", "B=20")
        assert status == 2
        proposed = shlex.split(err.split("What to do: give ")[1].rstrip(".\n").replace("NUMBER", "20"))
        status, err = call("new", record, *words, "--n", "B=20", *proposed)
        assert status == 0, err
        assert [arm.name for arm in read_figure(record).document.arms] == [name, "B"]
        assert call("run", record, "--method", "guyot", "-o", folder / "out")[0] == 0
        status, err = call("analyze", folder / "out" / "ipd.csv", "--control", name)
        assert status == 0, err
