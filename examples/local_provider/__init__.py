"""A provider on this machine: OpenAI's protocol (chat completions, fine-tuning jobs, files, batches) and Anthropic's
messages, on a loopback port, with the faults that real providers have. For examples and tests; never for serving."""
