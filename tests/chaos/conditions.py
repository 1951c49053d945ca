"""What one process of a chaos run is told, through its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "KITH_CHAOS_"


@dataclass(frozen=True)
class Conditions:
    """How a process is made to suffer. Without any of it, it only bears witness."""

    arm: str = ""
    """The name of a broken version (`broken.ARMS`)."""

    draw: str = ""
    """Where the process's own chances come from: seed, role, and how often it was started."""

    failing: float = 0.0
    """The share of reactions that fail after having done their work."""

    poison: str = ""
    """The household on which reactions of pairing and measure always fail."""

    journal: Path | None = None
    """The file into which each failing reaction and refused publish is written."""

    def environment(self) -> dict[str, str]:
        """For the process that is started."""
        return {
            f"{PREFIX}ARM": self.arm,
            f"{PREFIX}DRAW": self.draw,
            f"{PREFIX}FAILING": str(self.failing),
            f"{PREFIX}POISON": self.poison,
            f"{PREFIX}JOURNAL": str(self.journal or ""),
        }

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Conditions":
        """In the process that was started."""
        journal = environment.get(f"{PREFIX}JOURNAL", "")
        return cls(
            arm=environment.get(f"{PREFIX}ARM", ""),
            draw=environment.get(f"{PREFIX}DRAW", ""),
            failing=float(environment.get(f"{PREFIX}FAILING", "0")),
            poison=environment.get(f"{PREFIX}POISON", ""),
            journal=Path(journal) if journal else None,
        )
