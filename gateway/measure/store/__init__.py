"""All SQL of measure: entities and what they add, figures for readers, and streams for the recomputation."""
