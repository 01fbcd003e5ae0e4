"""Models behind one protocol, and the worker that keeps them off the node's thread."""
