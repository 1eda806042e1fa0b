"""Hidden tests of the assignment "Backpropagation through time". One module for each question."""
