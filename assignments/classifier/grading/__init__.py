"""Hidden tests of the assignment "A sequence classifier". One module for each question."""
