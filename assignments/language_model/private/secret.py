"""A stand-in that anyone can read: put your own seed in a private folder, see assignments.build."""

SEED = 16180
