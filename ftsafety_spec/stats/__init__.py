"""Moments, bounds, families, sample sizes: pure functions on numbers."""
