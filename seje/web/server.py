"""`seje serve`: loads all that a search needs, then serves until it is told to stop."""

import re
import socket
from pathlib import Path
from typing import Any

from seje.errors import SejeError
from seje.search.opening import open_search

GRACE = 10  # seconds that requests in work get to end
TOKEN = r"[!-~]+"  # visible ASCII: what a header and a cookie can carry


def serve(
    model: Path | None, index: Path | None, host: str, port: int, token: str | None, images: Path | None
) -> None:
    """Serve at an address; one that others can reach needs a token.

    `images` is the folder of the corpus's photos, where it is known.
    """
    try:
        import uvicorn

        from seje.web.app import create
        from seje.web.limits import is_loopback
        from seje.web.patience import Patient
    except ImportError:
        raise SejeError("the server's packages are missing: pip install 'seje[serve]'") from None
    host = host.removeprefix("[").removesuffix("]")
    if token and not re.fullmatch(TOKEN, token):
        raise SejeError("serve: --token: of visible ASCII characters alone, as a header carries them")
    if not token and not is_loopback(host):
        raise SejeError(
            f"serve: {host} can be reached from other machines: give --token, or --host 127.0.0.1"
        )
    _check_address(host, port)
    search = open_search(model, index)
    search.model.load()
    app = create(search, token or None, ["*"] if token else [host], images)
    shown: dict[str, Any] = {"log_level": "info", "access_log": False}
    uvicorn.run(app, host=host, port=port, http=Patient, timeout_graceful_shutdown=GRACE, **shown)


def _check_address(host: str, port: int) -> None:
    """Raise SejeError where nothing can listen at an address; before the model is loaded, not after it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.create_server(found[0][4][:2], family=found[0][0]):
            pass
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SejeError(f"serve: cannot listen at {host}, port {port}: {reason}") from None
