"""The only SQL of the client."""
