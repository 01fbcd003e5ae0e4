"""The model card of the detector bundle."""
from training.detector.classes import CLASSES
from training.detector.evaluate import table

TEXT = """# {name}

Finds {classes} in a robot's camera picture.

- **Input**: one picture, 240 x 320, rgb8. **Output**: for each object a score, a box, and the
  pixel of the point that perception lifts to 3D (`anchor_z` in `detector.yaml`).
- **Network**: 0.2 million parameters, three scales, stride 4; after CenterNet (Zhou et al. 2019).
- **Training data**: {samples} randomised renders of this project's simulator (light, surfaces,
  colours, camera mounting, arms searching, grasping and carrying). No photograph of a real
  place was used: on a real camera it has to be trained anew or at least measured.
- **Training**: `python -m training.detector.train --seed {seed} --samples {samples} --updates
  {updates} --threads {threads}`, {minutes:.0f} minutes of one core here.
- **Measured** on {count} held-out renders of each scene (seeds from {first}), by
  `python -m training.detector.evaluate`, which says what the figures mean:

{table}

Latency of the whole pipeline, one CPU thread: {latency}.

**Limits.** One plane per class: an object that is lifted, or stands on something, is placed where
its ray meets the plane it should stand on. Licence: Apache-2.0.
"""


def card(arguments: dict, minutes: float, report: dict) -> str:
    """Return the card, Markdown."""
    latency = '; '.join(f'{scene} {row["p50"]:.1f} ms (p95 {row["p95"]:.1f} ms)'
                        for scene, row in report['latency_ms'].items())
    return TEXT.format(
        name=arguments['out'].name, classes=', '.join(c.class_id for c in CLASSES),
        minutes=minutes, table=table(report), latency=latency, count=report['samples_a_scene'],
        first=report['first_seed'],
        **{k: arguments[k] for k in ('seed', 'samples', 'updates', 'threads')})
