"""The page that a recipe is from, as a link may hold it."""

import re
from typing import Any
from urllib.parse import urlsplit

LONGEST = 2000  # characters: what browsers take
WEB = re.compile(r"https?://[!-~]+", re.IGNORECASE)


def host_of(url: Any) -> str | None:
    """Name the host of an address, without `www.`; None where it is no address."""
    try:
        host = urlsplit(url.strip()).hostname if isinstance(url, str) else None
    except ValueError:  # a bracket that is not closed, for one
        return None
    return host.removeprefix("www.") if host else None


def web_address(*given: Any) -> str | None:
    """Take the first that is an address of the web: http or https, of visible ASCII, with a host."""
    for one in given:
        url = one.strip() if isinstance(one, str) else ""
        if len(url) <= LONGEST and WEB.fullmatch(url) and host_of(url):
            return url
    return None
