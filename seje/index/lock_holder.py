"""Which process holds a lock on a file, as far as the system tells: Linux does, in /proc/locks."""

import os
from itertools import takewhile
from pathlib import Path

LOCKS = Path("/proc/locks")
SHOWN = 100  # characters of a command


def lock_holder(path: Path) -> str:
    """Name the process that holds a lock on a file: its id, and its command without the options.

    "another process" where the system does not tell.
    """
    try:
        file = path.stat()
        place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
        lines = [line.split() for line in LOCKS.read_text().splitlines()]
        # number, kind, ADVISORY, WRITE, process, place; what waits for a lock has an arrow behind the number
        (pid,) = {int(line[4]) for line in lines if line[1] != "->" and line[5] == place}
        if pid <= 0:  # beyond this container
            raise ValueError
        return f"process {pid} ({_command(pid)})"
    except (OSError, ValueError, IndexError):
        return "another process"


def _command(pid: int) -> str:
    """Show how a process was called, up to its first long option: after that may be a token."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    return " ".join(takewhile(lambda word: not word.startswith("--"), words))[:SHOWN]
