"""Types, errors, buffers and chunk stitching: standard library and numpy only."""
