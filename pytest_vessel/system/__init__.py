"""The only rooms that touch processes and files."""
