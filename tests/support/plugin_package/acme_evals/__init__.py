"""A benchmark and a grader of another package, found by entry points alone."""
