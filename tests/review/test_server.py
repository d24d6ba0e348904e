"""The local server: who may ask, one pen, errors as JSON, and nothing of the disk but the page."""

from __future__ import annotations

import warnings
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from survrecon.review.server import ReviewServer
from survrecon.review.settings import SERVING
from survrecon.review.state import StartedFrom
from tests.review.made import a_review, a_session, with_few_draws

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the client's own future
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpx import Response

PORT = 8765
HERE = f"http://127.0.0.1:{PORT}"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Tab:
    """A tab of a browser on the page of a server."""

    def __init__(self, server: ReviewServer, name: str, **headers: str) -> None:
        self.client = TestClient(server.app, base_url=HERE, headers={"Origin": HERE, "X-Client": name, **headers})
        self.client.get("/", params={"token": server.token})

    def get(self, path: str) -> Response:
        response: Response = self.client.get(path)
        return response

    def post(self, path: str, **said: Any) -> Response:
        response: Response = self.client.post(path, json=said)
        return response


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return a_review(tmp_path_factory.mktemp("review"))


@pytest.fixture
def server(review: Any, tmp_path: Path, request: pytest.FixtureRequest) -> ReviewServer:
    name = f"R{abs(hash(request.node.name)) % 10**9}"
    session = a_session(tmp_path, name, StartedFrom.AUTOMATIC, review=review)
    return ReviewServer(session=session, port=PORT, clock=Clock())


def error(response: Response, status: int) -> Mapping[str, str]:
    assert response.status_code == status, response.text
    found: Mapping[str, str] = response.json()["error"]
    assert set(found) == {"where", "rule", "got", "advice"}
    return found


def test_only_the_page_that_was_given_out_may_ask(server: ReviewServer) -> None:
    stranger = TestClient(server.app, base_url=HERE, headers={"X-Client": "x"})
    for path in ("/", "/api/state", "/api/picture.png", "/api/result", "/?token=wrong"):
        error(stranger.get(path), 403)
    tab = Tab(server, "one")
    assert tab.get("/api/state").status_code == 200
    assert error(tab.client.get("/api/state", headers={"Host": "evil.example"}), 403)["where"] == "Host"
    assert error(tab.client.get("/api/state", headers={"Host": f"127.0.0.1:{PORT + 1}"}), 403)["where"] == "Host"
    said = {"revision": 0, "op": "set_n", "arm": "a1", "value": 90}
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{PORT + 1}", f"https://127.0.0.1:{PORT}"):
        found = tab.client.post("/api/edit", json=said, headers={"Origin": origin})
        assert error(found, 403)["where"] == "Origin"
    without = TestClient(server.app, base_url=HERE, headers={"X-Client": "one"}, cookies=dict(tab.client.cookies))
    assert error(without.post("/api/edit", json=said), 403)["where"] == "Origin"
    assert server.session.revision == 0


def test_the_cookie_is_of_this_port_and_no_script_reads_it(server: ReviewServer) -> None:
    client = TestClient(server.app, base_url=HERE)
    cookie = client.get("/", params={"token": server.token}).headers["set-cookie"]
    assert f"survrecon_{PORT}=" in cookie
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_every_answer_bears_the_rules_for_the_browser(server: ReviewServer) -> None:
    tab = Tab(server, "one")
    for response in (tab.get("/"), tab.get("/api/state"), tab.get("/static/nothing.js"), tab.post("/api/edit")):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'self'")
        assert "http" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/%2e%2e/errors.py",
        "/static//etc/passwd",
        "/static/..\\server.py",
        "/static/index.html%00.png",
        "/etc/passwd",
        "/static/",
    ],
)
def test_no_path_leads_out_of_the_page(server: ReviewServer, path: str) -> None:
    response = Tab(server, "one").get(path)
    assert response.status_code in (403, 404), path
    assert "import" not in response.text


def test_edit_undo_redo(server: ReviewServer) -> None:
    tab = Tab(server, "one")
    state = tab.post("/api/edit", revision=0, op="set_n", arm="a1", value=90).json()
    assert (state["revision"], state["arms"][0]["n"], state["can_undo"], state["edits"]) == (1, 90, True, 1)
    assert tab.post("/api/undo", revision=1).json()["arms"][0]["n"] == 100
    assert tab.post("/api/redo", revision=2).json()["arms"][0]["n"] == 90
    stale = tab.post("/api/edit", revision=1, op="set_n", arm="a1", value=80)
    assert "newest" in error(stale, 409)["rule"]
    assert stale.json()["revision"] == 3


