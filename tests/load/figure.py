"""One measured figure of a load script: its runs, and what is wanted of it."""

from dataclasses import dataclass
from statistics import median


@dataclass
class Figure:
    """The same thing measured several times; `wanted` says in words what it is held against, `"≥ 10,000"`."""

    name: str
    unit: str
    values: list[float]
    wanted: str

    def __str__(self) -> str:
        """One line: the median, the spread over the runs, and what is wanted."""
        spread = f"{min(self.values):,.1f} to {max(self.values):,.1f} in {len(self.values)} runs"
        return f"{self.name}: {median(self.values):,.1f} {self.unit} ({spread}; wanted {self.wanted})"


def percentile(values: list[float], share: float) -> float:
    """The smallest of the values that at least this share of them (0 to 1) does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
