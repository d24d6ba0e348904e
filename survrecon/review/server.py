"""The local server of the review page: who may ask, the routes, and errors as JSON.

It listens on 127.0.0.1 alone and asks nobody. Routes and JSON are described in ``docs/review_interface.md``.
"""

from __future__ import annotations

import json
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from survrecon.callers import option_name
from survrecon.digitizing.picture import part_as_png, picture_as_png
from survrecon.digitizing.raster.snapping import Ink, nearest_ink, path_along_ink
from survrecon.errors import ReviewError, SurvreconError
from survrecon.review.rebuilt import error_words
from survrecon.review.session import ReviewSession, StaleRevisionError
from survrecon.review.settings import SERVING
from survrecon.review.start import read_part

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

__all__ = ["PenHeldError", "ReviewServer", "serve"]

HOST = "127.0.0.1"
_STATIC = Path(__file__).parent / "static"
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LOCK = "server.json"


class PenHeldError(ReviewError):
    """An edit from a tab that may only read."""


class _ForbiddenError(ReviewError):
    """A request that does not come from the page."""


class _TooLargeError(ReviewError):
    """A request whose body is larger than any of the page's."""


@dataclass
class ReviewServer:
    """The routes of one reader's session.

    Parameters
    ----------
    session : ReviewSession
        The reader at work.
    port : int
        Where it listens: the Host and Origin of every request must say so.
    token : str
        What the page's address bears.
    """

    session: ReviewSession
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(SERVING.token_bytes))
    clock: Callable[[], float] = time.monotonic
    _holder: str | None = None
    _last_seen: float = 0.0
    _ink: Ink | None = None

    @property
    def address(self) -> str:
        """What is opened in the browser."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    @property
    def app(self) -> Starlette:
        """The application that uvicorn, or a test, runs."""
        get: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/": self._page,
            "/static/{name}": self._static,
            "/api/picture.png": self._picture,
            "/api/state": self._state,
            "/api/result": self._result,
            "/api/alive": self._alive,
        }
        post: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/api/edit": self._edit,
            "/api/undo": partial(self._turn, self.session.undo),
            "/api/redo": partial(self._turn, self.session.redo),
            "/api/snap": self._snap,
            "/api/read": self._read,
            "/api/accept": self._accept,
            "/api/release": self._release,
        }
        routes = [Route(path, self._answered(answer), methods=["GET"]) for path, answer in get.items()]
        routes += [Route(path, self._answered(answer), methods=["POST"]) for path, answer in post.items()]
        return Starlette(routes=routes)

    def _answered(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Return a route that answers whom it may, and gives errors as JSON."""

        async def respond(request: Request) -> Response:
            try:
                self._refuse_strangers(request)
                response = await answer(request)
            except SurvreconError as error:
                status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
                words = {"error": error_words(error), "revision": self.session.revision}
                response = JSONResponse(words, status_code=status)
            except Exception as error:  # a fault of the program must not look like an edit that was made
                got = f"a fault of the program ({type(error).__name__}: {error})"
                fault = ReviewError(request.url.path, "an answer", got, "report this; nothing was changed")
                response = JSONResponse(
                    {"error": error_words(fault), "revision": self.session.revision}, status_code=500
                )
            response.headers.update(_HEADERS)
            return response

        return respond

    def _refuse_strangers(self, request: Request) -> None:
        """Refuse requests that come from elsewhere than the page that this server gave out."""
        here = {f"{HOST}:{self.port}", f"localhost:{self.port}"}
        host = request.headers.get("host", "")
        if host not in here:
            raise _ForbiddenError(
                "Host", " or ".join(sorted(here)), repr(host)[:80], "open the address that was printed"
            )
        origin = request.headers.get("origin")
        if origin != f"http://{host}" and (origin is not None or request.method == "POST"):
            raise _ForbiddenError("Origin", f"http://{host}", repr(origin)[:80], "open the address that was printed")
        if request.url.path.startswith("/static/"):
            return
        given = request.cookies.get(self._cookie, "") or request.query_params.get("token", "")
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            raise _ForbiddenError(
                "token", "the one in the address", "another, or none", "open the address that was printed"
            )

    @property
    def _cookie(self) -> str:
        return f"survrecon_{self.port}"

    async def _page(self, _request: Request) -> Response:
        response = self._file("index.html")
        response.set_cookie(self._cookie, self.token, httponly=True, samesite="strict", path="/")
        return response

    async def _static(self, request: Request) -> Response:
        return self._file(request.path_params["name"])

    def _file(self, name: str) -> Response:
        """Return a file of the page; a name is never a path."""
        known = {item.name: item for item in _STATIC.iterdir() if item.suffix in _KINDS} if _STATIC.is_dir() else {}
        if name not in known:
            fault = ReviewError(name[:80], "a file of the page", "none of this name", "reload the page")
            return JSONResponse({"error": error_words(fault)}, status_code=404)
        return Response(known[name].read_bytes(), media_type=_KINDS[known[name].suffix])

    async def _picture(self, request: Request) -> Response:
        asked, image = request.query_params.get("box"), self.session.review.image
        if asked is None:
            return Response(await run_in_threadpool(picture_as_png, image), media_type="image/png")
        try:
            x0, y0, x1, y1 = (float(part) for part in asked.split(","))
        except ValueError:
            raise ReviewError("box", "left, top, right, bottom", repr(asked)[:80], "correct it") from None
        return Response(part_as_png(image, (x0, y0, x1, y1)), media_type="image/png")

    async def _state(self, request: Request) -> Response:
        return self._view(request)

    def _view(self, request: Request) -> Response:
        return JSONResponse(self.session.state_view() | {"read_only": self._only_reads(request)})

    async def _result(self, request: Request) -> Response:
        self._only_reads(request)
        return JSONResponse(await run_in_threadpool(self.session.result_view))

    async def _alive(self, request: Request) -> Response:
        return JSONResponse({"revision": self.session.revision, "read_only": self._only_reads(request)})

    def _only_reads(self, request: Request) -> bool:
        """Whether the tab that asks may only read: another one holds the pen. A tab without a name never does."""
        client = request.headers.get("x-client") or request.query_params.get("client")
        if not client:
            return True
        now = self.clock()
        if self._holder is None or now - self._last_seen > SERVING.pen_free_after:
            self._holder = client
        if client != self._holder:
            return True
        self._last_seen = now
        return False

    def _refuse_readers(self, request: Request) -> None:
        if self._only_reads(request):
            raise PenHeldError(
                "this tab", "the tab that holds the pen", "one that may only read", "close the other tab"
            )

    async def _body(self, request: Request) -> dict[str, Any]:
        """Return the JSON of a request, with the revision that it is about."""
        self._refuse_readers(request)
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise ReviewError("Content-Type", "application/json", "another", "send JSON")
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > SERVING.most_bytes:
                rule = f"a body of at most {SERVING.most_bytes // 1_000_000} MB"
                raise _TooLargeError("request", rule, "more", "send less")
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ReviewError("request", "JSON", str(error)[:80], "send JSON") from None
        if not isinstance(found, dict):
            raise ReviewError("request", "an object of JSON", type(found).__name__, "send one")
        return found

    @staticmethod
    def _revision(said: dict[str, Any]) -> int:
        revision = said.pop("revision", None)
        if not isinstance(revision, int) or isinstance(revision, bool):
            raise ReviewError(
                "revision", "the number of the state that is edited", repr(revision)[:80], "send it along"
            )
        return revision

    async def _edit(self, request: Request) -> Response:
        said = await self._body(request)
        revision, op = self._revision(said), said.pop("op", None)
        if not isinstance(op, str):
            raise ReviewError("op", "the name of an operation", repr(op)[:80], "send it along")
        await run_in_threadpool(self.session.edit, revision, op, said)
        return self._view(request)

    async def _turn(self, turn: Callable[[int], None], request: Request) -> Response:
        said = await self._body(request)
        await run_in_threadpool(turn, self._revision(said))
        return self._view(request)

    async def _accept(self, request: Request) -> Response:
        said = await self._body(request)
        await run_in_threadpool(self.session.accept, self._revision(said))
        return JSONResponse(await run_in_threadpool(self.session.result_view))

    async def _release(self, request: Request) -> Response:
        if not self._only_reads(request):
            self._holder = None
        return JSONResponse({"revision": self.session.revision})

    async def _snap(self, request: Request) -> Response:
        said = await self._body(request)
        points, colour = said.get("points"), said.get("colour")
        if not isinstance(points, list) or not _are_points(points):
            rule = f"1 to {SERVING.most_points} places [x, y]"
            raise ReviewError("points", rule, repr(points)[:80], "click on the picture")
        return JSONResponse(await run_in_threadpool(self._snapped, points, colour))

    def _snapped(self, points: list[list[float]], colour: str | None) -> dict[str, Any]:
        if self._ink is None:
            self._ink = Ink.of(self.session.review.image)
        state = self.session.progress.state
        if len(points) == 1:
            place, found = nearest_ink(self._ink, (points[0][0], points[0][1]), colour)
            return {"point": list(place), "colour": found}
        corners, found = path_along_ink(self._ink, [(x, y) for x, y in points], colour, rising=state.one_minus_survival)
        return {"corners": [list(corner) for corner in corners], "colour": found}

    async def _read(self, request: Request) -> Response:
        said = await self._body(request)
        revision = self._revision(said)
        if revision != self.session.revision:
            rule = f"the newest, {self.session.revision}"
            raise StaleRevisionError("revision", rule, f"{revision}", "look at the newest state and try again")
        if self.session.seen is not None:  # a blind reader is refused by the session, before anything is read
            reading = await run_in_threadpool(read_part, self.session.review, said.get("panel"), said.get("crop"))
            await run_in_threadpool(self.session.read_again, revision, reading)
        else:
            self.session.read_again(revision, self.session.progress.state)
        return self._view(request)


