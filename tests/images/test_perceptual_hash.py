import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from seje.images.perceptual_hash import look_alikes, looks


def photo(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, size=(12, 16, 3), dtype=np.uint8)
    return (
        Image.fromarray(noise).resize((80, 60), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1))
    )


def again(image: Image.Image, quality: int, scale: float) -> Image.Image:
    buffer = io.BytesIO()
    image.resize((round(80 * scale), round(60 * scale))).save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


@pytest.mark.parametrize("quality, scale", [(90, 1), (60, 1), (75, 0.8), (75, 2)])
def test_copies_are_found_and_others_are_not(quality, scale):
    originals = [photo(seed) for seed in range(60)]
    copies = [again(image, quality, scale) for image in originals[:20]]
    found = look_alikes(np.stack([looks(image) for image in [*originals, *copies]]))
    assert [rows.tolist() for rows in found] == [[k, 60 + k] for k in range(20)]


def test_brightness_does_not_matter():
    dark = Image.eval(photo(1), lambda level: level // 2)
    assert [rows.tolist() for rows in look_alikes(np.stack([looks(photo(1)), looks(dark)]))] == [[0, 1]]
