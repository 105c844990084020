"""The files under a folder of photos."""

import os
from collections.abc import Iterator
from pathlib import Path

from seje.search.batches import LeftOut


def files_under(folder: Path, left_out: list[LeftOut]) -> Iterator[Path]:
    """All files under a folder and under the folders that links in it lead to, each folder once."""

    def unreadable(error: OSError) -> None:
        """Tell of a folder that cannot be listed, and go on."""
        left_out.append(LeftOut(error.filename, f"cannot be listed: {error.strerror}"))

    waiting, seen = [str(folder)], set()
    while waiting:
        # Links wait until the real folders are through, so that a photo goes by its real place.
        for place, folders, names in os.walk(waiting.pop(0), onerror=unreadable):
            at = os.stat(place)
            if (at.st_dev, at.st_ino) in seen:
                folders.clear()
                continue
            seen.add((at.st_dev, at.st_ino))
            links = [os.path.join(place, name) for name in sorted(folders)]
            waiting += [link for link in links if os.path.islink(link)]
            yield from (Path(place, name) for name in names)
