"""`seje serve`: loads all that a search needs, then serves until it is told to stop."""

from seje import params
from seje.errors import SejeError
from seje.search import Search

GRACE = 10  # seconds that requests in work get to end


def serve(sections: params.Params, host: str, port: int, token: str | None) -> None:
    """Serve at an address; one that others can reach needs a token."""
    try:
        import uvicorn

        from seje.web.app import create
        from seje.web.limits import is_loopback
    except ImportError:
        raise SejeError("the server's packages are missing: pip install 'seje[serve]'") from None
    if not token and not is_loopback(host):
        raise SejeError(
            f"serve: {host} can be reached from other machines: give --token, or --host 127.0.0.1"
        )
    search = Search(sections)
    search.asking.load()
    hosts = ["*"] if token else ["localhost", host]
    app = create(search, token, hosts)
    shown = {"log_level": "info", "access_log": False}
    uvicorn.run(app, host=host, port=port, timeout_graceful_shutdown=GRACE, **shown)  # type: ignore[arg-type]
