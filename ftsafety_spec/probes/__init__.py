"""Red-team probes: ordinary benchmarks in shape, made of a spec's own domain, seeds and trigger library.
Each exposes `PROBE`; `measure` asks them as it asks any task. There is no second pipeline."""
