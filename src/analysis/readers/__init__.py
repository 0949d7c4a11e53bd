"""The child processes that read foreign files: nothing here imports the rest of Casebook, nor is imported by it."""
