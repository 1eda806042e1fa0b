"""What maintains the repository: nothing here is part of the book or of the package."""
