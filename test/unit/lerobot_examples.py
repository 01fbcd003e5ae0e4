"""Checkpoints as LeRobot writes them, for tests without torch: configuration and statistics."""
import json

import numpy as np

STATE, IMAGE, ACTION = 'observation.state', 'observation.images.top', 'action'
MEAN = {STATE: [0.5, -1.0], ACTION: [2.0, 3.0], IMAGE: [0.485, 0.456, 0.406]}
STD = {STATE: [0.25, 0.5], ACTION: [0.5, 0.125], IMAGE: [0.229, 0.224, 0.225]}
CONFIG = {
    'type': 'act', 'n_obs_steps': 1, 'chunk_size': 20, 'n_action_steps': 20, 'dim_model': 32,
    'input_features': {IMAGE: {'type': 'VISUAL', 'shape': [3, 64, 96]},
                       STATE: {'type': 'STATE', 'shape': [2]}},
    'output_features': {ACTION: {'type': 'ACTION', 'shape': [2]}},
    'normalization_mapping': {'VISUAL': 'MEAN_STD', 'STATE': 'MEAN_STD', 'ACTION': 'MEAN_STD'},
}
OLD_CONFIG = {
    'n_obs_steps': 1, 'chunk_size': 20, 'n_action_steps': 20, 'dim_model': 32,
    'input_shapes': {IMAGE: [3, 64, 96], STATE: [2]}, 'output_shapes': {ACTION: [2]},
    'input_normalization_modes': {IMAGE: 'mean_std', STATE: 'mean_std'},
    'output_normalization_modes': {ACTION: 'mean_std'},
}


def safetensors(tensors) -> bytes:
    """Return the bytes of a safetensors file with float32 tensors."""
    header, body = {'__metadata__': {'format': 'pt'}}, b''
    for name, values in tensors.items():
        data = np.asarray(values, '<f4')
        header[name] = {'dtype': 'F32', 'shape': list(data.shape),
                        'data_offsets': [len(body), len(body) + data.nbytes]}
        body += data.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, 'little') + text + body


def stats(*names, form='{}.{}'):
    """Return mean and std of features, named by a form of feature and statistic."""
    return {form.format(name.replace('.', '_') if '_' in form else name, kind): np.reshape(
        values[name], (-1, 1, 1) if name == IMAGE else -1)
        for name in names for kind, values in (('mean', MEAN), ('std', STD))}


def write_buffers(folder, config=CONFIG):
    """Write a checkpoint as LeRobot 0.1 to 0.3 does: statistics among the weights."""
    folder.mkdir(exist_ok=True)
    (folder / 'config.json').write_text(json.dumps(config))
    (folder / 'model.safetensors').write_bytes(safetensors({
        **stats(STATE, IMAGE, form='normalize_inputs.buffer_{}.{}'),
        **stats(ACTION, form='normalize_targets.buffer_{}.{}'),
        **stats(ACTION, form='unnormalize_outputs.buffer_{}.{}'), 'model.head': [1.0]}))
    return folder


def write_processors(folder, config=CONFIG):
    """Write a checkpoint as LeRobot 0.4 does: statistics in files of their own."""
    folder.mkdir(exist_ok=True)
    (folder / 'config.json').write_text(json.dumps(config))
    (folder / 'model.safetensors').write_bytes(safetensors({'model.head': [1.0]}))
    for side, step, kinds in (('pre', 'normalizer_processor', (STATE, IMAGE, ACTION)),
                              ('post', 'unnormalizer_processor', (ACTION,))):
        state = f'policy_{side}processor_{step}.safetensors'
        (folder / state).write_bytes(safetensors(stats(*kinds)))
        steps = [{'registry_name': 'device_processor', 'config': {'device': 'cuda'}},
                 {'registry_name': step, 'config': {'eps': 1e-8}, 'state_file': state}]
        (folder / f'policy_{side}processor.json').write_text(json.dumps({'steps': steps}))
    return folder
