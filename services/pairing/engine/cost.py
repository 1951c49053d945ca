"""What an assignment costs: the four aims of P5, strictly one before the other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """Costs compare aim by aim, first to last.

    `unserved` counts a household without helper by how many tiers it stands above nothing: with three tiers
    3, 2 or 1. Such small steps already put every tier strictly before the next, because the sets of
    households that can be served together are the independent sets of a matroid (a gammoid), and there the
    greedy basis wins for any falling weights (Edmonds, Matroids and the greedy algorithm, 1971).
    `continuity` counts households that lose a helper they could keep, `fit` sums `rules.fit`, `fairness`
    sums what each slot already carried below it.
    """

    unserved: int = 0
    continuity: int = 0
    fit: int = 0
    fairness: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.unserved + other.unserved,
            self.continuity + other.continuity,
            self.fit + other.fit,
            self.fairness + other.fairness,
        )

    def __neg__(self) -> "Cost":
        return Cost(-self.unserved, -self.continuity, -self.fit, -self.fairness)

    def __sub__(self, other: "Cost") -> "Cost":
        return self + -other


def total(costs: "list[Cost]") -> Cost:
    """The sum, aim by aim."""
    return sum(costs, start=Cost())


@dataclass(frozen=True, slots=True)
class Scale:
    """Weights that turn a `Cost` into one integer without letting a later aim outweigh an earlier one."""

    unserved: int
    continuity: int
    fit: int

    @classmethod
    def above(cls, bound: Cost) -> "Scale":
        """Weights for assignments whose later aims (continuity, fit, fairness) stay within `bound`."""
        fit = bound.fairness + 1
        continuity = fit * (bound.fit + 1)
        return cls(unserved=continuity * (bound.continuity + 1), continuity=continuity, fit=fit)

    def weigh(self, cost: Cost) -> int:
        """One integer, without unit, to compare costs of the same problem."""
        return (
            cost.unserved * self.unserved + cost.continuity * self.continuity + cost.fit * self.fit + cost.fairness
        )
