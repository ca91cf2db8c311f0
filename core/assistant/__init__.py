"""Language models: which one the administrator allows, and how it is asked.

Off until ``STUDIO_LLM_PROVIDER`` names a provider. Whoever asks gives a system message and a
prompt and gets text with the tokens that it took; servers, keys and retries stay in here. The
packages of the providers are imported when a model is opened.
"""

from core.assistant.access import LanguageAccess, access_of, key_of
from core.assistant.model import Answer, LanguageModel
from core.assistant.providers import PROVIDERS, open_model
from core.assistant.texts import ModelWriter, ready_writer

__all__ = [
    "PROVIDERS",
    "Answer",
    "LanguageAccess",
    "LanguageModel",
    "ModelWriter",
    "access_of",
    "key_of",
    "open_model",
    "ready_writer",
]
