"""Where the boxes and arrows of a data flow stand in a picture; all lengths in pixels."""
from typing import Dict, List, NamedTuple, Tuple

from physai_ros.bundle.flow import COLUMNS, Flow, Key

TITLE, TEXT, LINE = 14, 12, 17
CHARACTER = 0.61         # width of a letter of a monospaced font, in font sizes
BOLD = 1.06              # of a title, as wide as that of a text
INSIDE, ABOVE, BETWEEN, ASIDE = 12, 14, 16, 64
MARGIN, HEAD = 28, 84
WIDEST = 46              # letters; longer lines are broken
FILLS = ('#e3edf7', '#e8f3e4', '#fdf1d8', '#f3e3ec', '#e8f3e4', '#e3edf7')
EDGES = ('#7d9cbf', '#86ad7b', '#d1ac5a', '#b7809c', '#86ad7b', '#7d9cbf')
INK, FAINT, ARROW = '#1d2733', '#5a6675', '#8b97a5'


class Placed(NamedTuple):
    """A box: upper left corner, size, colours, and its lines, the title first."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str
    lines: Tuple[str, ...]


class Layout(NamedTuple):
    """A picture: size, head, (x, y, text) of captions, boxes, curves of four points."""

    width: float
    height: float
    head: str
    captions: Tuple[Tuple[float, float, str], ...]
    boxes: Tuple[Placed, ...]
    curves: Tuple[Tuple[Tuple[float, float], ...], ...]


def layout(flow: Flow) -> Layout:
    """Place the columns from left to right, each box near what it is connected with."""
    texts = [{key: (box.title, *(part for line in box.lines for part in _broken(line)))
              for key, box in column.items()} for column in flow.columns]
    for key in texts[3]:
        texts[3][key] += tuple(part for loop in flow.loops
                               for part in _broken(f'fed back: {loop}'))
    tops = _tops(flow, texts)
    placed, captions, x = {}, [], MARGIN
    for n, column in enumerate(texts):
        if not column:
            continue
        width = max(max(_width(lines) for lines in column.values()),
                    len(COLUMNS[n]) * TEXT * CHARACTER + 2 * INSIDE)
        captions.append((x, HEAD - 16, COLUMNS[n]))
        for key, lines in column.items():
            placed[key] = Placed(x, HEAD + tops[key], width, _height(lines), FILLS[n], EDGES[n],
                                 lines)
        x += width + ASIDE
    right = x - ASIDE + MARGIN
    bottom = max(box.y + box.height for box in placed.values()) + MARGIN
    curves = tuple(_curve(placed[a], placed[b]) for a, b in flow.arrows)
    return Layout(right, bottom, flow.head, tuple(captions), tuple(placed.values()), curves)


def _broken(line) -> List[str]:
    """Return a line in pieces that are short enough, broken at spaces."""
    pieces, words = [''], line.split(' ')
    for word in words:
        longer = f'{pieces[-1]} {word}'.strip()
        if len(longer) > WIDEST and pieces[-1]:
            pieces.append(f'  {word}')
        else:
            pieces[-1] = longer if pieces[-1].strip() else f'{pieces[-1]}{word}'
    return pieces


def _width(lines):
    title, *others = lines
    letters = max([len(title) * TITLE * BOLD, *(len(line) * TEXT for line in others)])
    return letters * CHARACTER + 2 * INSIDE


def _height(lines):
    return ABOVE + LINE * len(lines) + 8


def _tops(flow, texts) -> Dict[Key, float]:
    """Return the upper edge of each box: terms and outputs stacked, the others beside them."""
    tops: Dict[Key, float] = {}
    y = 0.0
    for key, lines in texts[1].items():
        tops[key] = y
        y += _height(lines) + BETWEEN
    centres = {key: tops[key] + _height(texts[1][key]) / 2 for key in texts[1]}
    for n in (2, 0):
        _beside(texts[n], flow.arrows, centres, tops)
    middle = max(y - BETWEEN, sum(map(_height, texts[4].values()))) / 2
    for column in (texts[3], texts[4]):
        total = sum(_height(lines) + BETWEEN for lines in column.values()) - BETWEEN
        top = max(0.0, middle - total / 2)
        for key, lines in column.items():
            tops[key] = top
            centres[key] = top + _height(lines) / 2
            top += _height(lines) + BETWEEN
    _beside(texts[5], flow.arrows, centres, tops)
    return tops


def _beside(column, arrows, centres, tops):
    """Place boxes at the height of what they are connected with, without overlap."""
    def wanted(key):
        near = [centres[other] for arrow in arrows if key in arrow
                for other in arrow if other != key and other in centres]
        return sum(near) / len(near) if near else 1e9

    free, found = 0.0, {}
    last = max(centres.values(), default=0.0)
    for key in sorted(column, key=wanted):
        height = _height(column[key])
        top = max(free, min(wanted(key), last) - height / 2)
        found[key], free = (top, height), top + height + BETWEEN
    for key, (top, height) in found.items():
        tops[key], centres[key] = top, top + height / 2


def _curve(a: Placed, b: Placed):
    start, end = (a.x + a.width, a.y + a.height / 2), (b.x, b.y + b.height / 2)
    bend = (end[0] - start[0]) / 2
    return start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end
