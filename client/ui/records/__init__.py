"""填报: the list of records at the left, the form of one at the right."""
