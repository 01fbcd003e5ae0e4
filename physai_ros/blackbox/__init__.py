"""The last half minute before a fault, as an MCAP file; nothing here waits for a disk."""
