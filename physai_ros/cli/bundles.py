"""What the commands on bundles have in common."""
from physai_ros.bundle.detector import DetectorManifest
from physai_ros.bundle.files import Bundle, find_bundle, load_bundle
from physai_ros.bundle.manifest import Manifest
from physai_ros.core.errors import BundleError


def add_bundle(parser):
    """Add the argument that names a bundle."""
    parser.add_argument('bundle', metavar='BUNDLE',
                        help='name of a bundle in models/, or path of its folder')


def schema_of(which):
    """Return the class of a bundle's manifest: a policy's or a detector's."""
    try:
        find_bundle(which, DetectorManifest)
    except BundleError:
        return Manifest
    return DetectorManifest


def load(which, **options) -> Bundle:
    """Load a policy or a detector; see ``bundle.files.load_bundle``."""
    return load_bundle(which, schema_of(which), **options)
