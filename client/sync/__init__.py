"""The only network of the client; knows no Qt."""
