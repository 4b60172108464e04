"""Files shown inside the window, page by page: PDF and pictures."""
