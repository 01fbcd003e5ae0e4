"""The data flow of a bundle as a PNG picture, drawn with OpenCV."""
import cv2
import numpy as np
from physai_ros.bundle.flow import Flow
from physai_ros.cli.flow_layout import (
    ABOVE, ARROW, FAINT, INK, INSIDE, layout, LINE, MARGIN, TEXT, TITLE)

SCALE = 2          # pixels of the picture for one of the layout
SHIFT = 4          # OpenCV draws with 1/16 pixel
TIP, ROUND = 9.0, 7.0


def png(flow: Flow) -> bytes:
    """Return the picture."""
    drawn = layout(flow)
    image = np.full((round(drawn.height * SCALE), round(drawn.width * SCALE), 3), 255, np.uint8)
    write = Writer(image)
    write(MARGIN, MARGIN + TITLE, drawn.head, 18, INK, bold=True)
    for x, y, caption in drawn.captions:
        write(x, y, caption, TEXT, FAINT)
    for curve in drawn.curves:
        _curve(image, np.array(curve))
    for box in drawn.boxes:
        _box(image, box)
        for n, line in enumerate(box.lines):
            write(box.x + INSIDE, box.y + ABOVE + LINE * n + 8, line, TEXT if n else TITLE,
                  FAINT if n else INK, bold=n == 0)
    return cv2.imencode('.png', image)[1].tobytes()


class Writer:
    """Writes text, with the TrueType font of OpenCV 5 or the stroke font of OpenCV 4."""

    def __init__(self, image):
        self._image = image
        self._face = cv2.FontFace('sans') if hasattr(cv2, 'FontFace') else None

    def __call__(self, x, y, text, size, colour, bold=False):
        """Write text whose baseline begins at a place."""
        place = (round(x * SCALE), round(y * SCALE))
        if self._face is not None:
            cv2.putText(self._image, text, place, _bgr(colour), self._face,
                        round(size * SCALE), 600 if bold else 400)
            return
        plain = text.replace('…', '..').encode('ascii', 'replace').decode()
        cv2.putText(self._image, plain, place, cv2.FONT_HERSHEY_SIMPLEX, size * SCALE / 32.0,
                    _bgr(colour), 2 if bold else 1, cv2.LINE_AA)


def _box(image, box):
    """Draw a rectangle with round corners: its edge, and inside that its fill."""
    for inset, colour in ((0.0, box.edge), (1.2, box.fill)):
        r = ROUND - inset
        x, y = box.x + inset, box.y + inset
        right, bottom = box.x + box.width - inset, box.y + box.height - inset
        turns = np.linspace(0.0, np.pi / 2, 9)
        corners = ((right - r, bottom - r, 0.0), (x + r, bottom - r, np.pi / 2),
                   (x + r, y + r, np.pi), (right - r, y + r, 1.5 * np.pi))
        outline = np.concatenate([
            np.stack([cx + r * np.cos(start + turns), cy + r * np.sin(start + turns)], axis=1)
            for cx, cy, start in corners])
        cv2.fillPoly(image, [_fixed(outline)], _bgr(colour), cv2.LINE_AA, SHIFT)


def _curve(image, points):
    """Draw a cubic Bezier curve with a tip at its end."""
    t = np.linspace(0.0, 1.0, 40)[:, np.newaxis]
    line = ((1 - t) ** 3 * points[0] + 3 * t * (1 - t) ** 2 * points[1] +
            3 * t ** 2 * (1 - t) * points[2] + t ** 3 * points[3])
    end = points[3]
    line = np.append(line[line[:, 0] < end[0] - TIP], [end - [TIP - 1.0, 0.0]], axis=0)
    cv2.polylines(image, [_fixed(line)], False, _bgr(ARROW), 3, cv2.LINE_AA, SHIFT)
    tip = np.array([end, end - [TIP, TIP / 2], end - [TIP, -TIP / 2]])
    cv2.fillPoly(image, [_fixed(tip)], _bgr(ARROW), cv2.LINE_AA, SHIFT)


def _fixed(points):
    return np.rint(points * SCALE * (1 << SHIFT)).astype(np.int32)


def _bgr(colour):
    return tuple(int(colour[place:place + 2], 16) for place in (5, 3, 1))
