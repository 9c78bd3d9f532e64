#!/usr/bin/env python3
"""The standard's own cases, as the installed `onnx` package makes and carries them, in the layout that `samoyed test` runs.

    make_cases.py FOLDER        FOLDER/<group>/<case>/{model.onnx, test_data_set_<n>/*.pb}, FOLDER/manifest.json

Groups: node (made by the package's code), simple, pytorch-converted and pytorch-operator (files of the package), light (its models
with constant weights; their input is a ramp, as in the package's own runner). manifest.json holds each case's tolerance and whether
its outputs are random numbers.
"""
import json
import os
import pathlib
import shutil
import sys
import warnings

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case import model as model_cases
from onnx.backend.test.case import node as node_cases

WRITERS = {"map_type": numpy_helper.from_dict, "sequence_type": numpy_helper.from_list, "optional_type": numpy_helper.from_optional,
           "tensor_type": numpy_helper.from_array}


def operators(graph, functions):
    """The operators of a graph, its bodies and the model's functions."""
    found = set()
    for node in [*graph.node, *(n for f in functions for n in f.node)]:
        found.add((node.domain, node.op_type))
        for attribute in node.attribute:
            for body in [attribute.g, *attribute.graphs] if attribute.HasField("g") or attribute.graphs else []:
                found |= operators(body, [])
    return found


def is_random(model):
    """Whether an output depends on numbers drawn at random, by Bernoulli or by Dropout in training."""
    drawing = {op for _, op in operators(model.graph, model.functions)} & {"Bernoulli", "RandomUniformLike", "RandomNormalLike", "RandomUniform", "RandomNormal", "Multinomial"}
    return bool(drawing) or "training_dropout" in model.graph.name and "zero_ratio" not in model.graph.name


def write(folder, model, data_sets):
    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    given = [i for i in model.graph.input if i.name not in {t.name for t in model.graph.initializer}]
    for n, (inputs, outputs) in enumerate(data_sets):
        data = folder / f"test_data_set_{n}"
        data.mkdir()
        for kind, values, infos in (("input", inputs, given), ("output", outputs, model.graph.output)):
            for i, (value, info) in enumerate(zip(values, infos)):
                proto = value if isinstance(value, TensorProto) else WRITERS[info.type.WhichOneof("value")](value, info.name)
                (data / f"{kind}_{i}.pb").write_bytes(proto.SerializeToString())


def write_light(folder, source):
    model = onnx.load(source)
    fixed = {t.name for t in model.graph.initializer}
    inputs = []
    for info in model.graph.input:
        if info.name not in fixed:
            dims = [d.dim_value or 1 for d in info.type.tensor_type.shape.dim]
            count = int(np.prod(dims))
            inputs.append((np.arange(count).reshape(dims) / count).astype(np.float32))
    outputs = [onnx.load_tensor(source.with_name(f"{source.stem}_output_{i}.pb")) for i in range(len(model.graph.output))]
    write(folder, model, [(inputs, outputs)])
    return model


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 2
    warnings.filterwarnings("ignore")
    np.seterr(all="ignore")
    root = pathlib.Path(sys.argv[1])
    shutil.rmtree(root, ignore_errors=True)
    manifest = {}

    def note(group, name, model, rtol, atol):
        manifest[f"{group}/{name}"] = {"rtol": rtol, "atol": atol, "random": is_random(model), "ops": sorted(f"{d}::{op}" if d else op for d, op in operators(model.graph, model.functions))}

    for case in [*node_cases.collect_testcases(None), *(c for c in model_cases.collect_testcases() if c.model is not None)]:
        write(root / case.kind / case.name, case.model, case.data_sets)
        note(case.kind, case.name, case.model, case.rtol, case.atol)
    data = pathlib.Path(onnx.__file__).parent / "backend/test/data"
    for group in ("simple", "pytorch-converted", "pytorch-operator"):
        for folder in sorted((data / group).iterdir()):
            if (folder / "model.onnx").exists() and not (root / group / folder.name).exists():
                shutil.copytree(folder, root / group / folder.name)
                note(group, folder.name, onnx.load(folder / "model.onnx"), 1e-3, 1e-7)
    light = {os.path.basename(c.url): c for c in model_cases.collect_testcases() if c.url}
    for name, case in light.items():
        if (data / "light" / name).exists():
            note("light", case.name, write_light(root / "light" / case.name, data / "light" / name), case.rtol, case.atol)
    (root / "manifest.json").write_text(json.dumps(manifest, indent=1))
    print(f"{len(manifest)} cases of onnx {onnx.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
