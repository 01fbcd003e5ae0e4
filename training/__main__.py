"""Train the default bundles, or some: `python -m training [detector kitting inspection]`."""
import argparse
import subprocess
import sys
import time

PARTS = {'detector': 'workbench_detector', 'kitting': 'kitting', 'inspection': 'inspection'}


def main():
    """Run the trainings one after the other; kitting needs the detector."""
    parser = argparse.ArgumentParser(prog='python -m training', description=__doc__)
    parser.add_argument('parts', nargs='*', metavar='PART',
                        help=f'{", ".join(PARTS)}; all by default')
    parser.add_argument('--seed', type=int, default=0, help='of everything that is drawn')
    arguments = parser.parse_args()
    parts = arguments.parts or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f'{", ".join(unknown)}: choose from {", ".join(PARTS)}')
    for part in parts:
        print(f'training {part}', flush=True)
        begun_s = time.monotonic()
        subprocess.run([sys.executable, '-m', f'training.{part}.train', '--seed',
                        str(arguments.seed), '--out', f'models/{PARTS[part]}'], check=True)
        print(f'{part}: {(time.monotonic() - begun_s) / 60.0:.0f} minutes', flush=True)


if __name__ == '__main__':
    main()
