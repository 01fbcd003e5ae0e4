"""A model in ONNX Runtime, in this process."""
import ctypes
from typing import Sequence

from physai_ros.core.errors import BundleError
from physai_ros.inference.model import TensorSpec

CPU = 'CPUExecutionProvider'
_NUMPY = {'float': 'float32', 'double': 'float64'}


class OnnxModel:
    """
    One session on one thread that does not spin: the other nodes need the processor.

    ``provider`` tells what it runs on, ``notes`` why the preferred ones are not used,
    ``metadata`` what the exporter wrote into the file, texts by key.

    :param model_bytes: a verified, self-contained ONNX model
    :param providers: names of execution providers of ONNX Runtime, the preferred one first
    :raises BundleError: when ONNX Runtime refuses the model, or has none of the providers
    """

    def __init__(self, model_bytes: bytes, providers: Sequence[str] = (CPU,)):
        import onnxruntime
        self.notes = []
        try:
            self._session, self.provider = self._open(onnxruntime, model_bytes, providers)
            self._session._model_bytes = None   # kept for its fallback, which is off
            _give_back()
            self.inputs = tuple(map(_spec, self._session.get_inputs()))
            self.outputs = tuple(map(_spec, self._session.get_outputs()))
            self.metadata = _metadata(self._session)
        except BundleError:
            raise
        except Exception as error:  # ONNX Runtime's errors share no public base class
            raise BundleError('the model is refused by ONNX Runtime '
                              f'{onnxruntime.__version__}', None, 'a model it can run',
                              _first_line(error)) from None
        self._names = [spec.name for spec in self.outputs]

    def run(self, inputs):
        """
        Run the model once.

        :param inputs: arrays by input name
        :return: arrays by output name
        :raises BundleError: when names, shapes or types do not fit, or the model fails
        """
        try:
            answers = self._session.run(self._names, dict(inputs))
        except Exception as error:  # ONNX Runtime's errors share no public base class
            raise BundleError('the model failed', None, 'an answer', _first_line(error)) from None
        return dict(zip(self._names, answers))

    def _open(self, onnxruntime, model_bytes, providers):
        """Return a session of the first provider that works, and its name."""
        available = onnxruntime.get_available_providers()
        for name in providers:
            if name not in available:
                self.notes.append(f'{name} is not in this ONNX Runtime')
                continue
            try:
                session = onnxruntime.InferenceSession(
                    model_bytes, _options(onnxruntime),
                    providers=list(dict.fromkeys([name, CPU])), enable_fallback=0)
            except Exception as error:  # ONNX Runtime's errors share no public base class
                if name == providers[-1]:
                    raise
                self.notes.append(f'{name} failed ({_first_line(error)})')
                continue
            if session.get_providers()[0] == name:
                return session, name
            self.notes.append(f'{name} did not start on this machine')
        raise BundleError('the execution providers', list(providers),
                          f'one that works here, of {", ".join(available)}',
                          f'append {CPU} to the list ({"; ".join(self.notes)})')


def _give_back():
    """Give the memory that loading took and freed back to the system; glibc keeps it else."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):  # another C library
        pass


def _metadata(session):
    try:
        return dict(session.get_modelmeta().custom_metadata_map)
    except UnicodeDecodeError:  # nothing that a model needs in order to run
        return {}


def _options(onnxruntime):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    options.log_severity_level = 3
    return options


def _spec(node):
    shape = tuple(size if isinstance(size, int) else None for size in node.shape)
    kind = node.type.partition('(')[2].rstrip(')') or node.type
    return TensorSpec(node.name, shape, _NUMPY.get(kind, kind))


def _first_line(error):
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else repr(error)
