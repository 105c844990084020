"""What a request is worked on with: the model behind batchers, decoders and the index."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from seje.model.model import Asked
from seje.model.recipe_encoder import RecipeText
from seje.search.nearest import Search, Side, combine
from seje.web.batching import Batcher, Full
from seje.workspace.rated_terms import spelled

WAITING = 32  # requests that may wait for the model, and photos that may wait to be decoded
BATCH = 16  # requests in one batch
DECODERS = 2  # photos decoded at a time, by all workers: each may take MOST_MEMORY of seje.photos.bounds
SIDES: tuple[Side, ...] = ("recipes", "photos")


class Engine:
    """The model, behind batchers, and the index.

    Args:
        search: the index and its model.
        images: the folder of the corpus's photos, whose originals are shown; None: the stored ones are.
        workers: processes that share the machine, this one among them.
    """

    def __init__(self, search: Search, images: Path | None = None, workers: int = 1) -> None:
        self.search, self._images = search, images
        self._model = ThreadPoolExecutor(1, "model")  # of words, and of what finds
        self._seeing = ThreadPoolExecutor(
            1, "seeing"
        )  # of photos: a batch takes a second, words milliseconds
        self._decoding = ThreadPoolExecutor(max(1, DECODERS // workers), "decoding")
        self._decoded = 0
        self._texts = Batcher(search.model.ask_recipes, self._model, BATCH, WAITING)
        self._photos = Batcher(search.model.ask_photos, self._seeing, BATCH, WAITING)

    def waiting(self) -> int:
        """Count the requests that wait."""
        return len(self._texts) + len(self._photos) + self._decoded

    async def text(self, recipe: RecipeText) -> Asked:
        """Embed and judge a recipe; raises NothingKnown where no word of it is known."""
        asked: Asked = await self._texts(recipe)
        return asked

    async def photo(self, data: bytes) -> Asked:
        """Embed and judge a photo; raises BadPhoto."""
        if self._decoded >= WAITING:
            raise Full
        self._decoded += 1
        try:
            loop, shrink = asyncio.get_running_loop(), self.search.model.photo_encoder.shrink
            jpeg = await loop.run_in_executor(self._decoding, shrink, data)
        finally:
            self._decoded -= 1
        asked: Asked = await self._photos(jpeg)
        return asked

    async def all(self, items: list[RecipeText | bytes]) -> list[Asked]:
        """Embed and judge recipes and photos that are asked with together."""
        asked = (self.photo(item) if isinstance(item, bytes) else self.text(item) for item in items)
        return list(await asyncio.gather(*asked))

    async def answer(
        self, plus: list[Asked], minus: list[Asked], texts: list[RecipeText], k: int, category: str | None
    ) -> dict[str, Any]:
        """Find recipes and photos near to the sum of what is asked, less the sum of `minus`.

        Says too what is to be said of the question, and the key terms of its texts, heaviest first.
        """
        parts = [*plus, *minus]
        vector = combine([part.vector for part in plus], [part.vector for part in minus])

        def find() -> dict[str, Any]:
            """In one go: every turn at the model's thread waits behind a batch."""
            terms = [term for text in texts for term, _ in self.search.model.explain(text)]
            found: dict[str, Any] = {side: self.search.find(vector, side, k, category) for side in SIDES}
            return {"terms": spelled(list(dict.fromkeys(terms))), **found}

        return {
            "unknown": list(dict.fromkeys(word for part in parts for word in part.unknown)),
            "doubts": [doubt._asdict() for doubt in dict.fromkeys(part.doubt for part in parts) if doubt],
            **await asyncio.get_running_loop().run_in_executor(self._model, find),
        }

    async def shown(self, name: str, size: int) -> bytes:
        """Give a photo of the index as JPEG: the original, its shorter side at most `size` pixels.

        Where there is no original that can be read, or too many photos wait: as it is stored. Raises KeyError
        for an unknown one.
        """
        if self._decoded >= WAITING:
            return self.search.photo(name)
        self._decoded += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._decoding, self._show, name, size)
        finally:
            self._decoded -= 1

    def _show(self, name: str, size: int) -> bytes:
        original = self.search.original(name, self._images) if self._images else None
        return self.search.shown(name, original, size)

    @asynccontextmanager
    async def working(self, _: FastAPI) -> AsyncIterator[None]:
        """Work as long as the application lives."""
        workers = [asyncio.create_task(batcher.run()) for batcher in (self._texts, self._photos)]
        yield
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        for executor in (self._decoding, self._seeing, self._model):
            executor.shutdown(cancel_futures=True)
