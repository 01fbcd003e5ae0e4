"""Two threads of inference that never rest: the load that command has to be on time under."""
import os
import threading

import numpy as np
from physai_ros.bench.models import mlp
from physai_ros.inference.onnx import OnnxModel

THREADS, INPUTS, WIDTH = 2, 48, 1024
NICE = 5    # as policy and perception


def main():
    """Infer until the process is ended."""
    os.nice(NICE)
    threads = [threading.Thread(target=_infer, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _infer():
    model, state = OnnxModel(mlp(INPUTS, 14, 20, WIDTH)), np.zeros((1, INPUTS), np.float32)
    while True:
        model.run({'state': state})


if __name__ == '__main__':
    main()
