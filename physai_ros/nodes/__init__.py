"""The nodes: one file each, thin."""
