"""`seje serve`: binds the address, loads all that a search needs, then serves until it is told to stop."""

import logging
import os
import re
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from seje.errors import SejeError
from seje.index.folder import read_facts
from seje.web.address import bind, urls
from seje.workspace import paths

GRACE = 10  # seconds that requests in work get to end
TOKEN = r"[!-~]+"  # visible ASCII: what a header and a cookie can carry
Folders = tuple[Path | None, Path | None, Path | None]  # of the model, of the index, of the corpus's photos


def serve(folders: Folders, host: str, port: int, token: str | None, workers: int) -> None:
    """Serve at an address, by so many processes; one that others can reach needs a token."""
    try:
        import uvicorn

        from seje.web import workers as processes
        from seje.web.limits import is_loopback
    except ImportError:
        raise SejeError("the server's packages are missing: pip install 'seje[serve]'") from None
    host = host.removeprefix("[").removesuffix("]")
    if token and not re.fullmatch(TOKEN, token):
        raise SejeError("serve: --token: of visible ASCII characters alone, as a header carries them")
    if not token and not is_loopback(host):
        raise SejeError(
            f"serve: {host} can be reached from other machines: give --token, or --host 127.0.0.1"
        )
    bound = bind(host, port)
    work = partial(_work, folders, bound, ["*"] if token else [host], token or None, workers)
    uvicorn.Config("seje").configure_logging()
    running = partial(logging.getLogger("uvicorn.error").info, "Serving at %s (Ctrl-C ends it)", urls(bound))
    # Threads of a product sleep at once when it is done: one that spins keeps a core from requests.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    if workers == 1:
        return work(running)
    _check_shared(folders[1] or paths.Index.FOLDER)
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    with TemporaryDirectory(prefix="seje") as measures:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = measures
        processes.run(work, workers, GRACE, running)


def _work(
    folders: Folders,
    sockets: list[socket.socket],
    hosts: list[str],
    token: str | None,
    workers: int,
    running: Callable[[], None],
) -> None:
    """Serve at sockets that are bound, as one of so many processes; `running` is called once that goes."""
    import uvicorn

    from seje.search.opening import open_search
    from seje.web.app import create
    from seje.web.patience import Patient

    class Server(uvicorn.Server):
        """Tells when it listens."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            """Begin to listen."""
            await super().startup(sockets)
            running()

    model, index, images = folders
    search = open_search(model, index)
    search.model.load()
    app = create(search, token, hosts, images, workers)
    level = "info" if workers == 1 else "warning"  # the first process tells what all do
    config = uvicorn.Config(
        app, http=Patient, timeout_graceful_shutdown=GRACE, access_log=False, log_level=level
    )
    try:
        Server(config).run(sockets)
    except KeyboardInterrupt:  # uvicorn raises it again when all has ended
        pass


def _check_shared(index: Path) -> None:
    """Raise SejeError where several processes cannot open an index: Milvus locks a file of its own."""
    uri = read_facts(index).uri
    if uri and paths.milvus(uri, index) != uri:
        raise SejeError(
            f"serve: --workers: the index is in {uri}, a file of Milvus that one process alone can open: "
            "give --workers 1, or set index.uri to the address of a server"
        )
