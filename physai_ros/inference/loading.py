"""From the name of a bundle to a model that is ready to answer, on the caller's thread or not."""
from concurrent.futures import Future
from dataclasses import dataclass
import threading
from typing import Callable, Optional, Sequence

from physai_ros.bundle.check import preflight
from physai_ros.bundle.files import Bundle, load_bundle
from physai_ros.bundle.outputs.base import Solver
from physai_ros.inference.differential_ik import solver_for
from physai_ros.inference.model import Model, warm_up
from physai_ros.inference.onnx import CPU, OnnxModel


@dataclass(frozen=True, eq=False)
class Loaded:
    """
    A verified bundle that fits the robot, its model, warmed up, and its Decoder's solver.

    The bundle is without the bytes of the model: they are in the model.
    """

    bundle: Bundle
    model: Model
    solver: Optional[Solver] = None

    @property
    def manifest(self):
        """Return the manifest."""
        return self.bundle.manifest

    @property
    def title(self) -> str:
        """Return name and version."""
        return f'{self.bundle.name} {self.bundle.version}'

    @property
    def text(self) -> str:
        """Return what is loaded and where it runs, in a line for the log."""
        notes = ''.join(f'; {note}' for note in self.model.notes)
        return (f'{self.title} (sha256 {self.bundle.sha256}) runs on '
                f'{self.model.provider}{notes}')


class Loader:
    """
    Verifies bundles, compares them with a robot, loads and warms up their models.

    :param profile: the robot's robots.profile.Profile, or None
    :param description: the robot's robots.urdf.Description
    :param providers: execution providers, the preferred one first
    :param read: function from name or folder to a verified bundle
    """

    def __init__(self, profile, description, providers: Sequence[str] = (CPU,),
                 read: Callable[[str], Bundle] = load_bundle):
        self._robot, self._providers, self._read = (profile, description), providers, read

    def __call__(self, which: str) -> Loaded:
        """
        Load a bundle.

        :param which: name or folder
        :raises PhysaiError: when it cannot be trusted, or does not fit
        """
        bundle = self._read(which)
        model = OnnxModel(bundle.model_bytes, self._providers)
        preflight(bundle.manifest, model, *self._robot, bundle.lines, bundle.tokenizer_json)
        solver = solver_for(bundle.manifest, self._robot[1].text)
        warm_up(model)
        return Loaded(bundle.without_model(), model, solver)


def in_thread(function: Callable, *arguments) -> Future:
    """Call a function in a thread that does not keep the process alive."""
    future = Future()

    def work():
        try:
            future.set_result(function(*arguments))
        except BaseException as error:  # whatever it is, it is for the one who asks
            future.set_exception(error)
    threading.Thread(target=work, name='loading', daemon=True).start()
    return future
