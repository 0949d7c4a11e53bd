"""Tests, ranks, agreement, rates and the way to justice, of small and overlapping counts."""
