"""The data flow of a bundle as an SVG picture."""
from xml.sax.saxutils import escape

from physai_ros.bundle.flow import Flow
from physai_ros.cli.flow_layout import (
    ABOVE, ARROW, FAINT, INK, INSIDE, layout, LINE, MARGIN, TEXT, TITLE)

FONT = 'DejaVu Sans Mono, Menlo, Consolas, monospace'


def svg(flow: Flow) -> str:
    """Return the picture."""
    drawn = layout(flow)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawn.width:.0f}" '
        f'height="{drawn.height:.0f}" viewBox="0 0 {drawn.width:.0f} {drawn.height:.0f}" '
        f'font-family="{FONT}" xml:space="preserve">',
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{ARROW}"/></marker>'
        '</defs>', '<rect width="100%" height="100%" fill="#ffffff"/>',
        _text(MARGIN, MARGIN + TITLE, drawn.head, 18, INK, 'bold')]
    rows += [_text(x, y, caption, TEXT, FAINT) for x, y, caption in drawn.captions]
    for a, b, c, d in drawn.curves:
        points = ' '.join(f'{x:.1f} {y:.1f}' for x, y in (b, c, d))
        rows.append(f'<path d="M{a[0]:.1f} {a[1]:.1f} C{points}" fill="none" stroke="{ARROW}" '
                    'stroke-width="1.5" marker-end="url(#tip)"/>')
    for box in drawn.boxes:
        rows.append(f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
                    f'height="{box.height:.1f}" rx="7" fill="{box.fill}" stroke="{box.edge}"/>')
        for n, line in enumerate(box.lines):
            rows.append(_text(box.x + INSIDE, box.y + ABOVE + LINE * n + 8, line,
                              TITLE if n == 0 else TEXT, INK if n == 0 else FAINT,
                              'bold' if n == 0 else 'normal'))
    return '\n'.join([*rows, '</svg>', ''])


def _text(x, y, text, size, colour, weight='normal'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
            f'fill="{colour}">{escape(text)}</text>')
