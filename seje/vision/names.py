"""What the name of a backbone says, before any network is made."""

TIMM = "timm/"
LITE0 = "lite0"


def is_onnx(backbone: str) -> bool:
    """Whether a backbone is a file for onnxruntime, which is always frozen and has its own weights."""
    return backbone.endswith(".onnx")


def is_frozen(backbone: str, freeze: bool) -> bool:
    """Whether a backbone stays as it is, and a head alone is trained on its features."""
    return freeze or is_onnx(backbone)
