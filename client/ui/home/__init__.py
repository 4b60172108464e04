"""工作台: what waits for the person at the desk."""
