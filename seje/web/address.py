"""The address that a server listens at: bound before the model is read, listened at after it."""

import errno
import socket

from seje.errors import SejeError

ABSENT = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}  # a name of both families, on a machine of one


def bind(host: str, port: int) -> list[socket.socket]:
    """Bind a socket to each address of a host; empty for all of this machine. Nothing listens yet.

    Raises SejeError where that cannot be.
    """
    bound: list[socket.socket] = []
    absent: OSError | None = None
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in found:
            try:
                bound.append(_bound(family, address))
            except OSError as error:
                if error.errno not in ABSENT:
                    raise
                absent = error
        if absent and not bound:
            raise absent
    except (OSError, UnicodeError) as error:
        for made in bound:
            made.close()
        reason = getattr(error, "strerror", None) or error
        raise SejeError(f"serve: cannot listen at {host}, port {port}: {reason}") from None
    return bound


def _bound(family: int, address: object) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)  # type: ignore[arg-type]
    except OSError:
        made.close()
        raise
    return made


def urls(bound: list[socket.socket]) -> str:
    """Show where sockets are bound."""
    places = [made.getsockname()[:2] for made in bound]
    return ", ".join(f"http://{f'[{host}]' if ':' in host else host}:{port}" for host, port in places)
