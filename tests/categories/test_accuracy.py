import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seje.categories.accuracy import calibration_error, confusion, top1_by_partition, top_accuracy

SEEDS = st.integers(0, 10_000)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    count, classes = generator.integers(1, 60), generator.integers(1, 9)
    probabilities = generator.dirichlet(np.full(classes, 0.3), count).astype(np.float32)
    return probabilities, generator.integers(0, classes, count)


def naive_calibration_error(probabilities, labels):
    """Bin by bin as the paper's formula has it."""
    total = 0.0
    for number in range(15):
        low, high = number / 15, (number + 1) / 15
        inside = [row for row, line in enumerate(probabilities) if low < float(max(line)) <= high]
        if inside:
            accuracy = sum(int(probabilities[row].argmax() == labels[row]) for row in inside) / len(inside)
            confidence = sum(float(max(probabilities[row])) for row in inside) / len(inside)
            total += len(inside) / len(labels) * abs(accuracy - confidence)
    return total


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_calibration_error_is_the_formula(seed):
    probabilities, labels = drawn(seed)
    found = calibration_error(probabilities, labels)
    assert found == pytest.approx(naive_calibration_error(probabilities, labels), abs=1e-6)
    assert 0 <= found <= 1


def test_certain_and_right_is_calibrated_certain_and_wrong_is_not():
    certain = np.eye(4, dtype=np.float32)
    assert calibration_error(certain, np.arange(4)) == 0
    assert calibration_error(certain, np.roll(np.arange(4), 1)) == 1
    coins = np.full((10, 2), [0.6, 0.4], np.float32)
    assert calibration_error(coins, np.repeat([0, 1], [6, 4])) == pytest.approx(0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 6))
def test_top_accuracy_is_what_sorting_gives(seed, k):
    probabilities, labels = drawn(seed)
    best = [sorted(range(len(line)), key=lambda number: -line[number])[:k] for line in probabilities]
    expected = np.mean([label in found for label, found in zip(labels, best, strict=True)])
    assert top_accuracy(probabilities, labels, k) == pytest.approx(expected)


def test_a_tie_counts_against_the_classifier():
    even = np.full((3, 4), 0.25, np.float32)
    assert top_accuracy(even, np.arange(3), 1) == 0 and top_accuracy(even, np.arange(3), 4) == 1


def test_confusion_has_a_row_for_each_photo_or_for_an_even_choice():
    probabilities = np.eye(3, dtype=np.float32)[[0, 1, 1, 2]]
    rows = confusion(probabilities, np.array([0, 1, 2, 2]), ["a", "b", "c"], most=10)
    assert [row["actual"] for row in rows] == ["a", "b", "c", "c"]
    assert [row["predicted"] for row in rows] == ["a", "b", "b", "c"]
    assert confusion(probabilities, np.array([0, 1, 2, 2]), ["a", "b", "c"], most=2) == [rows[0], rows[3]]


@pytest.mark.parametrize("seed", range(3))
def test_top1_by_partition_is_what_a_loop_counts(seed):
    random = np.random.default_rng(seed)
    label, category = random.integers(3, size=40), random.integers(4, size=40).astype(np.int32)
    partitions = random.choice(["train", "test"], 40)  # none in val
    category[partitions == "test"] *= seed > 0  # and none in a category
    expected = {}
    for part in ("train", "val", "test"):
        photos = [photo for photo in range(40) if partitions[photo] == part and category[photo] > 0]
        if photos:
            expected[part] = sum(int(label[photo] + 1 == category[photo]) for photo in photos) / len(photos)
    assert top1_by_partition(label, category, partitions) == pytest.approx(expected)
    assert expected.keys() == ({"train", "test"} if seed else {"train"})
