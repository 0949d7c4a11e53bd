"""Numbers that others printed, and what they recompute to."""
