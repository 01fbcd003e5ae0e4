"""Pictures to objects: camera model, detectors, 2D to 3D lifting."""
