"""What knows the working directory: params.yaml, paths, files, checkpoints, fingerprints."""