def test_a_second_tab_only_reads_until_the_first_is_gone(server: ReviewServer) -> None:
    first, second = Tab(server, "one"), Tab(server, "two")
    assert first.get("/api/state").json()["read_only"] is False
    assert second.get("/api/state").json()["read_only"] is True
    edit = {"revision": 0, "op": "set_n", "arm": "a1", "value": 90}
    error(second.post("/api/edit", **edit), 423)
    for path in ("/api/undo", "/api/accept", "/api/snap", "/api/read"):
        error(second.post(path, revision=0), 423)
    assert second.post("/api/release").status_code == 200  # what it does not hold it cannot give back
    assert second.get("/api/alive").json() == {"revision": 0, "read_only": True}
    assert isinstance(server.clock, Clock)
    server.clock.now = SERVING.pen_free_after + 1
    assert second.get("/api/alive").json()["read_only"] is False
    assert first.get("/api/alive").json()["read_only"] is True
    assert second.post("/api/edit", **edit).status_code == 200
    second.post("/api/release")
    assert first.get("/api/alive").json() == {"revision": 1, "read_only": False}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/edit", b"{", 400),
        ("/api/edit", b"[1]", 400),
        ("/api/edit", b"[" * 100_000, 400),
        ("/api/edit", b'{"revision": true, "op": "set_n"}', 400),
        ("/api/edit", b'{"revision": 0, "op": ["set_n"]}', 400),
        ("/api/edit", b'{"revision": 0, "op": "set_n", "arm": {"a": 1}, "value": 1}', 400),
        ("/api/edit", b'{"revision": 0, "op": "__class__"}', 400),
        ("/api/edit", b'{"revision": 0, "op": "move_corner", "arm": "a1", "index": 1, "x": NaN, "y": 1}', 400),
        ("/api/edit", b"\xff\xfe", 400),
        ("/api/edit", b" " * (SERVING.most_bytes + 1), 413),
        ("/api/snap", b'{"points": [[1e9, 2]]}', 400),
        ("/api/snap", b'{"points": "here"}', 400),
        ("/api/snap", b'{"points": [[60, 60], [90, 90]], "colour": "red"}', 400),
        ("/api/read", b'{"revision": 0, "crop": [0, 0, 1e9, 5]}', 400),
    ],
)
def test_what_is_no_request_of_the_page_changes_nothing(
    server: ReviewServer, path: str, body: bytes, status: int
) -> None:
    tab = Tab(server, "one")
    error(tab.client.post(path, content=body, headers={"Content-Type": "application/json"}), status)
    error(tab.client.post(path, content=b"{}", headers={"Content-Type": "text/plain"}), 400)
    assert server.session.revision == 0


def test_parts_of_the_picture(server: ReviewServer) -> None:
    tab = Tab(server, "one")
    assert tab.get("/api/picture.png").content.startswith(b"\x89PNG")
    assert tab.get("/api/picture.png?box=10,10,60,40").content.startswith(b"\x89PNG")
    for box in ("1,2,3", "a,b,c,d", "60,40,10,10", "nan,0,10,10", "0,0,inf,1e999", "900,900,950,950"):
        error(tab.get(f"/api/picture.png?box={box}"), 400)


def test_clicks_are_snapped_to_ink(server: ReviewServer) -> None:
    """Clicks two pixels off find the line: levels to half a pixel, and the line's colour."""
    tab = Tab(server, "one")
    near = tab.post("/api/snap", points=[[120.0, 151.5]]).json()
    assert near["point"][1] == pytest.approx(150, abs=0.5)
    assert near["colour"] == "#1f77b4"
    found = tab.post("/api/snap", points=[[52.0, 51.5], [190.0, 268.0], [328.0, 332.0]]).json()
    truth = server.session.progress.state.arms[0].corners
    levels = [(x, y) for x, y in found["corners"]]
    for x in (60.0, 85.0, 120.0, 165.0, 220.0, 300.0):
        mine = [y for at, y in levels if at <= x][-1]
        assert mine == pytest.approx([y for at, y in truth if at <= x][-1], abs=0.5), x
    assert all(b[1] >= a[1] for a, b in pairwise(levels))


def test_accept_answers_with_the_comparison(server: ReviewServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with_few_draws(server.session, monkeypatch)
    tab = Tab(server, "one")
    found = tab.post("/api/accept", revision=0).json()
    assert found["hidden_until_accepted"] is False
    assert found["accepted"]["contrasts"]
    assert tab.get("/api/state").json()["accepted"] == 1
    blocked = tab.post("/api/edit", revision=1, op="delete_arm", arm="a1").json()
    blocked = tab.post("/api/edit", revision=2, op="delete_arm", arm="a2").json()
    assert blocked["problems"][0]["where"] == "arms"
    error(tab.post("/api/accept", revision=3), 400)


def test_a_fault_of_the_program_is_an_error_and_no_edit(server: ReviewServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(server.session, "edit", broken)
    found = Tab(server, "one").post("/api/edit", revision=0, op="set_n", arm="a1", value=1)
    assert "a fault of the program (RuntimeError: broken)" in error(found, 500)["got"]


def test_the_page_adds_little_to_what_is_installed() -> None:
    """Eight megabytes at most, bytecode aside: the server's packages, and those that only they need."""
    added = 0
    for package in ("starlette", "uvicorn", "h11", "anyio", "idna"):
        files = distribution(package).files or ()
        assert files
        places = (Path(file.locate()) for file in files if file.suffix != ".pyc")
        added += sum(place.stat().st_size for place in places if place.exists())
    assert added < 8e6
