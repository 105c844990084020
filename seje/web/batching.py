"""Requests that come at the same time go through the model together."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Full(Exception):
    """As many requests wait as may."""


class Batcher(Generic[T]):
    """Collects what waits while the model works, and gives it to `embed` at once.

    Args:
        embed: items to an answer each, or the exception that is raised to who asked; runs in `executor`.
        executor: of one thread.
        together: items in one batch, at most.
        waiting: items that may wait; beyond, a request is refused.
    """

    def __init__(
        self, embed: Callable[[Sequence[T]], Any], executor: Executor, together: int, waiting: int
    ) -> None:
        self._embed, self._executor, self._together, self._most = embed, executor, together, waiting
        self._queue: list[tuple[T, asyncio.Future[Any]]] = []
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._queue)

    async def __call__(self, item: T) -> Any:
        """Give what `embed` gives for one item. Raises Full where too many wait."""
        if len(self._queue) >= self._most:
            raise Full
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append((item, done))
        self._wake.set()
        return await done

    async def run(self) -> None:
        """Work until cancelled; what waits then is cancelled too."""
        try:
            while True:
                await self._wake.wait()
                batch, self._queue = self._queue[: self._together], self._queue[self._together :]
                if not self._queue:
                    self._wake.clear()
                await self._work(batch)
        finally:
            for _, done in self._queue:
                done.cancel()

    async def _work(self, batch: list[tuple[T, asyncio.Future[Any]]]) -> None:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._executor, self._embed, [item for item, _ in batch])
        except Exception as error:
            answers = [error] * len(batch)
        for (_, done), answer in zip(batch, answers, strict=True):
            if done.done():  # its client has gone
                continue
            if isinstance(answer, Exception):
                done.set_exception(answer)
            else:
                done.set_result(answer)
