"""Networks that are trained privately, and what is kept of them."""
