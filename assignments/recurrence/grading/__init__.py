"""Hidden tests of the assignment "Recurrence and state". One module for each question."""
