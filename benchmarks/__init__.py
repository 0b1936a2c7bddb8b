"""Speed and memory against their limits; `python -m benchmarks` runs them all."""
