"""What was found: frozen records, canonical JSON, digests, tables and the run folder."""
