"""复核: the second person sees what was submitted, and approves or returns it."""
