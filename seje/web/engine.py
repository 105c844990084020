"""What a request is worked on with: the model behind batchers, decoders and the index."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from seje.model.model import NothingKnown
from seje.model.recipe_encoder import RecipeText
from seje.search.nearest import Hit, Search, Side
from seje.towers.embedding import Embeddings
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
        self._texts = Batcher(self._embed, self._model, BATCH, WAITING)
        self._photos = Batcher(search.model.embed_shrunk, self._model, BATCH, WAITING)

    def waiting(self) -> int:
        """Count the requests that wait."""
        return len(self._texts) + len(self._photos) + self._decoded

    async def text(self, recipe: RecipeText) -> tuple[Embeddings, list[str]]:
        """Embed a recipe; the words of it that are not known; raises NothingKnown where none is."""
        asked: tuple[Embeddings, list[str]] = await self._texts(recipe)
        return asked

    def _embed(self, recipes: Sequence[RecipeText]) -> list[Any]:
        """Give each recipe its vector and unknown words, or the exception that is raised to who asked."""
        given: list[Any] = []
        for recipe in recipes:
            try:
                given.append(self.search.model.unknown(recipe))
            except NothingKnown as nothing:
                given.append(nothing)
        known = [place for place, unknown in enumerate(given) if isinstance(unknown, list)]
        vectors: Iterable[Any] = (
            self.search.model.embed_recipes([recipes[place] for place in known]) if known else []
        )
        for place, vector in zip(known, vectors, strict=True):
            given[place] = (vector, given[place])
        return given

    async def photo(self, data: bytes) -> Embeddings:
        """Embed a photo; raises BadPhoto."""
        if self._decoded >= WAITING:
            raise Full
        self._decoded += 1
        try:
            loop, shrink = asyncio.get_running_loop(), self.search.model.photo_encoder.shrink
            jpeg = await loop.run_in_executor(self._decoding, shrink, data)
        finally:
            self._decoded -= 1
        vector: Embeddings = await self._photos(jpeg)
        return vector

    async def find(self, vector: Embeddings, k: int, category: str | None) -> dict[str, list[Hit]]:
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
