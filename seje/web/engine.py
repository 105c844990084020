"""What a request is worked on with: the model behind batchers, decoders and the index."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI

from seje.asking import Vectors
from seje.search import Hit, Search, Side
from seje.text.reader import RecipeText
from seje.web.batching import Batcher, Full

WAITING = 32  # requests that may wait for the model, and photos that may wait to be decoded
TOGETHER = 16  # requests in one batch
DECODERS = 2  # photos decoded at a time: each may take MOST_MEMORY of seje.data.bounds
SIDES: tuple[Side, ...] = ("recipes", "photos")


class Engine:
    """The model, behind batchers, and the index."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self._model = ThreadPoolExecutor(1, "model")
        self._decoding = ThreadPoolExecutor(DECODERS, "decoding")
        self._decoded = 0
        self._texts = Batcher(search.asking.recipes, self._model, TOGETHER, WAITING)
        self._photos = Batcher(search.asking.photos, self._model, TOGETHER, WAITING)

    def waiting(self) -> int:
        """Count the requests that wait."""
        return len(self._texts) + len(self._photos) + self._decoded

    async def text(self, recipe: RecipeText) -> Vectors:
        """Embed a recipe."""
        return await self._texts(recipe)

    async def photo(self, data: bytes) -> Vectors:
        """Embed a photo; raises BadPhoto."""
        if self._decoded >= WAITING:
            raise Full
        self._decoded += 1
        try:
            loop, shrink = asyncio.get_running_loop(), self.search.asking.viewer.shrink
            jpeg = await loop.run_in_executor(self._decoding, shrink, data)
        finally:
            self._decoded -= 1
        return await self._photos(jpeg)

    async def answer(self, vector: Vectors, k: int, category: str | None) -> dict[str, list[Hit]]:
        """Find recipes and photos."""
        loop, find = asyncio.get_running_loop(), self.search.find
        found: dict[str, list[Hit]] = {}
        for side in SIDES:
            found[side] = await loop.run_in_executor(self._model, find, vector, side, k, category)
        return found

    @asynccontextmanager
    async def working(self, _: FastAPI) -> AsyncIterator[None]:
        """Work as long as the application lives."""
        workers = [asyncio.create_task(batcher.run()) for batcher in (self._texts, self._photos)]
        yield
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        for executor in (self._decoding, self._model):
            executor.shutdown(cancel_futures=True)
