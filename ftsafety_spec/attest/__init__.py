"""The verdict as evidence for others: in-toto statements, DSSE envelopes, keys and who is trusted with what.
Given records and digests, gives bytes that can be checked offline. Never reads a text of a prompt or an answer, and
never goes out to a network."""
