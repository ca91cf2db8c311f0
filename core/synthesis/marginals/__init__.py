"""A graphical model of a table's cells, fitted to noisy counts of sets of columns."""
