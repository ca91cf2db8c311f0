"""Where state is kept: SQLAlchemy models and the engine that opens them, encrypted."""
