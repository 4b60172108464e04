"""The HTTP interface, one module a resource. The contract is resources/api/openapi.yaml."""
