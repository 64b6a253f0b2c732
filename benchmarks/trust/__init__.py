"""Thirty inputs at the edges, side by side in other tools."""
