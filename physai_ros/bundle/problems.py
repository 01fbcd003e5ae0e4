"""Read manifests; one error lists every problem and its place."""
from physai_ros.bundle.yaml12 import Document, read_yaml
from physai_ros.core.errors import BundleError
from physai_ros.core.schema_problems import Explainer, Where
from pydantic import ValidationError

SHOWN = 50
GAINS = "remove it: gains belong to the robot's driver, the chain sends positions"
POSE = 'write it as offset, as numbers in the order of joints'
RATE = 'write rate_hz at the top: how many answers the training has in a second'
QUANTILES = 'write q01 as min and q99 as max; where they are clipped, clip: [-1, 1] beside ' \
    'normalise'
ELSEWHERE = {
    **dict.fromkeys(('kp', 'kd', 'stiffness', 'damping', 'p_gains', 'd_gains'), GAINS),
    **dict.fromkeys(('default_joint_pos', 'default_dof_pos', 'default_joint_angles',
                     'default_angles'), POSE),
    **dict.fromkeys(('decimation', 'dt', 'step_dt', 'control_dt'), RATE),
    **dict.fromkeys(('q01', 'q99'), QUANTILES),
    'period': 'write frequency_hz: 1 / period'}
DOCS = 'see docs/bundle.md, which describes every key'


class InvalidBundleError(BundleError):
    """
    A bundle with several things wrong, or one.

    :param thing: the file or the pair that does not fit
    :param problems: one BundleError each, never empty
    """

    def __init__(self, thing, problems):
        self.problems = tuple(problems)
        lines = [f'  {n}. {problem}' for n, problem in enumerate(self.problems[:SHOWN], 1)]
        if len(self.problems) > SHOWN:
            lines.append(f'  … and {len(self.problems) - SHOWN} more')
        count = f'{len(self.problems)} problem' + 's' * (len(self.problems) > 1)
        super().__init__(f'{thing} has {count}:\n' + '\n'.join(lines))


def parse(schema, data, name=None):
    """
    Read and validate a manifest.

    :param schema: a Schema class with ``FILE``
    :param data: the file's content, bytes or str, or the Document that ``read_yaml`` made of it
    :param name: how messages call the file
    :raises InvalidBundleError: listing all problems
    """
    name = name or schema.FILE
    document = data if isinstance(data, Document) else read_yaml(data, name)
    return validate(schema, document, name)


def validate(schema, document, name):
    """Return the document as an instance of the schema or raise InvalidBundleError."""
    if not isinstance(document, Document):
        document = Document(document, {})
    where = Where(name, document.lines)
    try:
        manifest = schema.model_validate(document.value)
    except ValidationError as error:
        explain = Explainer(schema, document.value, where, BundleError, DOCS, ELSEWHERE)
        raise InvalidBundleError(name, explain(error)) from None
    problems = [BundleError(f'{where(*path)}{problem.thing}', problem.value,
                            problem.expected, problem.remedy)
                for path, problem in manifest.inconsistencies()]
    if problems:
        raise InvalidBundleError(name, problems)
    return manifest


def and_more(names) -> str:
    """Return the first of several names, and how many more there are."""
    return f'{names[0]} and {len(names) - 1} more' if len(names) > 1 else names[0]
