"""Stored outputs as contracts: what a page shows is what the test suite computed again."""
