"""The command `ftsafety`: one file a command or small group. The only place that prints, asks, or exits."""
