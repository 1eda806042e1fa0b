"""What runs an experiment over its seeds and keeps what it measured."""
