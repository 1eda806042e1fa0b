"""Experiments on gradients over many steps: how they flow, vanish, explode and are cut."""
