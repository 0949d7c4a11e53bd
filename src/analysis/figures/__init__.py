"""The forms that a figure can have, and what all of them share."""
