"""What may be said: pydantic models of spec, suite, policy and provider files. Reads no file, runs nothing."""
