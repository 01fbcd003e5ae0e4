"""The node that stands in a topic's way."""
