"""How fast the front door is, beside what has no sign-in, no rules, no record and no seal."""
