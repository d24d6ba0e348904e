"""Batches whose processes are killed, and batches on a cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import joblib
import pytest
from joblib.externals.loky import get_reusable_executor

from survrecon import batch
from survrecon.errors import BatchError
from survrecon.report.content.batch import BatchStatus
from survrecon.running.batch import Outcome, Task, _one_thread_each
from tests.batch.folders import PLAIN, contents, summary

Write = Callable[..., Path]
FAULTS = """
import importlib.util, os, pathlib, sys, time

class Faults:
    def find_spec(self, name, path=None, target=None):
        if name != "survrecon.digitizing.entry":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            whole = module.open_file

            def open_file(path):
                if path.name.startswith("deadly"):
                    os._exit(9)
                if path.name.startswith("slow"):
                    pathlib.Path("begun").touch()
                    time.sleep(60)
                return whole(path)

            module.open_file = open_file

        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Faults())
"""
"""Stands in for a crash in a library, and for a figure that takes long, in worker processes.

Set where a process imports the module, so that helper processes of the standard library, which do not, start quickly.
"""


def _heed_interrupts() -> None:
    """Undo what a shell does to jobs in the background, whose children would ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Call the command line in a process whose workers break on figures of certain names."""
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "sitecustomize.py").write_text(FAULTS)
    here = str(Path(batch.__code__.co_filename).parents[2])
    paths = os.pathsep.join([str(tmp_path / "faults"), here])

    def call(*words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "survrecon", *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_heed_interrupts,
        )

    return call


@pytest.mark.slow
def test_a_worker_that_dies_costs_its_figure_alone(
    write: Write, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    manifest = write("id,figure,draws", "a,one.svg,5", "b,deadly.svg,5", "c,two.svg,5", "d,one.svg,6")
    (tmp_path / "deadly.svg").write_bytes((tmp_path / "one.svg").read_bytes())
    done = start("batch", manifest, "-o", "out", "--jobs", 2)
    _, err = done.communicate(timeout=240)
    assert done.returncode == 0, err
    assert [row["status"] for row in summary(tmp_path / "out")] == ["done", "failed", "done", "done"]
    assert "its worker process died" in summary(tmp_path / "out")[1]["error"]
    assert "Traceback" not in err
    assert not (tmp_path / "out" / ".unfinished").exists()


def test_workers_that_never_take_work_are_an_error(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = threading.Lock()
    monkeypatch.setattr("survrecon.running.batch.run_task", lambda _: lock)  # what cannot be pickled
    with pytest.raises(BatchError, match="processes that take work"):
        batch(write(*PLAIN), tmp_path / "out", jobs=2)
    assert not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) for name in ("SIGINT", "SIGTERM", "SIGKILL")],
)
def test_what_is_interrupted_goes_on_later(
    write: Write,
    tmp_path: Path,
    start: Callable[..., subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    manifest = write("id,figure,draws", "first,one.svg,5", "last,slow.svg,5")
    (tmp_path / "slow.svg").write_bytes((tmp_path / "two.svg").read_bytes())
    out = tmp_path / "out"
    cut = start("batch", manifest, "-o", "out", "--jobs", 2)
    for _ in range(1200):
        if (tmp_path / "begun").exists() and (out / "first" / "batch.json").exists():
            break
        time.sleep(0.1)
    os.killpg(cut.pid, getattr(signal, name))
    _, err = cut.communicate(timeout=60)
    assert cut.returncode == (-signal.SIGKILL if name == "SIGKILL" else 130), err
    left = {path.name for path in out.iterdir()}
    assert left == ({"first", ".unfinished"} if name == "SIGKILL" else {"first"})
    if name != "SIGKILL":
        assert err.strip() == "survrecon: interrupted; what was finished is kept"
    first = (out / "first" / "batch.json").stat().st_mtime_ns
    monkeypatch.chdir(tmp_path)
    finished: list[int] = []
    batch(manifest, "out", jobs=1, progress=lambda _id, through, *_: finished.append(through))
    assert finished == [1, 2]  # one before the first is begun
    assert (out / "first" / "batch.json").stat().st_mtime_ns == first
    assert [row["status"] for row in summary(out)] == ["done", "done"]
    assert {path.name for path in out.iterdir()} == {"first", "last", "summary.csv", "index.html", "batch.json"}


def _on_interrupt(task: Task) -> Outcome:
    return Outcome(id=task.row.id, error=repr(signal.getsignal(signal.SIGINT)))


@pytest.mark.slow
def test_workers_leave_interrupts_to_the_caller(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survrecon.running.batch.run_task", _on_interrupt)
    get_reusable_executor().shutdown(wait=True)  # workers of a test before this one
    before = signal.getsignal(signal.SIGINT)
    rows = batch(write(*PLAIN), tmp_path / "out", jobs=2)
    assert [row.error for row in rows] == [repr(signal.SIG_IGN)] * 2
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.slow
@pytest.mark.parametrize("processes", [False, True])
def test_a_cluster_does_the_same(write: Write, tmp_path: Path, processes: bool) -> None:
    """The reader's joblib configuration sends the work to a dask cluster of two workers, threads or processes."""
    distributed = pytest.importorskip("distributed")
    manifest = write(*PLAIN)
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=processes,
            dashboard_address=None,
            local_directory=tmp_path / "dask",
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        rows = batch(manifest, tmp_path / "out")
        worked = client.run(eval, "'survrecon.running.figure' in __import__('sys').modules")
    assert len(worked) == 2
    assert any(worked.values())
    assert [row.status for row in rows] == [BatchStatus.DONE, BatchStatus.DONE]
    made = {name: data for name, data in contents(tmp_path / "out").items() if not name.endswith("batch.json")}
    here = batch(manifest, tmp_path / "here", jobs=1)
    assert [row.hazard_ratio for row in rows] == [row.hazard_ratio for row in here]
    state = json.loads((tmp_path / "out" / "first" / "run.json").read_text())
    names = {name.removeprefix("first/") for name in made if name.startswith("first/")}
    assert state["outputs"].keys() == names - {"run.json"}


def test_workers_start_with_one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with _one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == os.environ["OPENBLAS_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OPENBLAS_NUM_THREADS" not in os.environ
