"""Published results on synthetic tasks, repeated over seeds."""
