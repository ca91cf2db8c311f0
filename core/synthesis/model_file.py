"""A fitted synthesizer as a file to keep and to carry: versioned, sealed with the master key.

The container is a mark with its version and an AES-256-GCM envelope (``core.keys.seal``) around
``Synthesizer.dump``. It opens on every machine that has the key, and nowhere else; a changed file
does not open.
"""

from core.errors import IntegrityError, InvalidInput
from core.keys import Keys, Purpose, seal, unseal
from core.synthesis.asks import load_synthesizer
from core.synthesis.synthesizer import Synthesizer

MARK = b"SYNMODEL"
VERSION = 1


def seal_model(synthesizer: Synthesizer, keys: Keys) -> bytes:
    """The bytes of a model file."""
    head = MARK + bytes([VERSION])
    return head + seal(keys, synthesizer.dump(), Purpose.MODELS, head)


def open_model(blob: bytes, keys: Keys) -> Synthesizer:
    """The synthesizer in a model file.

    Raises
    ------
    InvalidInput
        It is no model file, or one of another version.
    IntegrityError
        It was changed, or sealed with another key.
    """
    head, sealed = blob[: len(MARK) + 1], blob[len(MARK) + 1 :]
    if not head.startswith(MARK) or len(head) <= len(MARK):
        raise InvalidInput("This is not a model file. Make one with `generate --save-model`.")
    if head[-1] != VERSION:
        raise InvalidInput(
            f"This model file is of version {head[-1]}; only {VERSION} can be read here."
        )
    try:
        return load_synthesizer(unseal(keys, sealed, Purpose.MODELS, head))
    except IntegrityError as error:
        raise IntegrityError(
            "This model file does not open: it was changed, or sealed with another key. Give the "
            "key that it was saved with."
        ) from error
