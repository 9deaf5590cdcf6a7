"""What follows from the evidence. Given records and a date, gives a `Verdict`; pure."""

from ftsafety_spec.gate.run import gate

__all__ = ["gate"]