_STATUS: dict[type[SurvreconError], int] = {
    _ForbiddenError: 403,
    StaleRevisionError: 409,
    _TooLargeError: 413,
    PenHeldError: 423,
}


def _are_points(points: list[Any]) -> bool:
    """Whether what was sent is places in the picture."""
    if not 1 <= len(points) <= SERVING.most_points:
        return False
    return all(
        isinstance(point, list)
        and len(point) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e6 for v in point)
        for point in points
    )


def serve(session: ReviewSession, *, port: int | None = None, opened: Callable[[str], None] = lambda _: None) -> None:
    """Serve a reader's session until Ctrl-C.

    Parameters
    ----------
    session : ReviewSession
        The reader at work.
    port : int or None
        Where to listen on 127.0.0.1; a free one where left out.
    opened : callable
        Is told the address once the server listens.

    Raises
    ------
    ReviewError
        If the port is taken, or the reader's folder is open in another server.
    """
    import uvicorn

    lock = session.reader.path / _LOCK
    _refuse_second_server(lock)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port or 0))
        except OSError as error:
            got = error.strerror or str(error)
            raise ReviewError(
                option_name("port"), f"a free port of {HOST}", f"{port}: {got}", "choose another"
            ) from None
        listener.listen()
        server = ReviewServer(session=session, port=listener.getsockname()[1])
        try:
            lock.write_text(json.dumps({"port": server.port}), encoding="utf-8")
        except OSError as error:
            rule, got = "a folder that can be written to", error.strerror or str(error)
            raise ReviewError(str(lock.parent), rule, got, "make it writable: edits are kept there") from None
        config = uvicorn.Config(server.app, log_level="error", access_log=False, lifespan="off", server_header=False)
        try:
            opened(server.address)
            with suppress(KeyboardInterrupt):  # how a session ends; the server has closed by then
                uvicorn.Server(config).run(sockets=[listener])
        finally:
            lock.unlink(missing_ok=True)


def _refuse_second_server(lock: Path) -> None:
    """Refuse a reader's folder that another server has open; one that ended without a word is none."""
    try:
        port = int(json.loads(lock.read_text(encoding="utf-8"))["port"])
        with socket.create_connection((HOST, port), timeout=1):
            pass
    except (OSError, ValueError, KeyError, TypeError):
        return
    raise ReviewError(
        str(lock.parent), "a reader's folder that is open once", f"a server on port {port}", "use that, or end it"
    )
