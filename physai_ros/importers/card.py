"""The model card of an imported policy."""
import hashlib

_CARD = """# {name}

An ACT policy of LeRobot, imported by `physai import lerobot`.

- **Robot**: `{robot}`. **Answers**: {chunk} joint targets, {dt:.4g} s apart.
- **Made from**: `{folder}/model.safetensors`, SHA-256 `{sha256}`.
- **Network**: {backbone}, {layers} encoder and {decoders} decoder layers of width {width}; what
  inference does not need (the VAE's encoder) is left out, batch normalisation is in the weights.
- **Parity** with LeRobot {version} on torch {torch}, maximal absolute difference over
  {inputs} random observations: {action:.2e} rad or m of the actions, from joint states and
  pictures on (the actions' own standard deviation is {spread:.2g}); {network:.2e} of the
  network's normalised answers. Units of the joints in LeRobot: {units}.

| feature | shape | normalisation | here |
|---|---|---|---|
{rows}

The statistics of the normalisation stand in `policy.yaml`: `offset` and `scale` of the joints, in
rad or m, `mean` and `std` of the pictures. LeRobot would run {steps} steps of an answer before it
looks again; here every new answer takes over at once (docs/runtime.md).

What the policy was trained on, how well it works and its licence are not in the checkpoint: add
them here. The guard and a certified stop circuit stay between it and the robot.
"""


def card(checkpoint, manifest, parity, version, units) -> str:
    """
    Return the text of README.md.

    :param manifest: as in policy.yaml
    :param parity: importers.parity.Parity
    :param version: of LeRobot
    :param units: of the joints, as in importers.mapping.Wishes
    """
    from importlib import metadata
    with open(checkpoint.weights, 'rb') as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    config = checkpoint.config
    return _CARD.format(
        name=manifest['name'], robot=manifest['robot'], chunk=checkpoint.chunk,
        dt=1.0 / manifest['rate_hz'], folder=checkpoint.folder.resolve().name, sha256=digest,
        backbone=config.get('vision_backbone', 'no backbone'),
        layers=config.get('n_encoder_layers', 4), decoders=config.get('n_decoder_layers', 1),
        width=config.get('dim_model', 512), version=version, torch=metadata.version('torch'),
        inputs=parity.inputs, action=parity.action, spread=parity.spread, network=parity.network,
        units=', '.join(units), rows='\n'.join(_rows(checkpoint, manifest)),
        steps=config.get('n_action_steps', checkpoint.chunk))


def _rows(checkpoint, manifest):
    for feature in (*checkpoint.inputs, checkpoint.action):
        if feature.kind == 'ACTION':
            here = ', '.join(manifest['outputs'][feature.name]['joints'])
        else:
            term, = manifest['inputs'][feature.name]
            here = term.get('topic') or ', '.join(term['joints'])
        yield (f'| `{feature.name}` | {" x ".join(map(str, feature.shape))} | '
               f'{checkpoint.maps[feature.name].mode} | {here} |')
