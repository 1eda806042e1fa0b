"""Published results on synthetic tasks, repeated over seeds, and the exhibits of the museum."""
