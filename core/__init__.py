"""Synth Studio's library: everything the pages, the API, the command line and notebooks can do.

Nothing in this package imports streamlit; the face lives in ``app`` and ``pages``.
"""

__version__ = "0.1.0"
