"""闽信通: the desktop client."""

__version__ = "0.1.0"
