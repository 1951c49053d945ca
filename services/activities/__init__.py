"""Activities: what is planned under the six carriers, and what was done with the families."""
