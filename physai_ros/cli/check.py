"""``physai check``: everything about a bundle that can be known before a robot moves."""
import json
from pathlib import Path
import re

from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.cli.bundles import add_bundle, load, schema_of
from physai_ros.core.errors import BundleError, ConfigError, PhysaiError
from physai_ros.paths import share

PROBES = 20
LINE = re.compile(r'\(line (\d+)\)')


def add_arguments(parser):
    """Add the arguments."""
    add_bundle(parser)
    robot = parser.add_mutually_exclusive_group()
    robot.add_argument('--robot', metavar='NAME',
                       help='robot of the fleet, or profile; by default the profile that the '
                       'manifest names')
    robot.add_argument('--urdf', metavar='FILE', help='only the joints of a URDF or xacro file')
    parser.add_argument('--fleet', type=Path, default=share() / 'config' / 'fleet.yaml',
                        metavar='FILE', help='fleet file [config/fleet.yaml]')
    parser.add_argument('--live', action='store_true',
                        help='also the topics of the running robot (needs ROS)')
    parser.add_argument('--namespace', metavar='NS',
                        help='of the running robot; by default --robot, where it is of the fleet')
    parser.add_argument('--key', action='append', default=[], metavar='PEM',
                        help='require a signature of this key or authority; may be repeated')
    parser.add_argument('--json', action='store_true', help='tell all as JSON')


def run(arguments) -> int:
    """
    Check all that can be checked, and tell every problem.

    :return: 0 when there is none, 1 when there is one
    """
    report = Report()
    try:
        check(arguments, report)
    except PhysaiError as error:
        report.stage('robot and options', [error])
    print(report.json() if arguments.json else report.text())
    return 1 if report.problems else 0


class Report:
    """What was checked, in order, and what was found."""

    def __init__(self):
        self.title, self._stages, self._notes = '', [], []

    @property
    def problems(self):
        """Return all problems."""
        return [problem for _, problems in self._stages for problem in problems]

    def stage(self, title, problems=()):
        """Add a part; an error that holds several problems is taken apart."""
        self._stages.append((title, [part for problem in problems for part in
                                     getattr(problem, 'problems', (problem,))]))

    def note(self, text):
        """Add what was not checked, and why."""
        self._notes.append(text)

    def text(self) -> str:
        """Return it for a person."""
        lines, number = [self.title] if self.title else [], 0
        for title, problems in self._stages:
            lines.append(f'  {"FAIL" if problems else "ok":4}  {title}')
        lines += [f'  {"-":4}  {note}' for note in self._notes]
        for number, problem in enumerate(self.problems, 1):
            lines.append(f'{number}. {problem}')
        return '\n'.join([*lines, f'{number or "no"} problem' + 's' * (number != 1)])

    def json(self) -> str:
        """Return it for a program."""
        return json.dumps({
            'bundle': self.title, 'ok': not self.problems, 'not_checked': self._notes,
            'checked': [{'what': title, 'ok': not problems} for title, problems in self._stages],
            'problems': [_fields(problem) for problem in self.problems]}, indent=1)


def _fields(problem):
    line = LINE.search(problem.thing)
    return {'line': int(line[1]) if line else None, 'place': problem.thing,
            'value': None if problem.value is None else str(problem.value),
            'expected': problem.expected, 'remedy': problem.remedy, 'message': str(problem)}


def check(arguments, report):
    """Fill a report with what the arguments of the command ask for."""
    from physai_ros.bundle.signing import Trust
    from physai_ros.inference.apart import ApartModel
    trust = Trust(tuple(arguments.key), bool(arguments.key))
    try:
        bundle = load(arguments.bundle, trust=trust)
    except PhysaiError as error:
        report.stage('manifest, files and hashes', [error])
        return
    report.title = f'{bundle.name} {bundle.version} (model sha256 {bundle.sha256})'
    report.stage('manifest, files and hashes')
    if arguments.key:
        report.stage(f'signature of {bundle.signer}')
    else:
        report.note('signature: not checked, no --key given')
    try:
        with ApartModel(bundle.model_bytes) as model:
            report.stage('the model loads in ONNX Runtime, in a process of its own')
            if schema_of(arguments.bundle).FILE == 'detector.yaml':
                _check_detector(bundle, model, report)
            else:
                _check_policy(bundle, model, arguments, report)
    except InvalidBundleError:
        raise
    except BundleError as error:
        report.stage('the model in ONNX Runtime', [error])


def _check_detector(bundle, model, report):
    from physai_ros.perception.detector import check_shapes
    problems = []
    try:
        check_shapes(bundle.manifest, model)
    except PhysaiError as error:
        problems.append(error)
    report.stage('inputs and outputs of the detector', problems)


def _check_policy(bundle, model, arguments, report):
    from physai_ros.bundle.check import examine
    profile, description = _robot(bundle.manifest, arguments, report)
    if description is not None:
        _check_guard(profile, description, report)
    for stage in examine(bundle.manifest, model, profile, description, bundle.lines,
                         bundle.tokenizer_json, PROBES):
        if stage.tried:
            report.stage(stage.title, stage.problems)
        else:
            report.note(stage.title)
    if arguments.live:
        try:
            from physai_ros.adapters.live_check import check_live
        except ImportError as error:
            raise ConfigError('--live', None, 'ROS 2', 'install it or source it, or leave --live '
                              f'out ({error})') from None
        robot = _fleet(arguments).get(arguments.robot)
        report.stage(*check_live(bundle.manifest, bundle.lines, _namespace(arguments),
                                 robot.remap if robot else {}))
    else:
        report.note('live graph: not checked, no --live given')


def _check_guard(profile, description, report):
    from physai_ros.guard.build import parts
    from physai_ros.robots.kinematic_model import completed, kinematic_model
    problems = []
    try:
        if profile is None:
            kinematic_model(completed(description.text))
        else:
            parts(description, profile)
    except PhysaiError as error:
        problems.append(error)
    report.stage('the URDF as Pinocchio reads it' if profile is None else
                 f'limits and shapes of {profile.name}, as the guard takes them', problems)


def _robot(manifest, arguments, report):
    """Return (profile, description) to compare with; None for what there is not."""
    from physai_ros.robots import load_description, load_profile, parse
    if arguments.urdf:
        return None, parse(load_description(arguments.urdf))
    name = arguments.robot
    if name is None:
        name = manifest.robot
    elif name in _fleet(arguments):
        name = _fleet(arguments)[name].profile
    try:
        profile = load_profile(name)
    except ConfigError as error:
        if arguments.robot is not None:
            raise
        report.note(f'robot: not checked, {error}; give --robot or --urdf')
        return None, None
    return profile, parse(profile.description())


def _fleet(arguments):
    from physai_ros.robots import load_fleet
    return load_fleet(arguments.fleet).robots if arguments.fleet.is_file() else {}


def _namespace(arguments):
    if arguments.namespace is not None:
        return arguments.namespace
    if arguments.robot is not None and arguments.robot in _fleet(arguments):
        return arguments.robot
    raise ConfigError('--namespace', None, 'the namespace of the running robot, for --live',
                      'give it, or --robot with the name of a robot of the fleet')
