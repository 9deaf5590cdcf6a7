"""Weights: what the files of base and tuned say without a full answer: changed rows, first-token margins.
Given two sets of weights, gives figures and proposals, never a verdict; what it proposes is confirmed by `measure`."""
