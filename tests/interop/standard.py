"""Operators of the default domain on random cases: the comparison that standard_operators.py runs, and what its generators draw with.

The expected outputs are those of onnx's ReferenceEvaluator, or ONNX Runtime's where that refuses. A case that differs from the
ReferenceEvaluator is compared with ONNX Runtime too: where Samoyed gives ONNX Runtime's result, REFERENCE_DIFFERS of the generators
must say why, else it is a difference. A case is replayed alone with --only OP --case I and the seed that was printed.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import warnings
import zlib

import ml_dtypes
import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper
from onnx.reference import ReferenceEvaluator

from property import Case, element_type, make_model, save_case

warnings.filterwarnings("ignore")
np.seterr(all="ignore")

# Relative and absolute tolerance by what an output is rounded to.
TOLERANCE = {"float64": (1e-7, 1e-9), "float32": (1e-4, 1e-5), "float16": (4e-3, 2e-3), "bfloat16": (3e-2, 1e-2)}
NUMPY = {"float": "float32", "double": "float64"}


def dtype_of(text):
    """numpy's type of the schema's "tensor(float)"."""
    name = text[text.index("(") + 1:-1]
    if name == "string":
        return np.dtype(object)
    name = NUMPY.get(name, name)
    return np.dtype(getattr(ml_dtypes, name)) if hasattr(ml_dtypes, name) else np.dtype({"float4e2m1": getattr(ml_dtypes, "float4_e2m1fn", None)}.get(name) or
                                                                                       getattr(ml_dtypes, name.replace("float8e", "float8_e").replace("e8m0", "e8m0fnu"), None) or name)


def schema_of(op, r, first=7):
    """One of the operator's versions from opset `first` on, or the last before it."""
    versions = sorted({s.since_version for s in onnx.defs.get_all_schemas_with_history() if s.name == op and s.domain == "" and not s.deprecated})
    later = [v for v in versions if v >= first] or versions[-1:]
    version = int(r.choice(later))
    version = first if later == versions[-1:] and version < first else version
    return onnx.defs.get_schema(op, version, "")


def types_of(schema, parameter="T"):
    found = [c.allowed_type_strs for c in schema.type_constraints if c.type_param_str == parameter]
    return sorted(t for t in found[0] if t.startswith("tensor(") and "complex" not in t)


# More than this they draw only where an operator asks for it.
COMMON = {"tensor(float)", "tensor(double)", "tensor(float16)", "tensor(bfloat16)", "tensor(bool)"} | {f"tensor({u}int{n})" for u in ("", "u") for n in (8, 16, 32, 64)}


def pick_type(r, schema, parameter="T", also=()):
    return dtype_of(r.choice([t for t in types_of(schema, parameter) if t in COMMON or t in also]))


def is_float(dtype):
    return np.dtype(dtype).kind == "f" or "float" in np.dtype(dtype).name


def draw(r, dtype, shape, low=-4, high=4):
    """Values of [low, high], as far as the type has them."""
    dtype = np.dtype(dtype)
    if dtype == object:
        return r.choice(np.array(["", "a", "b", "ab", "Ä", "x y"], object), shape)
    if dtype == bool:
        return r.random(shape) < 0.5
    if is_float(dtype):
        return np.asarray(r.uniform(low, high, shape)).astype(dtype)
    least = 0 if dtype.name.startswith("u") else low
    return np.asarray(r.integers(int(np.ceil(least)), max(int(np.ceil(least)), int(high)) + 1, shape)).astype(dtype)


def shape(r, low=0, high=4, most=4, empty=0.05):
    """A shape of `low` to `high` axes of up to `most`; now and then one axis is 0."""
    out = [int(v) for v in r.integers(1, most + 1, r.integers(low, high + 1))]
    if out and r.random() < empty:
        out[int(r.integers(len(out)))] = 0
    return tuple(out)


def broadcast_shapes(r, count=2, **more):
    """`count` shapes that broadcast together."""
    full = shape(r, **more)
    out = []
    for _ in range(count):
        start = int(r.integers(0, len(full) + 1)) if r.random() < 0.4 else 0
        out.append(tuple(1 if r.random() < 0.25 else d for d in full[start:]))
    return out


def axis_of(r, rank, negative=True):
    return int(r.integers(-rank if negative else 0, rank))


def case(op, version, inputs, attributes=None, rtol=None, atol=None, **more):
    """Tolerances that are not given are those of the widest-rounded input."""
    pairs = [TOLERANCE.get(np.asarray(v).dtype.name, (0, 0)) for v in inputs if v is not None and not isinstance(v, list)] or [(0, 0)]
    return Case(op, inputs, {k: v for k, v in (attributes or {}).items() if v is not None}, domain="", version=int(version),
                rtol=max(p[0] for p in pairs) if rtol is None else rtol, atol=max(p[1] for p in pairs) if atol is None else atol, **more)


def reference(model, feeds):
    return ReferenceEvaluator(model).run(None, feeds)


