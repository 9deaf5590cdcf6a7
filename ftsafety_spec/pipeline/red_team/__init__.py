"""What a red team makes of a run beside its tables: findings as evidence, searches in sub-runs, manual sessions."""
