"""``physai inspect``: draw the data flow of a bundle."""
from pathlib import Path

from physai_ros.cli.bundles import add_bundle, schema_of
from physai_ros.core.errors import ConfigError


def add_arguments(parser):
    """Add the arguments."""
    add_bundle(parser)
    parser.add_argument('--svg', type=Path, metavar='FILE', help='draw an SVG picture')
    parser.add_argument('--png', type=Path, metavar='FILE', help='draw a PNG picture')


def run(arguments) -> int:
    """
    Print the data flow, or draw it.

    :return: 0
    :raises PhysaiError: when the bundle is invalid, or the picture cannot be written
    """
    from physai_ros.bundle.files import load_bundle
    from physai_ros.bundle.flow import flow
    if schema_of(arguments.bundle).FILE == 'detector.yaml':
        raise ConfigError('BUNDLE', arguments.bundle, 'a policy', '`physai check` tells about '
                          'detectors: a picture in, boxes out')
    bundle = load_bundle(arguments.bundle)
    drawn = flow(bundle.manifest, len(bundle.model_bytes))
    for file in filter(None, (arguments.svg, arguments.png)):
        if not file.absolute().parent.is_dir():
            raise ConfigError('the picture', str(file), 'a file in an existing folder')
    if arguments.svg:
        from physai_ros.cli.flow_svg import svg
        arguments.svg.write_text(svg(drawn), encoding='utf-8')
    if arguments.png:
        from physai_ros.cli.flow_png import png
        arguments.png.write_bytes(png(drawn))
    if not arguments.svg and not arguments.png:
        from physai_ros.cli.flow_text import text
        print(text(drawn))
    return 0
