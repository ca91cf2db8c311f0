"""Generators: one file an engine, a registry, and the dataset-level synthesizer around them."""
