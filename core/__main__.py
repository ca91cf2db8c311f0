"""``python -m core``: see :mod:`core.cli`."""

import os
import signal

# Idle OpenMP threads must not spin: on a busy machine that costs an order of magnitude.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from core.cli import main

# Being ended from outside is like Ctrl-C: what is half written is removed on the way out.
signal.signal(signal.SIGTERM, signal.default_int_handler)
main()
