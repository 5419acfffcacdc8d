"""The ASGI application: the page's files, the WebSocket, and access checks."""
