"""How long a client may take, and how many may be connected: one that is slow keeps nothing from others.

uvicorn itself times only what lies between two requests of a connection.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 512  # at a time; one more is closed at once
HEADERS = 10.0  # seconds from the connection, or a request's first byte, to the end of its headers
BODY = 120.0  # seconds for a body: 20 MB at 1.4 Mbit/s
READING = 60.0  # seconds in which a client takes nothing of its answer


class Patient(H11Protocol):
    """Drops a connection whose client takes longer than it may."""

    _phase: Any = None  # the client's state that is timed
    _timer: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to time a client, if there is room for it."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what a client sends."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go on to the next request, of which some may be here already."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Begin to time a client that does not take its answer."""
        super().pause_writing()
        self._reading = self.loop.call_later(READING, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop timing it."""
        super().resume_writing()
        if self._reading:
            self._reading.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a client."""
        super().connection_lost(exc)
        if self._timer:
            self._timer.cancel()

    def _watch(self) -> None:
        """Time what the client is at: its headers, its body, or nothing while it waits for the answer."""
        phase = self.conn.their_state
        if phase is self._phase:
            return
        self._phase = phase
        if self._timer:
            self._timer.cancel()
        allowed = {h11.IDLE: HEADERS, h11.SEND_BODY: BODY}.get(phase)
        self._timer = self.loop.call_later(allowed, self.transport.abort) if allowed else None
