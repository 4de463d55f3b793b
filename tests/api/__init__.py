"""The edge, over ASGI and over a real server."""
