"""What is looked at across runs: the ablation, anyone's embeddings, the state of a corpus."""
