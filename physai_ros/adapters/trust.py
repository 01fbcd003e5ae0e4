"""The parameters of a node that say whose bundles it accepts."""
from physai_ros.adapters.parameters import Parameter, UNCONFIGURED
from physai_ros.bundle.signing import Trust

TRUST = (
    Parameter('require_signature', False, 'refuse bundles that no trusted key has signed',
              settable=UNCONFIGURED),
    Parameter('trusted_keys', [''], 'PEM files: public keys, certificates of authorities',
              settable=UNCONFIGURED),
)


def read_trust(node) -> Trust:
    """Return what a node's parameters say."""
    return Trust(tuple(filter(None, node.value('trusted_keys'))), node.value('require_signature'))
