"""Years compared: with their effort, their codebooks and the months they have in common."""
