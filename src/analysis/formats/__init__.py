"""A file of any format -> its sheets, read in processes of their own under limits."""
