"""What a request is worked on with: the model behind batchers, decoders and the index."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from seje.model.model import Asked
from seje.model.recipe_encoder import RecipeText
from seje.search.nearest import Search, Side
from seje.web.batching import Batcher, Full

WAITING = 32  # requests that may wait for the model, and photos that may wait to be decoded
BATCH = 16  # requests in one batch
DECODERS = 2  # photos decoded at a time: each may take MOST_MEMORY of seje.photos.bounds
SIDES: tuple[Side, ...] = ("recipes", "photos")


class Engine:
    """The model, behind batchers, and the index."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self._model = ThreadPoolExecutor(1, "model")
        self._decoding = ThreadPoolExecutor(DECODERS, "decoding")
        self._decoded = 0
        self._texts = Batcher(search.model.ask_recipes, self._model, BATCH, WAITING)
        self._photos = Batcher(search.model.ask_photos, self._model, BATCH, WAITING)

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

    async def answer(self, asked: Asked, k: int, category: str | None) -> dict[str, Any]:
        """Find recipes and photos; says too what is to be said of the question."""
        loop, find = asyncio.get_running_loop(), self.search.find
        answer: dict[str, Any] = {"unknown": asked.unknown}
        answer["doubts"] = [asked.doubt._asdict()] if asked.doubt else []
        for side in SIDES:
            answer[side] = await loop.run_in_executor(self._model, find, asked.vector, side, k, category)
        return answer

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
