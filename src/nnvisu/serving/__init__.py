"""Everything that subclasses or configures uvicorn; nothing else does."""
