"""The application: routes, and the life of what they share."""

from pathlib import Path

from fastapi import FastAPI

from seje.search.nearest import Search
from seje.web.asking import asking
from seje.web.engine import Engine
from seje.web.guard import Guard
from seje.web.head import Head
from seje.web.limits import BodyLimit, Hosts
from seje.web.metrics import ServerMetrics
from seje.web.pages import pages
from seje.web.refusals import refusals
from seje.web.showing import showing

UPLOAD_BYTES = 20 * 2**20


def create(
    search: Search, token: str | None, hosts: list[str], images: Path | None = None, workers: int = 1
) -> FastAPI:
    """Make the application.

    Args:
        search: what it asks.
        token: what clients must know; None lets all in.
        hosts: names under which it may be asked, against rebinding of names; `*` for any.
        images: the folder of the corpus's photos, whose originals are shown; None: the stored ones are.
        workers: processes that share the machine with this one, itself among them.
    """
    engine = Engine(search, images, workers)
    measures = ServerMetrics()
    app = FastAPI(title="SEJE", version="0.1.0", docs_url=None, redoc_url=None, lifespan=engine.working)
    app.add_middleware(BodyLimit, most=UPLOAD_BYTES)
    app.add_middleware(Head)
    app.add_middleware(Hosts, names=hosts)
    app.add_middleware(Guard, engine=engine, measures=measures, token=token)
    refusals(app)
    pages(app, token)
    asking(app, engine)
    showing(app, engine, measures)
    return app
