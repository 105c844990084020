"""What the name of a backbone says, before any network is made."""

TIMM = "timm/"
SENTENCE = "st/"
FEATURES = "features"  # of one's own, in place of a backbone


def is_onnx(backbone: str) -> bool:
    """Whether a backbone is a file for onnxruntime."""
    return backbone.endswith(".onnx")


def is_sentence(backbone: str) -> bool:
    """Whether a backbone is a sentence-transformers model: a folder, a package, or a name in the cache."""
    return backbone.startswith(SENTENCE)


def is_ready(backbone: str) -> bool:
    """Whether a backbone comes with weights of its own and is never trained."""
    return is_onnx(backbone) or is_sentence(backbone)


def is_frozen(backbone: str, freeze: bool) -> bool:
    """Whether a backbone stays as it is, and a head alone is trained on its features."""
    return freeze or is_ready(backbone)
