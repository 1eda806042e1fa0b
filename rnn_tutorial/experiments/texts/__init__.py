"""Experiments on the plays of Shakespeare: characters, samples, the genre of a speech."""
