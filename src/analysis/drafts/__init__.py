"""A finished text held against the results of its report."""
