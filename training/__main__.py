"""Train the default bundles, or some: `python -m training [detector kitting inspection]`."""
import argparse
import subprocess
import sys

PARTS = {'detector': 'workbench_detector', 'kitting': 'kitting', 'inspection': 'inspection'}


def main():
    """Run the trainings one after the other; kitting needs the detector."""
    parser = argparse.ArgumentParser(prog='python -m training', description=__doc__)
    parser.add_argument('parts', nargs='*', metavar='PART',
                        help=f'{", ".join(PARTS)}; all by default')
    parts = parser.parse_args().parts or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f'{", ".join(unknown)}: choose from {", ".join(PARTS)}')
    for part in parts:
        print(f'training {part}', flush=True)
        subprocess.run([sys.executable, '-m', f'training.{part}.train', '--out',
                        f'models/{PARTS[part]}'], check=True)


if __name__ == '__main__':
    main()
