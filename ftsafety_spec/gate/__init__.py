"""What the evidence means under a policy: a pure function of records and a date."""

from ftsafety_spec.gate.case import finding_id
from ftsafety_spec.gate.decide import decide
from ftsafety_spec.gate.run import gate

__all__ = ["decide", "finding_id", "gate"]
