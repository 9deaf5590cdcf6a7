"""Specs, safety comparison, gate, verification and monitoring for fine-tuned language models."""

__version__ = "0.1.0"
