import io
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import changed

from seje.categories.accuracy import predict, top_accuracy
from seje.categories.finetuning import FineTuning, learning_rate
from seje.categories.head import class_weights, fit_head, frozen_features
from seje.categories.labelled import Labelled
from seje.categories.settings import FineTuningSettings
from seje.errors import SejeError
from seje.vision.classifier import build, classify
from seje.vision.transforms import Squares

WEIGHTS = Path(__file__).parents[3] / "shared/data/weights/mobilenet_v1_075_224.onnx"
SETTINGS = FineTuningSettings(epochs=3, batch=8, lr=0.001, shallow=0.0, seed=1)


def two_colours(count: int, size: int) -> Labelled:
    """Reddish and bluish noise."""
    generator = np.random.default_rng(0)
    photos = generator.integers(0, 200, (count, size, size, 3), dtype=np.uint8)
    labels = generator.integers(0, 2, count)
    photos[np.arange(count), :, :, 2 * labels] += 55
    return Labelled(Squares(lambda row: photos[row], count, size), np.arange(count), labels, np.arange(count))


def tuning(settings: FineTuningSettings = SETTINGS) -> FineTuning:
    torch.manual_seed(settings.seed)
    return FineTuning(build("resnet18", "none", 2, 28, "32"), settings)


def through_a_file(state):
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


def test_learns_two_colours_and_resumes_to_the_same_bytes():
    train = two_colours(33, 32)  # 33: a last batch of one photo
    whole = tuning()
    states = [through_a_file(state) for state in whole.run(train)]
    assert [state["epoch"] for state in states] == [1, 2, 3]
    assert top_accuracy(predict(whole.classifier, train), train.labels, 1) == 1
    torch.manual_seed(77)
    resumed = tuning()
    resumed.restore(states[0])
    assert [state["loss"] for state in resumed.run(train)] == [state["loss"] for state in states[1:]]
    ours, theirs = resumed.classifier.weights(), whole.classifier.weights()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_shallow_start_leaves_blocks_out_until_they_are_taken_in():
    train = two_colours(32, 32)
    torch.manual_seed(1)
    run = FineTuning(build("resnet50", "none", 2, 28, "32"), changed(SETTINGS, epochs=2, shallow=0.5))
    blocks = run.classifier.backbone.identities
    assert len(blocks) == 12  # of 16, one a stage changes the maps' size
    before = [block.conv1.weight.clone() for block in blocks]
    states = run.run(train)
    next(states)
    unmoved = [torch.equal(*pair) for pair in zip(before, (b.conv1.weight for b in blocks), strict=True)]
    assert all(unmoved)
    shallow = predict(run.classifier, train)
    run.classifier.backbone.skip_identities(False)
    assert np.array_equal(predict(run.classifier, train), shallow)  # what it computes does not change
    next(states)
    assert all(block.bn3.weight.any() for block in blocks)


def test_bf16_trains_as_well():
    torch.manual_seed(1)
    train = two_colours(32, 32)
    run = FineTuning(build("resnet18", "none", 2, 28, "bf16"), SETTINGS)
    assert all(np.isfinite(state["loss"]) for state in run.run(train))
    features, probabilities = next(classify(run.classifier, train.squares, train.rows))
    assert features.dtype == probabilities.dtype == torch.float32
    assert torch.allclose(probabilities.sum(1), torch.ones(32))


def test_a_loss_that_diverges_is_said():
    with pytest.raises(SejeError, match=r"lower categories\.lr"):
        list(tuning(changed(SETTINGS, lr=1e30)).run(two_colours(16, 32)))


def test_weights_give_each_class_the_same_weight():
    classifier = build("resnet18", "none", 4, 28, "32")
    weights = class_weights(np.array([0, 0, 0, 1, 3, 3]), classifier.head)
    assert weights is not None and torch.allclose(weights.cpu(), torch.tensor([2 / 3, 2, 0, 1]))
    assert class_weights(np.array([0, 0, 3, 3]), classifier.head) is None


def test_photos_that_tell_nothing_get_even_shares_of_the_classes():
    photo = np.full((16, 16, 3), 90, np.uint8)
    labels = (np.arange(60) % 12 == 0).astype(np.int64)
    same = Labelled(Squares(lambda row: photo, 60, 16), np.arange(60), labels, np.arange(60))
    classifier = build("resnet18", "none", 2, 14, "32")
    fit_head(classifier.head, frozen_features(classifier, same), labels)
    assert predict(classifier, same)[:, 1] == pytest.approx(0.5, abs=0.005)


def test_learning_rate_rises_then_falls_to_nothing():
    rates = [learning_rate(step / 100, 0.5) for step in range(101)]
    peak = rates.index(max(rates))
    assert max(rates) == 0.5 and rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True) and rates[-1] < 1e-9 < rates[0]


def test_photos_come_in_order_over_batches():
    torch.manual_seed(0)
    photos = two_colours(70, 16)
    classifier = build("resnet18", "none", 2, 14, "32")
    together = torch.cat([features for features, _ in classify(classifier, photos.squares, photos.rows)])
    for row in (0, 63, 64, 69):
        ((alone, _),) = classify(classifier, photos.squares, np.array([row]))
        assert torch.allclose(together[row], alone[0], rtol=1e-3, atol=1e-3)


def test_more_views_add_features_and_the_mirror_image_tells_the_category_too():
    torch.manual_seed(0)
    photos = two_colours(3, 16)
    classifier = build("resnet18", "none", 2, 14, "32")
    ((one, alone),) = classify(classifier, photos.squares, photos.rows)
    ((four, together),) = classify(classifier, photos.squares, photos.rows, views=4)
    assert one.shape == (3, 1, 512) and four.shape == (3, 4, 512)
    assert torch.equal(four[:, :1], one)
    assert all(not torch.allclose(four[:, 0], four[:, other], rtol=1e-3) for other in (1, 2, 3))
    of_each = classifier.head(four.to(classifier.device)).softmax(-1).cpu()
    assert torch.allclose(of_each[:, 0], alone) and torch.allclose(of_each[:, :2].mean(1), together)
    assert np.array_equal(predict(classifier, photos, views=4), together.numpy())


@pytest.mark.skipif(not WEIGHTS.exists(), reason="needs shared/data/weights beside the repository")
def test_head_on_onnx_features():
    photos = two_colours(24, 224)
    classifier = build(str(WEIGHTS), "none", 2, 224, "bf16")
    assert not classifier.of_torch
    fit_head(classifier.head, frozen_features(classifier, photos), photos.labels)
    assert top_accuracy(predict(classifier, photos), photos.labels, 1) == 1
    assert classifier.weights().keys() == {"weight", "bias"}


def test_features_that_are_no_numbers_are_refused():
    photos = two_colours(3, 16)
    classifier = build("resnet18", "none", 2, 14, "32")
    with torch.no_grad():
        classifier.backbone.model.conv1.weight[0, 0, 0, 0] = torch.nan
    with pytest.raises(SejeError, match="not finite numbers"):
        predict(classifier, photos)
