"""``python -m core``: see :mod:`core.cli`."""

import os

# Idle OpenMP threads must not spin: on a busy machine that costs an order of magnitude.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from core.cli import main

main()
