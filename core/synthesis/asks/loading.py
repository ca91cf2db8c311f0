"""A fitted synthesizer from its bytes, whether something can be asked of it or not."""

from core.synthesis.asks.asking import Asking, can_be_asked
from core.synthesis.fitted import open_archive
from core.synthesis.synthesizer import Synthesizer


def load_synthesizer(blob: bytes) -> Synthesizer:
    """The synthesizer that was dumped, of its own class; raises as ``Synthesizer.load``."""
    archive, about = open_archive(blob)
    kind = Asking if can_be_asked(about) else Synthesizer
    return kind.restored(archive, about)
