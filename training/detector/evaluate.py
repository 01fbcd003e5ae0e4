"""
Measure a detector bundle on held-out renders of the default fleet: what it finds, and where.

A detection is right when the class is, and the box overlaps the truth's by half (IoU) or their
centres are within 5 pixels. To be found are objects of which at least 30 % and the anchor are in
sight; others of which 5 % are visible count neither way. Position errors are horizontal, in
``base_link``, of objects that stand where the profile's support plane says; the camera's mounting
is as inexact as in the simulator, and TF does not know it.
"""
import argparse
import json
from pathlib import Path
import time

import numpy as np
from physai_ros.bundle.detector import load_detector
from physai_ros.core.types import Image
from physai_ros.perception.pipeline import Pipeline
from rich.progress import track
from training.detector.classes import CLASSES, IGNORED_VISIBLE, MIN_VISIBLE
from training.detector.inspection import InspectionStage
from training.detector.kitting import KittingStage

HELD_OUT = 100_000
STAGES = {'kitting': KittingStage, 'inspection': InspectionStage}
MIN_IOU, MAX_DISTANCE_PX = 0.5, 5.0
ON_PLANE_M = 0.006
CLEAR_VISIBLE = 0.9


def evaluate(bundle, samples: int = 500, seed: int = HELD_OUT) -> dict:
    """
    Measure on renders of each scene.

    :param bundle: a verified detector bundle
    :param samples: pictures of each scene
    :param seed: of the first picture
    :return: per class ``precision``, ``recall``, ``to_find``, and errors in mm for all found and
        for the clear ones (90 % visible); per scene ``latency_ms`` of the whole pipeline
    """
    tallies = {c.class_id: Tally() for c in CLASSES}
    latency = {}
    for task, stage_class in STAGES.items():
        stage, spent = stage_class(), []
        perception = stage.profile.perception
        pipeline = Pipeline(bundle, perception)
        try:
            for k in track(range(samples), f'measure {task}'):
                shot = stage.shoot(seed + k)
                begun = time.perf_counter()
                seen = pipeline.process(Image(0, stage.profile.camera.frame, shot.pixels),
                                        shot.camera, shot.base_t_camera)
                spent.append(1e3 * (time.perf_counter() - begun))
                for kind, known in enumerate(CLASSES):
                    tallies[known.class_id].add(kind, seen, shot, perception.support_planes)
        finally:
            stage.close()
        latency[task] = _percentiles(spent)
    return {'samples_a_scene': samples, 'first_seed': seed, 'latency_ms': latency,
            'classes': {name: tally.report() for name, tally in tallies.items()}}


class Tally:
    """Counts of one class, and the errors of what was found: rows x, y (mm) and clear or not."""

    def __init__(self):
        self.found, self.to_find, self.wrong = 0, 0, 0
        self.errors = []

    def add(self, kind, seen, shot, planes):
        """Count one picture."""
        class_id = CLASSES[kind].class_id
        boxes = [d for d in seen.detections if d.class_id == class_id]
        best = next((o for o in seen.objects.items if o.class_id == class_id), None)
        rows = shot.labels[shot.labels[:, 0] == kind]
        visible = float(rows[0, 1]) if len(rows) else 0.0
        there = visible > IGNORED_VISIBLE
        right = [b for b in boxes if there and _same(b, rows[0, 4:])]
        self.wrong += len(boxes) - min(len(right), 1)
        if visible < MIN_VISIBLE or not _in_picture(rows[0, 2:4], shot.pixels):
            return
        self.to_find += 1
        self.found += bool(right)
        place = shot.truth.get(class_id)
        if place is None or not right or best is None:
            return
        if abs(place[2] - planes[class_id]) < ON_PLANE_M:
            self.errors.append((*(1e3 * (best.position - place)[:2]), visible >= CLEAR_VISIBLE))

    def report(self) -> dict:
        """Return the figures of this class."""
        seen = self.found + self.wrong
        errors = np.array(self.errors).reshape(-1, 3)
        return {'to_find': self.to_find,
                'recall': self.found / max(self.to_find, 1),
                'precision': self.found / max(seen, 1),
                'error_mm': _errors(errors), 'error_clear_mm': _errors(errors[errors[:, 2] > 0])}


def _in_picture(point, pixels) -> bool:
    height, width = pixels.shape[:2]
    return 0 <= point[0] <= width - 1 and 0 <= point[1] <= height - 1


def _same(detection, box) -> bool:
    low, high = box[:2], box[2:]
    centre, half = np.array(detection.center), np.array(detection.size) / 2
    if np.hypot(*(centre - (low + high) / 2)) <= MAX_DISTANCE_PX:
        return True
    shared = np.clip(np.minimum(high, centre + half) - np.maximum(low, centre - half), 0, None)
    overlap = np.prod(shared)
    return bool(overlap >= MIN_IOU * (np.prod(high - low) + np.prod(2 * half) - overlap))


def _errors(rows) -> dict:
    if not len(rows):
        return {'count': 0}
    distance = np.hypot(rows[:, 0], rows[:, 1])
    return {'count': len(rows), 'mean': distance.mean(), **_percentiles(distance),
            'bias_xy': rows[:, :2].mean(axis=0).tolist(),
            'sigma_xy': rows[:, :2].std(axis=0).tolist()}


def _percentiles(values) -> dict:
    return {f'p{q}': float(np.percentile(values, q)) for q in (50, 95)}


def table(report: dict) -> str:
    """Return a report as a Markdown table."""
    lines = ['| class | to find | precision | recall | error, clear: p50 | p95 | all: p50 | p95 |',
             '|---|---|---|---|---|---|---|---|']
    for name, row in report['classes'].items():
        errors = [row[part].get(q) for part in ('error_clear_mm', 'error_mm')
                  for q in ('p50', 'p95')]
        cells = ['—' if e is None else f'{e:.1f} mm' for e in errors]
        lines.append(f'| {name} | {row["to_find"]} | {row["precision"]:.3f} | {row["recall"]:.3f} '
                     f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def main():
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--bundle', default='workbench_detector', help='name or folder')
    parser.add_argument('--samples', type=int, default=500, help='pictures of each scene')
    parser.add_argument('--seed', type=int, default=HELD_OUT)
    parser.add_argument('--json', type=Path, help='where to write all figures')
    arguments = parser.parse_args()
    report = evaluate(load_detector(arguments.bundle), arguments.samples, arguments.seed)
    print(table(report))
    print(json.dumps(report['latency_ms']))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + '\n')


if __name__ == '__main__':
    main()
