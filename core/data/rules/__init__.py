"""What rules need of data alone: expressions that are safe to run, and rules that tables keep."""
