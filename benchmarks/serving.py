"""What `seje serve` bears: clients that ask with words and with photos of up to 12 MP, slow ones beside them.

    python benchmarks/serving.py                                    # the pipeline of this folder, 5 minutes
    python benchmarks/serving.py --workers 2 --slow 300
    python benchmarks/serving.py --seconds 15 --ask words           # or photos; else half of the clients each

Starts the command as a user does, at 127.0.0.1. Prints one JSON object a line: of each kind of question its
number, errors, median and 95th percentile; of the server the memory of all its processes at the start (after
some questions) and at the end, what they share counted once, and their processor time.

Clients are threads of this process, beside the server on the same machine. Each asks again as soon as it is
answered: so clients divided by questions a second is the mean time of an answer, whatever the server does,
and a percentile says as much of the load as of the server.
"""

import io
import itertools
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import numpy as np
import psutil
import typer
from PIL import Image

SIZES = ((640, 480), (1600, 1200), (3000, 2000), (4000, 3000))  # up to 12 MP
WORDS = ("tomato soup", "greek salad with feta", "chicken pizza", "apple pie", "egg, flour, milk")
WARM = 3.0  # seconds of questions before anything is measured
Kind = Literal["words", "photos"]


def main(
    clients: int = 16,
    seconds: float = 300,
    ask: Annotated[Literal["words", "photos", "both"], typer.Option(help="What clients ask with.")] = "both",
    workers: int = 1,
    slow: Annotated[int, typer.Option(help="Connections beside them that never end their request.")] = 0,
    model: Path = Path("pipeline/model"),
    index: Path = Path("pipeline/index"),
) -> None:
    """Ask a server for so long, and tell how it did."""
    kinds: list[Kind] = ["words", "photos"] if ask == "both" else [ask]
    with server(model, index, workers) as (process, address), ExitStack() as held:
        Clients(address, clients, kinds).run(WARM)
        for number in range(slow):
            held.enter_context(closing(Slow(address, number)))
        before, spent, asking = memory(process), processor(process), Clients(address, clients, kinds)
        asking.run(seconds)
        after, spent = memory(process), processor(process) - spent
    for kind in kinds:
        taken = asking.taken[kind]
        tell(
            asked_with=kind,
            clients=clients,
            workers=workers,
            slow=slow,
            answered=len(taken),
            per_second=len(taken) / seconds,
            errors=len(asking.errors[kind]),
            **{f"p{part}_ms": 1000 * float(np.percentile(taken, part)) for part in (50, 95) if taken},
        )
    answered = sum(map(len, asking.taken.values()))
    tell(
        start_mb=before,
        end_mb=after,
        grown=after / before - 1,
        processor_ms_per_question=1000 * spent / max(1, answered),
        first_errors=[error for kind in kinds for error in asking.errors[kind]][:5],
    )


@contextmanager
def server(model: Path, index: Path, workers: int) -> Iterator[tuple[psutil.Process, str]]:
    """Run the command at a free port; gives its process and address."""
    folders = ["--model", str(model), "--index", str(index)]
    command = [sys.executable, "-m", "seje", "serve", "--port", "0", "--workers", str(workers), *folders]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        for line in running.stderr:
            if found := re.search(r"http://127.0.0.1:\d+", line):
                break
            print(line, end="", file=sys.stderr)
        else:
            raise SystemExit(2)
        rest = threading.Thread(target=sys.stderr.writelines, args=(running.stderr,))  # an error, if any
        rest.start()
        try:
            yield psutil.Process(running.pid), found[0]
        finally:
            running.terminate()
            rest.join()


class Clients:
    """Clients that ask one question after the other, each over one connection."""

    def __init__(self, address: str, count: int, kinds: list[Kind]) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, list[str]] = defaultdict(list)
        self._address, self._count, self._kinds = address, count, kinds
        self._photos = photos() if "photos" in kinds else []

    def run(self, seconds: float) -> None:
        """Ask for so long."""
        end = time.perf_counter() + seconds
        threads = [threading.Thread(target=self._ask, args=(number, end)) for number in range(self._count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask(self, number: int, end: float) -> None:
        with closing(HTTPConnection(self._address.removeprefix("http://"), timeout=60)) as connection:
            kind = self._kinds[number % len(self._kinds)]
            for place in itertools.count(number):
                if (start := time.perf_counter()) >= end:
                    return
                try:
                    self._send(connection, kind, place)
                    answer = connection.getresponse()
                    said = answer.read()
                    if answer.status != 200:
                        self.errors[kind].append(f"{answer.status} {said[:80]!r}")
                except (OSError, HTTPException) as error:
                    connection.close()  # the next question opens it again
                    self.errors[kind].append(repr(error)[:80])
                self.taken[kind].append(time.perf_counter() - start)

    def _send(self, connection: HTTPConnection, kind: Kind, place: int) -> None:
        if kind == "words":
            return connection.request("GET", f"/search?q={quote(WORDS[place % len(WORDS)])}")
        connection.request("POST", "/search", self._photos[place % len(self._photos)])


class Slow:
    """A client that sends a byte a second of a request without end, and comes again when it is dropped."""

    BEGIN = b"POST /search HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000000\r\n\r\n"

    def __init__(self, address: str, number: int) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._place, self._whole, self._over = (host, int(port)), bool(number % 2), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                with socket.create_connection(self._place, timeout=5) as connection:
                    connection.sendall(self.BEGIN if self._whole else b"GET /")
                    while not self._over.wait(1):
                        connection.sendall(b"x")
            except OSError:
                self._over.wait(0.2)

    def close(self) -> None:
        """End it."""
        self._over.set()
        self._thread.join()


def photos() -> list[bytes]:
    """Draw a JPEG of each size, as detailed as a photo of a camera is: about a byte for three pixels."""
    random = np.random.default_rng(0)
    made = []
    for width, height in SIZES:
        coarse = random.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
        smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        noise = random.normal(0, 6, (height, width, 1))
        drawn = Image.fromarray(np.clip(np.asarray(smooth) + noise, 0, 255).astype(np.uint8))
        out = io.BytesIO()
        drawn.save(out, "JPEG", quality=85)
        made.append(out.getvalue())
    return made


def processor(process: psutil.Process) -> float:
    """Seconds of processor time that the server's processes have taken, whatever ran beside them."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def memory(process: psutil.Process) -> float:
    """Memory of the server's processes in MB; a page that several hold counts once (its share in each)."""
    held = [process, *process.children(recursive=True)]
    return sum(one.memory_full_info().pss for one in held) / 2**20


def tell(**facts: object) -> None:
    """Print facts as one line of JSON."""
    shown = {name: round(fact, 4) if isinstance(fact, float) else fact for name, fact in facts.items()}
    print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    typer.run(main)
