"""Draw what was seen."""
import cv2
import numpy as np

COLOURS = ((255, 176, 0), (0, 200, 255), (120, 255, 80), (255, 90, 200), (200, 200, 255))
FONT, FONT_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.33


def annotate(pixels: np.ndarray, detections, objects=()) -> np.ndarray:
    """
    Draw boxes with class and score, and the places that they were lifted to.

    :param pixels: (H, W, 3) uint8 RGB; not changed
    :param detections: Detections in pixels of this picture
    :param objects: Object3Ds, listed in the top left corner, in metres
    :return: a new (H, W, 3) uint8 RGB picture
    """
    canvas = np.array(pixels, dtype=np.uint8, order='C')
    kinds = sorted({d.class_id for d in detections})
    for detection in detections:
        colour = COLOURS[kinds.index(detection.class_id) % len(COLOURS)]
        centre, half = np.array(detection.center), 0.5 * np.array(detection.size)
        low, high = np.rint(centre - half).astype(int), np.rint(centre + half).astype(int)
        cv2.rectangle(canvas, low.tolist(), high.tolist(), colour, 1)
        _text(canvas, f'{detection.class_id} {detection.score:.2f}',
              (int(low[0]), max(int(low[1]) - 3, 9)), colour)
    for line, item in enumerate(objects):
        colour = COLOURS[kinds.index(item.class_id) % len(COLOURS)]
        x, y, z = item.position
        _text(canvas, f'{item.class_id} {x:+.3f} {y:+.3f} {z:+.3f} m', (4, 11 + 11 * line), colour)
    return canvas


def _text(canvas, text, place, colour):
    """Write on a dark outline, so that it can be read on any ground."""
    cv2.putText(canvas, text, place, FONT, FONT_SCALE, (0, 0, 0), 2, cv2.LINE_AA)
    cv2.putText(canvas, text, place, FONT, FONT_SCALE, colour, 1, cv2.LINE_AA)
