"""Page 导入: a spreadsheet becomes drafts, in four steps that stay on one page."""
