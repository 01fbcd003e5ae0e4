"""The model card of a quantised bundle."""
_CARD = """# {name} in int8

{name} {version} (SHA-256 `{sha256}`) quantised by
`physai quantize`: ONNX Runtime, static, QDQ, per channel; {layers} layers are in int8, {stayed}
small or excepted ones stay in float.

- **Calibrated** with {calibrated} observations from {source}, compared on {compared} others.
{differences}
- **Time** of an answer on one thread here: {before_ms:.2f} ms before, {after_ms:.2f} ms after.
- **Size**: {before_mb:.1f} MB before, {after_mb:.1f} MB after.
- **Closed-loop success**: {success}

What follows is the card of the float bundle; its figures are that bundle's.

{old}"""


def card(source, report, old: str) -> str:
    """
    Return the text of README.md.

    :param source: the bundle before
    :param report: quantize.bundle.Report
    :param old: the card of the bundle before
    """
    return _CARD.format(
        name=source.name, version=source.version, sha256=source.sha256, layers=report.layers,
        stayed=report.stayed, calibrated=report.calibrated, compared=report.compared,
        source=report.source, differences='\n'.join(_differences(report)),
        before_ms=report.times_ms[0], after_ms=report.times_ms[1],
        before_mb=report.sizes[0] / 1e6, after_mb=report.sizes[1] / 1e6,
        success=success(report), old=old.replace('\n# ', '\n## ').replace('# ', '## ', 1))


def success(report) -> str:
    """Return a sentence on closed-loop success."""
    if report.success is None:
        return 'not measured: its task is not simulated, or no episode was asked for.'
    from physai_ros.evaluation.trials import wilson
    found = report.success
    parts = []
    for when, count in (('before', found.before), ('after', found.after)):
        low, high = wilson(count, found.episodes)
        parts.append(f'{count} of {found.episodes} {when} (95 % interval {low:.1%} to {high:.1%})')
    return (f'{", ".join(parts)}; seeds from {found.first_seed}, '
            'the same ones before and after.')


def _differences(report):
    for name, difference in report.differences.items():
        yield (f'- **Difference** of `{name}`, as the model answers it: at most '
               f'{difference.largest:.3g}, {difference.mean:.2g} on average, where its own '
               f'standard deviation is {difference.spread:.3g}.')
