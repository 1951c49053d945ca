"""The exact pairing engine: a pure library without database, broker or clock (design.md, section 7)."""

from services.pairing.engine.alternatives import Alternative, alternatives
from services.pairing.engine.assign import Assignment, solve
from services.pairing.engine.certificate import Certificate, certificate
from services.pairing.engine.cost import Cost, Scale
from services.pairing.engine.problem import InvalidProblem, Problem
from services.pairing.engine.rematch import rematch
from services.pairing.engine.subprocess_solver import ColdSolveFailed
from services.pairing.engine.unserved import excluded

__all__ = [
    "Alternative",
    "Assignment",
    "Certificate",
    "ColdSolveFailed",
    "Cost",
    "InvalidProblem",
    "Problem",
    "Scale",
    "alternatives",
    "certificate",
    "excluded",
    "rematch",
    "solve",
]
