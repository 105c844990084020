"""A trained model on text and photos of one's own: the encoders of both sides, ONNX."""
