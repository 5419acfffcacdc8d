"""What the engine and the wire both have to know of networks, in plain Python."""
