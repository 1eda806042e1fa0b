"""What maintains the repository: nothing that a reader of the book needs."""
