"""From files to tables that an engine can learn from: read, describe, review, prepare, keep."""
