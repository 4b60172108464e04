"""表格填报: many drafts of one item at once, as in a spreadsheet."""
