"""Every error that the studio raises on purpose.

StudioError
├── InvalidInput              what the user gave cannot be used (exit status 2, HTTP 422)
│   ├── UnreadableFile        a file that no reader understands, or that is unsafe to open
│   ├── InvalidParameter      engine parameters, run specifications, form values
│   └── ReviewIncomplete      training asked for while findings are open
├── NotFound                  no such thing, or none that the actor may know of
├── PermissionDenied          the policy says no, with the reason
├── AuthenticationFailed      wrong name or password, or no session
│   └── TooManyAttempts       the rate limit for sign-in
├── Conflict                  the thing is in a state that forbids the action
├── WorkspaceLocked           another process holds the state file
├── IntegrityError            a seal, hash or chain does not verify
├── StorageError              the disk is full or does not take what is written
├── LanguageModelFailed       a language model's server refused, is not there or answers nonsense
├── JobFailed                 a job ended with an error that its log explains
│   └── EngineFailed          an engine did not come through; another one may
└── JobCancelled              a job was asked to stop

A message says what, where and what to do, and never carries a value of a user's table.
"""

from collections.abc import Sequence


class StudioError(Exception):
    """Base of all errors that have a message for the user."""


class InvalidInput(StudioError):
    """What the user gave cannot be used."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class UnreadableFile(InvalidInput):
    """A file that no reader understands, or that is unsafe to open."""


class InvalidParameter(InvalidInput):
    """An engine parameter, run specification or form value is out of its bounds."""


class ReviewIncomplete(InvalidInput):
    """Training was asked for while findings of the dataset are not settled."""


class NotFound(StudioError):
    """No such thing, or none that the actor may know of."""


class PermissionDenied(StudioError):
    """The policy says no; the message is the policy's reason."""


class AuthenticationFailed(StudioError):
    """Wrong name or password, or no valid session."""


class TooManyAttempts(AuthenticationFailed):
    """Sign-in is locked for a while after repeated failures."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Conflict(StudioError):
    """The thing is in a state that forbids the action."""


class WorkspaceLocked(StudioError):
    """Another process holds the workspace's state file."""


class IntegrityError(StudioError):
    """A seal, hash or chain does not verify."""


class StorageError(StudioError):
    """The disk is full or does not take what is written; nothing of it was kept."""


class LanguageModelFailed(StudioError):
    """A language model's server refused, cannot be reached, or answers what cannot be used."""


class JobFailed(StudioError):
    """A job ended with an error; its log explains where."""


class EngineFailed(JobFailed):
    """An engine did not come through on tables that are fit to be learned; another one may."""


class JobCancelled(StudioError):
    """A job was asked to stop and did."""
