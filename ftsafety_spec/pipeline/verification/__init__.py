"""Evaluations made elsewhere: read from whatever form they have, checked, spot-checked, and taken in as evidence."""
