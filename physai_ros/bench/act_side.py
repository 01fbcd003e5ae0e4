"""
One side of the comparison with LeRobot, in a process of its own: observations to actions.

``python -m physai_ros.bench.act_side KIND FOLDER`` with KIND ``bundle`` or ``lerobot`` prints the
monotonic time of its first answer; then, for each line it reads, the seconds that an answer took,
by the clock and of processor time, and its memory, as JSON.
"""
import json
import sys
import time

CAMERA, STATE = 'observation.images.top', 'observation.state'


def bundle(folder):
    """Return a function from (state, pixels) to actions the way a policy node goes."""
    from physai_ros.bundle.action import Decoder
    from physai_ros.bundle.files import load_bundle
    from physai_ros.bundle.observation import Assembler
    from physai_ros.core.types import Image, JointState
    from physai_ros.inference.onnx import OnnxModel
    loaded = load_bundle(folder)
    model, manifest = OnnxModel(loaded.model_bytes), loaded.manifest
    assembler, decoder = Assembler(manifest), Decoder(manifest)
    (joints,), (camera,) = manifest.inputs[STATE], manifest.inputs[CAMERA]
    del loaded

    def answer(state, pixels):
        now_ns = time.time_ns()
        assembler.feed(joints.topic, JointState(now_ns, joints.joints, state))
        assembler.feed(camera.topic, Image(now_ns, 'camera', pixels))
        chunk, = decoder.decode(model.run(assembler.assemble(now_ns).inputs), now_ns)
        return chunk.positions
    return answer


def lerobot(folder):
    """Return the same function the way LeRobot goes, on one thread."""
    from lerobot.policies.act.modeling_act import ACTPolicy
    from lerobot.policies.factory import make_pre_post_processors
    import torch
    torch.set_num_threads(1)
    policy = ACTPolicy.from_pretrained(folder)
    before, after = make_pre_post_processors(policy.config, folder)

    def answer(state, pixels):
        picture = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
        batch = before({STATE: torch.from_numpy(state), CAMERA: picture})
        return after(policy.predict_action_chunk(batch))[0].numpy()
    return answer


def memory_mb() -> dict:
    """Return resident memory of this process, now and at most."""
    with open('/proc/self/status') as status:
        fields = dict(line.split(':', 1) for line in status)
    return {key: int(fields[name].split()[0]) / 1024
            for key, name in (('rss_mb', 'VmRSS'), ('peak_mb', 'VmHWM'))}


def main(kind, folder, height, width):
    """Answer once, then as often as a line comes."""
    out, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    import numpy as np
    answer = {'bundle': bundle, 'lerobot': lerobot}[kind](folder)
    random = np.random.default_rng(0)
    state = random.standard_normal(14).astype(np.float32)
    pixels = random.integers(0, 256, (int(height), int(width), 3), np.uint8)
    first = answer(state, pixels)
    print(json.dumps({'ready': time.monotonic(), 'action': float(first[-1, -1])}), file=out,
          flush=True)
    for _ in sys.stdin:
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        answer(state, pixels)
        print(json.dumps({'wall_s': time.perf_counter() - start_s,
                          'cpu_s': time.process_time() - start_cpu_s, **memory_mb()}),
              file=out, flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
