"""A generator, a measure and a reader for Synth Studio."""
