"""Admission: every change is judged by rules kept as data before a service sees it (requirement G3)."""
