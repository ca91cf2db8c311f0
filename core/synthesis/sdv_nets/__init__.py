"""SDV's networks: rows coded small, trained with losses told live, kept as plain numbers."""
