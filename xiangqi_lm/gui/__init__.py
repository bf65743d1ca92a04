"""The program's window."""
