"""Rights as an SROS2 policy file, which ``ros2 security`` turns into permissions."""
from typing import Iterable
from xml.etree import ElementTree

from physai_ros.security.needs import Rights

VERSION = '0.2.0'
NOTE = ' Written by `physai security`: do not edit, run it again. '


def document(rights: Iterable[Rights]) -> str:
    """Return the policy file: an enclave a process, everything that it does not name is denied."""
    policy = ElementTree.Element('policy', version=VERSION)
    policy.append(ElementTree.Comment(NOTE))
    enclaves = ElementTree.SubElement(policy, 'enclaves')
    for row in rights:
        enclave = ElementTree.SubElement(enclaves, 'enclave', path=row.enclave)
        profiles = ElementTree.SubElement(enclave, 'profiles')
        profile = ElementTree.SubElement(profiles, 'profile', ns=row.namespace, node=row.node)
        for kind, item, names in (('publish', 'topic', row.publish),
                                  ('subscribe', 'topic', row.subscribe),
                                  ('reply', 'service', row.reply),
                                  ('request', 'service', row.request)):
            _rules(profile, kind, item, names)
    ElementTree.indent(policy)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(
        policy, encoding='unicode') + '\n'


def _rules(profile, kind, item, names):
    if not names:
        return
    rules = ElementTree.SubElement(profile, f'{item}s', {kind: 'ALLOW'})
    for name in sorted(names):
        ElementTree.SubElement(rules, item).text = name
