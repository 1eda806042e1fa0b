"""The course assignments: how they are built, graded, and tried with wrong answers."""
