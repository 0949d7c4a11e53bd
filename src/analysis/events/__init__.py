"""One event in several lists: pairs that may be one, what a person decided, and the events that no list holds."""
