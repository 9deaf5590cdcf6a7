"""The project's own probes of behaviour: benchmarks in shape, written here, shipped as data files with their grader."""
