import os
import time
from functools import partial

import pytest

from seje.data.parallel import chunks, map_processes, map_threads


class Shift:
    """Adds a number that its process was made with; tells the process."""

    def __init__(self, by: int) -> None:
        self.by = by

    def __call__(self, items: list[int]) -> tuple[int, list[int]]:
        return os.getpid(), [item + self.by for item in items]


def test_chunks_hold_everything_in_order():
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([], 3)) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order_whatever_the_number_of_processes(processes):
    done = list(map_processes(partial(Shift, 10), chunks(range(25), 4), processes))
    assert [item for _, part in done for item in part] == list(range(10, 35))
    assert (os.getpid() in {pid for pid, _ in done}) == (processes == 1)


def test_few_items_are_read_ahead():
    read = []

    def items():
        for number in range(40):
            read.append(number)
            yield [number]

    results = map_processes(partial(Shift, 0), items(), 2)
    next(results)
    assert len(read) <= 5
    results.close()


def test_an_error_in_a_worker_reaches_the_caller():
    with pytest.raises(TypeError):
        list(map_processes(partial(Shift, 0), [["no number"]], 2))


def test_threads_keep_order_and_their_window():
    taken = []

    def items():
        for number in range(50):
            taken.append(number)
            yield number

    def slow(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number * number

    for number, result in enumerate(map_threads(slow, items(), threads=3)):
        assert result == number * number
        assert len(taken) <= number + 1 + 12
    assert len(taken) == 50
