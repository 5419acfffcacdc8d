"""One training request, from its message to its last frame; tests drive it by hand."""
