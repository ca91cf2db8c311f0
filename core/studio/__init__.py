"""The studio: every use case, for pages, API, command line and notebooks alike.

::

    studio = Studio.open(Settings.from_environment())
    actor = studio.people.actor(token, origin)
    dataset = studio.datasets.import_files(actor, project_id, "customers", files)

Each call takes the actor first, asks the policy and writes an audit entry.
"""

from core.studio.studio import Studio

__all__ = ["Studio"]
