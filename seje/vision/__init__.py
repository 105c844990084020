"""Backbones, transforms and the photo classifier, shared by stages."""
