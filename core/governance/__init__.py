"""Who may do what, who did what, and where every release came from."""
