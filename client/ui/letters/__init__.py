"""文书 of a case: the list, the preview, issuing, and what is set for all letters."""
