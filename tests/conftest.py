"""What all tests share: how Hypothesis runs, on machines of any speed."""

from hypothesis import settings

settings.register_profile("studio", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("studio")
