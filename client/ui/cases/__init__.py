"""异议: the queue of cases, and one case with its decision."""
