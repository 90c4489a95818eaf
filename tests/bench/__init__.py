"""Figures of scripts/bench: each beside a baseline measured in the same run."""
