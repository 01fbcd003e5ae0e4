"""Compare a manifest with the model's own inputs and outputs."""
import math
from typing import Iterator, NamedTuple, Tuple

from physai_ros.bundle.check_robot import terms, unknown
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import Where
from physai_ros.bundle.terms import Told
from physai_ros.core.errors import BundleError

TERMS_ANEW = 'correct its terms, joints, history or stacked, or export the model anew'
OUTPUT_ANEW = 'correct its joints or chunk, or export the model anew'
AS_A_STATE = 'write what the model has; what is fed back is alike on both sides'
AS_THE_MODEL = 'write what the model has, or export it anew'
ONE_TYPE = 'export the model with float32 here'


class Wanted(NamedTuple):
    """
    An input or an output that a manifest asks for, and where it says so.

    :param named: the place of its name; ``shaped`` and ``typed`` are what decides shape and type
    """

    name: str
    named: str
    shapes: Tuple[tuple, ...]
    shaped: str
    reshape: str
    dtype: str
    typed: str
    retype: str


def check_model(manifest: Manifest, model, where: Where) -> Iterator[BundleError]:
    """Yield what differs between the manifest and the model's own inputs and outputs, once."""
    problems = {str(problem): problem for problem in _differences(manifest, model, where)}
    yield from problems.values()


def _differences(manifest, model, where):
    yield from _compare('inputs', _inputs(manifest, where), model.inputs)
    for spec in model.inputs:
        if spec.name not in manifest.input_specs:
            yield BundleError(f'{where("inputs", spec.name)} is missing', None,
                              'terms for it, as the model has this input',
                              f'add it; the model needs {spec.dtype} {_shown(spec.shape)}'
                              f'{_or_recurrent(manifest, model, spec)}')
    yield from _compare('outputs', _outputs(manifest, where), model.outputs)
    yield from _told(manifest, model, where)


def _inputs(manifest, where):
    """Yield what is wanted of each input."""
    specs, rtc = manifest.input_specs, manifest.rtc
    for name in manifest.inputs:
        yield _plain(where('inputs', name), name, (specs[name][0],),
                     _terms_anew(manifest.layout(name)), specs[name][1],
                     'give dtype, or export the model with this type')
    for name, state in manifest.recurrent.items():
        yield _state(where, name, state, name, where('recurrent', name))
    if rtc is None:
        return
    (shape, dtype), place = specs[rtc.prefix], where('rtc', 'prefix')
    yield Wanted(rtc.prefix, place, (shape,), f'the shape of {place}',
                 f'correct joints or chunk of {where("outputs", rtc.output)}, or export the '
                 'model anew', dtype, f'the type of {place}', ONE_TYPE)
    if rtc.delay is not None:
        (shape, dtype), place = specs[rtc.delay], where('rtc', 'delay')
        yield Wanted(rtc.delay, place, (shape,), f'the shape of {place}',
                     'export the model with one number here', dtype,
                     where('rtc', 'delay_dtype'), AS_THE_MODEL)


def _outputs(manifest, where):
    """Yield what is wanted of each output."""
    for name in manifest.outputs:
        shapes, dtype = manifest.output_specs[name]
        yield _plain(where('outputs', name), name, shapes, OUTPUT_ANEW, dtype, ONE_TYPE)
    for name, state in manifest.recurrent.items():
        yield _state(where, name, state, state.output, where('recurrent', name, 'output'))


def _terms_anew(layout):
    """Return what to do about an input of another shape, and how many numbers each term has."""
    if layout.stacked or len(layout.terms) == 1:
        return TERMS_ANEW
    counts = ' + '.join(f'{term.full_shape[0]} {term.term}' for term in layout.terms)
    steps = f', each in {layout.history.steps} moments' if layout.history else ''
    return f'{TERMS_ANEW}; it is now {counts}{steps}'


def _plain(place, name, shapes, reshape, dtype, retype):
    return Wanted(name, place, shapes, f'the shape of {place}', reshape, dtype,
                  f'the type of {place}', retype)


def _state(where, key, state, name, named):
    return Wanted(name, named, (state.shape,), where('recurrent', key, 'shape'), AS_A_STATE,
                  state.dtype, where('recurrent', key, 'dtype'), AS_A_STATE)


def _compare(side, wanted, specs):
    found = {spec.name: spec for spec in specs}
    for want in wanted:
        if want.name not in found:
            yield unknown(want.named, want.name, found, f'the {side} of the model')
            continue
        spec = found[want.name]
        if not any(_fits(shape, spec.shape) for shape in want.shapes):
            yield BundleError(want.shaped, want.shapes[0],
                              f'{_shown(spec.shape)}, as the model has', want.reshape)
        if spec.dtype != want.dtype:
            yield BundleError(want.typed, want.dtype, f'{spec.dtype}, as the model has',
                              want.retype)


def _told(manifest, model, where):
    """Yield what is wrong with the outputs that move nothing and that terms show."""
    found = {spec.name: spec for spec in model.outputs}
    for path, term in terms(manifest):
        if not isinstance(term, Told):
            continue
        spec = found.get(term.output)
        if spec is None:
            yield unknown(where(*path, 'output'), term.output, found, 'the outputs of the model')
            continue
        count = math.prod(1 if size is None else size for size in spec.shape)
        if count != term.size:
            yield BundleError(where(*path, 'size'), term.size,
                              f'{count}, as the model has {_shown(spec.shape)}', 'correct it')
        if spec.dtype != 'float32':
            yield BundleError(f'the type of output {term.output}, {where(*path, "output")},',
                              spec.dtype, 'float32', ONE_TYPE)


def _or_recurrent(manifest, model, spec):
    """Return what to say where an input looks like the state that an unused output answers."""
    unused = [out.name for out in model.outputs if out.name not in manifest.output_specs
              and (out.shape, out.dtype) == (spec.shape, spec.dtype)]
    return f'. If it is a state of the model, name it in recurrent, with output: ' \
        f'{" or ".join(unused)}' if unused else ''


def _fits(shape, actual):
    return len(shape) == len(actual) and all(
        b is None or a == b for a, b in zip(shape, actual))


def _shown(shape):
    return str(tuple('any' if size is None else size for size in shape)).replace("'", '')
