"""Hidden tests of the assignment "Gradients that vanish". One module for each question."""
