"""The only Qt of forms: editors and the form made from an item."""
