"""From torch to the bytes of an ONNX model."""
import io
import warnings

import torch


def to_onnx(module: torch.nn.Module, inputs: dict, output: str) -> bytes:
    """
    Return a self-contained ONNX model.

    :param inputs: example tensor by input name, batch dimension 1
    :param output: name of the one output
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # the exporter that needs no further package calls itself deprecated
        warnings.simplefilter('ignore')
        torch.onnx.export(module.eval(), tuple(inputs.values()), buffer, dynamo=False,
                          opset_version=17, input_names=list(inputs), output_names=[output])
    return buffer.getvalue()
