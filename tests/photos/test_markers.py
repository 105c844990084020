"""The markers of a JPEG, found by patterns, are those that a loop over its bytes finds."""

from hypothesis import given
from hypothesis import strategies as st

from seje.photos.bounds import IN_SCAN, SEGMENT

RESTARTS = range(0xD0, 0xD8)
DATA = st.lists(st.sampled_from([0xFF, 0x00, 0xD0, 0xD7, 0xD8, 0xDA, 0xE0, 0x07]), max_size=20).map(bytes)


def marker(data, start, in_scan):
    """The first marker from `start` on, and where what follows it begins."""
    for place in range(max(start, 0) + 1, len(data)):
        if data[place - 1] == 0xFF and data[place] not in {0x00, 0xFF, *(RESTARTS if in_scan else ())}:
            return data[place], place + 1
    return None


@given(data=DATA, start=st.integers(0, 20), in_scan=st.booleans())
def test_markers_are_those_of_a_loop(data, start, in_scan):
    found = (IN_SCAN if in_scan else SEGMENT).search(data, start)
    assert (found and (found[1][0], found.end())) == marker(data, start, in_scan)
