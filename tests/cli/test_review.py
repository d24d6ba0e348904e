"""The commands ``review`` and ``agree``: what they say, and a server that is started and ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from survrecon.cli import cli
from survrecon.errors import ReviewError
from tests.review.made import a_review, a_session

if TYPE_CHECKING:
    from pathlib import Path


def test_blind_and_automatic_exclude_each_other(tmp_path: Path) -> None:
    call = CliRunner().invoke(cli, ["review", str(tmp_path), "--blind", "--from-automatic"])
    assert call.exit_code == 2
    assert "exclude each other" in call.output


def test_agree_takes_a_review_or_two_records(tmp_path: Path) -> None:
    folder = str(a_review(tmp_path).path)
    assert "got 3" in CliRunner().invoke(cli, ["agree", folder, folder, folder]).output
    assert "--reader goes with" in CliRunner().invoke(cli, ["agree", folder, folder, "--reader", "A"]).output
    call = CliRunner().invoke(cli, ["agree", folder])
    assert isinstance(call.exception, ReviewError)
    assert "two readers" in str(call.exception)


def test_two_records_that_differ_in_n_have_a_page(tmp_path: Path) -> None:
    """Exit status 1, JSON on stdout, and the page beside the JSON."""
    folders = []
    for name, n in (("one", None), ("two", 99)):
        place = tmp_path / name
        place.mkdir()
        session = a_session(place, name)
        if n is not None:
            session.edit(0, "set_n", {"arm": "a1", "value": n})
            session.edit(1, "set_row", {"row": "r1", "arm": None, "kind": "not used"})
        session.accept(session.revision)
        folders.append(session.review.path)
    both = [str(folders[0] / "automatic"), str(folders[1])]
    call = CliRunner().invoke(cli, ["agree", *both, "-o", str(tmp_path / "out"), "--json"], standalone_mode=False)
    assert call.return_value == 1, call.output
    told = json.loads(call.stdout)
    assert ("n", "control", "100", "99") in {(f["field"], f["arm"], f["one"], f["other"]) for f in told["facts"]}
    page = (tmp_path / "out" / "agreement.html").read_text(encoding="utf-8")
    assert "n of control" in page
    assert json.loads((tmp_path / "out" / "agreement.json").read_text(encoding="utf-8")) == told


@pytest.mark.slow
def test_the_server_says_its_address_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    folder = a_review(tmp_path).path
    call = [sys.executable, "-m", "survrecon", "review", str(folder), "--no-browser"]
    with subprocess.Popen(call, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}) as server:
        assert server.stderr is not None
        address = next(line.strip() for line in server.stderr if line.startswith("http://127.0.0.1:"))
        with urlopen(address) as response:
            assert response.status == 200
        second = subprocess.run(call, capture_output=True, text=True, check=False)
        assert second.returncode == 2
        assert "open once" in second.stderr
        server.send_signal(signal.SIGINT)
        rest = server.stderr.read()
        assert server.wait(timeout=20) == 0, rest
    assert "nothing accepted yet" in rest
    assert not (folder / "readers" / "reader" / "server.json").exists()
