"""The two towers and all that a trained model runs on: what training, evaluation and index share."""