def onnx_runtime(model, feeds):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    # Types that numpy has not go by OrtValue and are not asked for: such cases have the one opinion.
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, feeds)


def run_peer(peer, folder, made):
    """None, or the peer's refusal."""
    shutil.rmtree(folder, ignore_errors=True)
    model = make_model(made)
    model.ir_version = 13 if peer is reference else 10
    fed = [v for i, v in enumerate(made.inputs) if v is not None and i not in made.constants]
    try:
        outputs = [np.asarray(v) for v in peer(model, {info.name: v for info, v in zip(model.graph.input, fed)})]
        if made.op.startswith("Reduce") and peer is reference:  # numpy's sums of 32-bit integers are 64-bit; the standard's have the input's type
            outputs = [v.astype(np.asarray(made.inputs[0]).dtype) for v in outputs]
        types = [helper.make_tensor_type_proto(element_type(v), None) for v in outputs]
    except Exception as error:  # whatever it throws is a refusal
        return str(error) or repr(error)
    for info, value in zip(model.graph.input, fed):  # batches of any size, half of the time
        if len(np.shape(value)) and zlib.crc32(folder.encode()) % 2:
            info.type.tensor_type.shape.dim[0].dim_param = f"n{np.shape(value)[0]}"
    save_case(folder, model, fed, outputs, types)
    return None


def run_samoyed(samoyed, provider, root, manifest):
    done = subprocess.run([samoyed, "test", root, "--manifest", manifest, "--provider", provider, "--json", "--threads", "1"], capture_output=True, text=True)
    return {c["case"]: c for c in json.loads(done.stdout)["cases"]}


def compare(args, name, generator, explained):
    """The line of one operator: (cases, with one peer only, [(case, message)] that differ, how many are explained)."""
    numbers = [args.case] if args.case is not None else range(args.cases)
    root, manifest = os.path.join(args.work, name), os.path.join(args.work, name + ".json")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    cases, refused, by_reference, tolerances = {}, {}, set(), {}
    for i in numbers:
        made = cases[i] = generator(np.random.default_rng([args.seed, zlib.crc32(name.encode()), i]))
        folder = os.path.join(root, f"{i:03d}")
        why = run_peer(reference, folder, made)
        if why is None:
            by_reference.add(i)
        elif run_peer(onnx_runtime, folder, made) is not None:
            refused.setdefault(re.sub(r"0x\w+|\d+", "N", why)[-200:].replace("\n", " "), []).append(i)
        tolerances[f"{name}/{i:03d}"] = {"rtol": made.rtol, "atol": made.atol, "opset_import": {}, "ops": [name], "random": False}
    with open(manifest, "w") as f:
        json.dump(tolerances, f)
    wrong, second = {}, set()
    for provider in args.provider:
        results = run_samoyed(args.samoyed, provider, root, manifest)
        bad = {int(k.split("/")[-1]): v for k, v in results.items() if v["verdict"] != "passed"}
        asked = os.path.join(args.work, "second", name)
        shutil.rmtree(os.path.dirname(asked), ignore_errors=True)
        again = [i for i in bad if i in by_reference and run_peer(onnx_runtime, os.path.join(asked, f"{i:03d}"), cases[i]) is None]
        agreed = {int(k.split("/")[-1]) for k, v in run_samoyed(args.samoyed, provider, asked, manifest).items() if v["verdict"] == "passed"} if again else set()
        second |= agreed
        for i, v in bad.items():
            if i not in agreed or name not in explained:
                wrong.setdefault(i, f"{provider}: {v['message']}" + (" (ONNX Runtime agrees)" if i in agreed else " (ONNX Runtime differs too)" if i in again else ""))
    return len(cases) - sum(map(len, refused.values())), refused, wrong, second if name in explained else set(), cases


def main(doc, generators, explained):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--work", required=True, help="folder for the cases (emptied first)")
    parser.add_argument("--only", nargs="*", help="operators")
    parser.add_argument("--cases", type=int, default=200, help="cases an operator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="this case alone")
    parser.add_argument("--provider", nargs="*", default=["reference", "cpu,reference"])
    args = parser.parse_args()
    broken, total = 0, 0
    for name in args.only or generators:
        count, refused, wrong, second, cases = compare(args, name, generators[name], explained)
        total += count
        print(f"{name:28s} seed {args.seed}: {count} cases, {len(wrong)} differ" + (f", {len(second)} as ONNX Runtime: {explained[name]}" if second else ""), flush=True)
        for text, which in refused.items():
            print(f"    both peers refuse {len(which)} (e.g. {which[0]}): {text}")
        for i, message in list(wrong.items())[:6]:
            made = cases[i]
            what = ", ".join("-" if v is None else f"{np.asarray(v).dtype.name}{list(np.shape(v))}" for v in made.inputs)
            print(f"    --case {i}: {name}-{made.version}({what}) {made.attributes}: {message[:300]}")
        broken += bool(wrong) or not count
    print(f"{total} cases; " + (f"{broken} operators differ" if broken else "no operator differs"))
    return 1 if broken else 0
