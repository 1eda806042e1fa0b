"""Experiments on forecasts: weather, sunspots, intervals, and series that only look easy."""
