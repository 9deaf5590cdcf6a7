"""Judges: any chat model, asked by a rubric, answering in one line of JSON that carries the question's key."""
