"""The stored outputs of the notebooks as contracts: compare, store again, run as other machines."""
