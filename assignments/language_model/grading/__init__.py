"""Hidden tests of the assignment "A language model". One module for each question."""
