"""Operators on random cases against ONNX Runtime: what ml_operators.py and microsoft_operators.py share.

A generator is a function of a numpy random generator that returns a Case. Each case becomes a folder in ONNX's test layout whose
expected outputs are ONNX Runtime's, and `samoyed test` compares. Cases that ONNX Runtime refuses are left out and counted.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnxruntime as ort
from onnx import AttributeProto, TensorProto, helper, numpy_helper

ort.set_default_logger_severity(4)

TYPES = {"float": TensorProto.FLOAT, "double": TensorProto.DOUBLE, "float16": TensorProto.FLOAT16, "int64": TensorProto.INT64,
         "int32": TensorProto.INT32, "int16": TensorProto.INT16, "int8": TensorProto.INT8, "uint8": TensorProto.UINT8,
         "uint16": TensorProto.UINT16, "uint32": TensorProto.UINT32, "uint64": TensorProto.UINT64, "bool": TensorProto.BOOL,
         "string": TensorProto.STRING}


@dataclass
class Case:
    op: str
    inputs: list                      # arrays, dictionaries, or None for an input that is absent
    attributes: dict = field(default_factory=dict)
    domain: str = "com.microsoft"
    version: int = 1
    outputs: int = 1
    constants: tuple = ()             # inputs that are initializers, by index
    unnamed: tuple = ()               # outputs that the node leaves out, by index
    rtol: float = 1e-5
    atol: float = 1e-6
    model: object = None              # a whole ModelProto in the place of the one node: its inputs take `inputs` in order
    types: dict = field(default_factory=dict)  # TypeProtos of inputs that are neither tensors nor maps, by index
    oracle: object = None             # a function of the inputs that are fed, whose results come before the peers' opinions
    check: object = None              # of random operators: a function of the outputs that returns None or what is wrong with them
    reproducible: bool = True         # of random operators: whether two runs have to give the same


def type_proto(text):
    """The TypeProto of ONNX Runtime's name of a type: "seq(map(string,tensor(float)))"."""
    inner = lambda t: t[t.index("(") + 1:-1]
    if text.startswith("tensor("):
        return helper.make_tensor_type_proto(TYPES[inner(text)], None)
    if text.startswith("seq("):
        return helper.make_sequence_type_proto(type_proto(inner(text)))
    key, value = inner(text).split(",", 1)
    return helper.make_map_type_proto(TYPES[key], type_proto(value))


def map_type(d):
    (key, value), = list(d.items())[:1] or [(0, 0.0)]
    return helper.make_map_type_proto(TensorProto.STRING if isinstance(key, str) else TensorProto.INT64,
                                      helper.make_tensor_type_proto(element_type(np.asarray(value)), None))


def element_type(array):
    return TensorProto.STRING if array.dtype.kind in "UO" else helper.np_dtype_to_tensor_dtype(array.dtype)


def to_proto(value, name, type_):
    """A value as the message that a .pb file of a declared type holds."""
    kind = type_.WhichOneof("value")
    if kind == "optional_type":
        elem = type_.optional_type.elem_type
        sequence = elem.WhichOneof("value") == "sequence_type"
        out = onnx.OptionalProto(name=name, elem_type=onnx.OptionalProto.SEQUENCE if sequence else onnx.OptionalProto.TENSOR)
        if value is not None:
            (out.sequence_value if sequence else out.tensor_value).CopyFrom(to_proto(value, "", elem))
        return out
    if kind == "sequence_type":
        elem = type_.sequence_type.elem_type
        seq = onnx.SequenceProto(name=name)
        if elem.WhichOneof("value") == "map_type":
            seq.elem_type = onnx.SequenceProto.MAP
            seq.map_values.extend(to_proto(v, "", elem) for v in value)
        else:
            seq.elem_type = onnx.SequenceProto.TENSOR
            seq.tensor_values.extend(to_proto(v, "", elem) for v in value)
        return seq
    if kind == "map_type":
        out = onnx.MapProto(name=name, key_type=type_.map_type.key_type)
        for key in sorted(value):
            (out.string_keys.append(key.encode()) if isinstance(key, str) else out.keys.append(key))
        out.values.elem_type = onnx.SequenceProto.TENSOR
        dtype = helper.tensor_dtype_to_np_dtype(type_.map_type.value_type.tensor_type.elem_type)
        out.values.tensor_values.extend(numpy_helper.from_array(np.asarray(value[k], dtype)) for k in sorted(value))
        return out
    array = np.asarray(value)
    return numpy_helper.from_array(array.astype(object) if array.dtype.kind == "U" else array, name)


