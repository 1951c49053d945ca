"""Benches: they measure, and judge nothing."""
