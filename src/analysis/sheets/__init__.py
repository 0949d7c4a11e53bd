"""Sheets as people fill them in: what their rows, cells and layouts mean, and workbooks to fill in."""