def make_model(case, default_opset=21):
    if case.model is not None:
        model = onnx.ModelProto()
        model.CopyFrom(case.model)
        return model
    graph_inputs, initializers, names = [], [], []
    for i, value in enumerate(case.inputs):
        absent = value is None and i not in case.types
        names.append("" if absent else f"x{i}")
        if absent:
            continue
        if i in case.constants:
            initializers.append(to_proto(value, f"x{i}", onnx.TypeProto(tensor_type=onnx.TypeProto.Tensor())))
            continue
        type_ = case.types[i] if i in case.types else map_type(value) if isinstance(value, dict) else helper.make_tensor_type_proto(element_type(np.asarray(value)), np.shape(value))
        graph_inputs.append(helper.make_value_info(f"x{i}", type_))
    made = ["" if i in case.unnamed else f"y{i}" for i in range(case.outputs)]
    node = helper.make_node(case.op, names, made, domain=case.domain, **{k: v for k, v in case.attributes.items() if v != []})
    node.attribute.extend(helper.make_attribute(k, [], attr_type=AttributeProto.INTS) for k, v in case.attributes.items() if v == [])
    graph = helper.make_graph([node], "case", graph_inputs, [onnx.ValueInfoProto(name=name) for name in made if name], initializers)
    imports = [helper.make_opsetid("", default_opset if case.domain else case.version)]
    if case.domain:
        imports.append(helper.make_opsetid(case.domain, case.version))
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


def save_case(folder, model, inputs, outputs, output_types):
    for info, type_ in zip(model.graph.output, output_types):
        info.type.CopyFrom(type_)
    data = os.path.join(folder, "test_data_set_0")
    os.makedirs(data)
    onnx.save(model, os.path.join(folder, "model.onnx"))
    for i, (info, value) in enumerate(zip(model.graph.input, inputs)):
        with open(f"{data}/input_{i}.pb", "wb") as f:
            f.write(to_proto(value, info.name, info.type).SerializeToString())
    for i, (info, value) in enumerate(zip(model.graph.output, outputs)):
        with open(f"{data}/output_{i}.pb", "wb") as f:
            f.write(to_proto(value, info.name, info.type).SerializeToString())


def write_case(folder, case):
    """None, or ONNX Runtime's refusal."""
    model = make_model(case)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    fed = [v for i, v in enumerate(case.inputs) if v is not None and i not in case.constants]
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        outputs = session.run(None, {info.name: v for info, v in zip(model.graph.input, fed)})
    except Exception as error:  # whatever it throws is a refusal
        return str(error)
    save_case(folder, model, fed, outputs, [type_proto(o.type) for o in session.get_outputs()])
    return None


def compare(args, name, generate, key=None):
    """Runs one operator's cases and prints what differs. Returns its row of the table."""
    key = key or name
    root = os.path.join(args.work, key)
    shutil.rmtree(root, ignore_errors=True)
    refusals, tolerances, count, versions = {}, {}, 0, set()
    for i in range(3 * args.cases):
        if count == args.cases:
            break
        case = generate(np.random.default_rng([args.seed, zlib.crc32(name.encode()), i]))
        refusal = write_case(os.path.join(root, f"{i:03d}"), case)
        tolerances[f"{key}/{i:03d}"] = {"rtol": case.rtol, "atol": case.atol, "opset_import": {}, "ops": [name], "random": False}
        if refusal is not None:
            refusals.setdefault(re.sub(r"0x\w+|\d+", "N", refusal)[-160:], []).append(i)
            continue
        count += 1
        versions.add(case.version)
    row = {"operator": key, "versions": sorted(versions), "cases": count, "reference": {"ONNX Runtime": count}, "differences": 0, "explained": 0, "refused": sum(map(len, refusals.values())),
           "seed": args.seed}
    if not count:
        print(f"{key:32s} seed {args.seed}: ONNX Runtime refuses every case: {next(iter(refusals))}")
        return row
    manifest = os.path.join(args.work, key + ".json")
    with open(manifest, "w") as f:
        json.dump(tolerances, f)
    provider = args.provider if isinstance(args.provider, str) else args.provider[0]
    done = subprocess.run([args.samoyed, "test", root, "--manifest", manifest, "--provider", provider, "--no-progress"], capture_output=True, text=True)
    summary = (done.stdout.strip().splitlines() or [f"status {done.returncode}: {done.stderr.strip()[-300:]}"])[-1]
    found = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", summary)
    row["differences"] = int(found[2]) + int(found[3]) if found else count
    print(f"{key:32s} seed {args.seed}: {summary}; refused by ONNX Runtime: {row['refused']}", flush=True)
    for text, cases in refusals.items():
        print(f"    refused {len(cases)} (e.g. {cases[0]:03d}): {text}")
    if row["differences"]:
        print("\n".join("    " + line for line in (done.stdout + done.stderr).strip().splitlines()[:8]))
    return row


def main(doc, generators):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--work", required=True, help="folder for the cases (emptied first)")
    parser.add_argument("--only", nargs="*", help="operators")
    parser.add_argument("--cases", type=int, default=200, help="cases an operator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--provider", default="reference")
    args = parser.parse_args()
    rows = [compare(args, name, generators[name]) for name in args.only or generators]
    broken = sum(row["differences"] > 0 or not row["cases"] for row in rows)
    print(f"{broken} operators differ" if broken else "no operator differs")
    return 1 if broken else 0
