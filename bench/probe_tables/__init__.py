"""Hand-written tables that `make_probes.py` turns into the probes' data files. Everyday content, no area of harm."""
