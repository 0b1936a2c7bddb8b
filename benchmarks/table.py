"""Results as a table, and as the exit status."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """measured and limit share a unit; the limit is the largest value that passes."""

    what: str
    measured: float
    limit: float
    unit: str
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.measured <= self.limit


def report(title: str, results: list[Result]) -> int:
    """Print the results; 0 when all are within their limits, else 1."""
    print(f"\n{title}")
    width = max(len(result.what) for result in results)
    for result in results:
        verdict = "PASS" if result.passed else "FAIL"
        print(
            f"  {verdict}  {result.what:<{width}}  {result.measured:7.2f} {result.unit}"
            f"  (limit {result.limit:g})  {result.detail}",
            flush=True,
        )
    return int(not all(result.passed for result in results))
