"""Operators of the standard on random cases: the comparison that standard_operators.py runs, and what its generators draw with.

The expected outputs are those of the generator's own oracle (another library's function, named in ORACLES), where it has none of
onnx's ReferenceEvaluator, or ONNX Runtime's where that refuses. A case that differs from the ReferenceEvaluator is compared with ONNX
Runtime too: where Samoyed gives ONNX Runtime's result, REFERENCE_DIFFERS of the generators must say why, else it is a difference.
Where both peers refuse a case it is reported and another is drawn. A case is replayed alone with --only OP --case I and the seed
that was printed. Random operators have no expected output: their cases check statistics, and that a seed gives the same again.
"""
import argparse
import functools
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
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from property import Case, element_type, make_model, save_case, to_proto

warnings.filterwarnings("ignore")
np.seterr(all="ignore")

# Relative and absolute tolerance by what an output is rounded to.
TOLERANCE = {"float64": (1e-7, 1e-9), "float32": (1e-4, 1e-5), "float16": (4e-3, 2e-3), "bfloat16": (3e-2, 1e-2)}


def dtype_of(text):
    """numpy's type of the schema's "tensor(float)"."""
    name = text[text.index("(") + 1:-1]
    return np.dtype(object) if name == "string" else np.dtype(helper.tensor_dtype_to_np_dtype(TensorProto.DataType.Value(name.upper())))


@functools.cache
def schemas():
    """{(domain, operator): its versions, without those that only declare it deprecated}."""
    out = {}
    for s in onnx.defs.get_all_schemas_with_history():
        versions = out.setdefault((s.domain, s.name), [])
        if not s.deprecated:
            versions.append(s.since_version)
    return {key: sorted(versions) for key, versions in out.items()}


def schema_of(op, r, first=7):
    """One of the operator's versions from opset `first` on, or the last before it."""
    versions = schemas()["", op]
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


def case(op, version, inputs, attributes=None, rtol=None, atol=None, domain="", **more):
    """Tolerances that are not given are those of the widest-rounded input."""
    pairs = [TOLERANCE.get(np.asarray(v).dtype.name, (0, 0)) for v in inputs if v is not None and not isinstance(v, list)] or [(0, 0)]
    return Case(op, inputs, {k: v for k, v in (attributes or {}).items() if v is not None}, domain=domain, version=int(version),
                rtol=max(p[0] for p in pairs) if rtol is None else rtol, atol=max(p[1] for p in pairs) if atol is None else atol, **more)


def reference(model, feeds):
    return ReferenceEvaluator(model).run(None, feeds)


def onnx_runtime(model, feeds):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    # Types that numpy has not go by OrtValue and are not asked for: such cases have the one opinion.
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, feeds)


def fed_values(made):
    """The values of the model's inputs, in order."""
    if made.model is not None:
        return list(made.inputs)
    return [v for i, v in enumerate(made.inputs) if (v is not None or i in made.types) and i not in made.constants]


def output_types(model, outputs):
    """What the files of the expected outputs hold: tensors as they came, the rest as shape inference has it."""
    declared = [o.type if o.type.WhichOneof("value") else None for o in model.graph.output]
    if None in declared and (model.graph.node[0].op_type == "Optional" or any(v is None or isinstance(v, list) for v in outputs)):
        declared = [o.type for o in onnx.shape_inference.infer_shapes(model).graph.output]
    return [t if v is None or isinstance(v, list) or (t is not None and t.WhichOneof("value") == "optional_type") else helper.make_tensor_type_proto(element_type(np.asarray(v)), None)
            for v, t in zip(outputs, declared)]


def run_peer(peer, folder, made):
    """None, or the peer's refusal. No peer at all: the case's oracle."""
    shutil.rmtree(folder, ignore_errors=True)
    model = make_model(made)
    model.ir_version = 10 if peer is onnx_runtime else 13
    fed = fed_values(made)
    try:
        outputs = made.oracle(*fed) if peer is None else peer(model, {info.name: v for info, v in zip(model.graph.input, fed)})
        outputs = [v if v is None or isinstance(v, list) else np.asarray(v) for v in outputs]
        if made.op.startswith("Reduce") and peer is reference:  # numpy's sums of 32-bit integers are 64-bit; the standard's have the input's type
            outputs = [v.astype(np.asarray(made.inputs[0]).dtype) for v in outputs]
        types = output_types(model, outputs)
        if made.model is None:
            for info, value in zip(model.graph.input, fed):  # batches of any size, half of the time
                if len(info.type.tensor_type.shape.dim) and zlib.crc32(folder.encode()) % 2:
                    info.type.tensor_type.shape.dim[0].dim_param = f"n{np.shape(value)[0]}"
        save_case(folder, model, fed, outputs, types)
    except Exception as error:  # whatever it throws is a refusal
        shutil.rmtree(folder, ignore_errors=True)
        return str(error) or repr(error)
    return None


def run_samoyed(samoyed, provider, root, manifest):
    done = subprocess.run([samoyed, "test", root, "--manifest", manifest, "--provider", provider, "--json", "--threads", "1"], capture_output=True, text=True)
    if not done.stdout.strip():
        raise SystemExit(f"samoyed test {root}: status {done.returncode}: {done.stderr[-500:]}")
    return {c["case"]: c for c in json.loads(done.stdout)["cases"]}


def outputs_of(args, provider, folder, names):
    """The outputs of one run, or a message."""
    out = os.path.join(folder, "out")
    shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run([args.samoyed, "run", os.path.join(folder, "model.onnx"), "--data", os.path.join(folder, "test_data_set_0"), "--output-dir", out, "--format", "pb", "--provider", provider,
                           "--threads", "1"], capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip()[-300:]
    return [numpy_helper.to_array(onnx.load_tensor(os.path.join(out, name + ".pb"))) for name in names]


def check_random(args, root, cases):
    """{case: what is wrong} of operators whose outputs are random numbers."""
    wrong = {}
    for i, made in cases.items():
        folder = os.path.join(root, f"{i:03d}")
        model = make_model(made)
        model.ir_version = 13
        save_case(folder, model, fed_values(made), [], [])
        names = [o.name for o in model.graph.output]
        for provider in args.provider:
            first = outputs_of(args, provider, folder, names)
            message = first if isinstance(first, str) else made.check(first)
            if message is None and made.reproducible:
                again = outputs_of(args, provider, folder, names)
                if isinstance(again, str) or any(a.tobytes() != b.tobytes() for a, b in zip(first, again)):
                    message = "a second run gave something else"
            if message is not None:
                wrong.setdefault(i, f"{provider}: {message}")
    return wrong


def draw_cases(args, name, generator, root):
    """Cases until there are enough that a peer accepts: {number: (case, who said what is expected)}, and {refusal: numbers}."""
    numbers = [args.case] if args.case is not None else range(3 * args.cases)
    cases, refused = {}, {}
    for i in numbers:
        if len(cases) == args.cases:
            break
        made = generator(np.random.default_rng([args.seed, zlib.crc32(name.encode()), i]))
        folder = os.path.join(root, f"{i:03d}")
        if made.check is not None:
            cases[i] = made, "statistics"
        elif made.oracle is not None:
            why = run_peer(None, folder, made)
            if why is not None:
                raise SystemExit(f"{name}: the oracle of case {i} failed: {why}")
            cases[i] = made, "oracle"
        else:
            why = run_peer(reference, folder, made)
            if why is None:
                cases[i] = made, "ReferenceEvaluator"
            elif run_peer(onnx_runtime, folder, made) is None:
                cases[i] = made, "ONNX Runtime"
            else:
                refused.setdefault(re.sub(r"0x\w+|\d+", "N", why)[-200:].replace("\n", " "), []).append(i)
    return cases, refused


def compare_outputs(args, name, root, cases, explained):
    """{case: message} of the cases that differ, and those that differ from the ReferenceEvaluator alone."""
    manifest = os.path.join(args.work, name + ".json")
    with open(manifest, "w") as f:
        json.dump({f"{name}/{i:03d}": {"rtol": c.rtol, "atol": c.atol, "opset_import": {}, "ops": [name], "random": False} for i, (c, _) in cases.items()}, f)
    wrong, second = {}, set()
    for provider in args.provider:
        results = run_samoyed(args.samoyed, provider, root, manifest)
        bad = {int(k.split("/")[-1]): v for k, v in results.items() if v["verdict"] != "passed"}
        bad.update({i: {"message": "samoyed test did not report it"} for i in cases if f"{name}/{i:03d}" not in results})
        asked = os.path.join(args.work, "second", name)
        shutil.rmtree(os.path.dirname(asked), ignore_errors=True)
        again = [i for i in bad if cases[i][1] == "ReferenceEvaluator" and run_peer(onnx_runtime, os.path.join(asked, f"{i:03d}"), cases[i][0]) is None]
        agreed = {int(k.split("/")[-1]) for k, v in run_samoyed(args.samoyed, provider, asked, manifest).items() if v["verdict"] == "passed"} if again else set()
        second |= agreed
        for i, v in bad.items():
            if i not in agreed or name not in explained:
                wrong.setdefault(i, f"{provider}: {v['message']}" + (" (ONNX Runtime agrees)" if i in agreed else " (ONNX Runtime differs too)" if i in again else ""))
    return wrong, second if name in explained else set()


def described(made):
    what = ", ".join("-" if v is None else f"list of {len(v)}" if isinstance(v, list) else f"{np.asarray(v).dtype.name}{list(np.shape(v))}" for v in made.inputs)
    return f"{made.op}-{made.version}({what}) {made.attributes}"


def compare(args, name, generator, explained, oracles):
    """Runs one operator's cases and prints what differs. Returns its row of the table."""
    root = os.path.join(args.work, name)
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    cases, refused = draw_cases(args, name, generator, root)
    random = any(made.check is not None for made, _ in cases.values())
    wrong, second = (check_random(args, root, {i: made for i, (made, _) in cases.items()}), set()) if random else compare_outputs(args, name, root, cases, explained)
    who = {}
    for _, by in cases.values():
        by = oracles[name] if by == "oracle" else by
        who[by] = who.get(by, 0) + 1
    print(f"{name:28s} seed {args.seed}: {len(cases)} cases, {len(wrong)} differ" + (f", {len(second)} as ONNX Runtime: {explained[name]}" if second else ""), flush=True)
    for text, which in refused.items():
        print(f"    both peers refuse {len(which)} (e.g. {which[0]}): {text}")
    for i, message in list(wrong.items())[:6]:
        print(f"    --case {i}: {described(cases[i][0])}: {message[:300]}", flush=True)
    return {"operator": name, "versions": sorted({made.version for made, _ in cases.values()}), "cases": len(cases), "reference": who, "differences": len(wrong), "explained": len(second),
            "refused": sum(map(len, refused.values())), "seed": args.seed}


def print_table(rows):
    print(f"\n{'operator':38s} {'versions':20s} {'cases':>5s} {'differ':>6s} {'explained':>9s} {'seed':>4s}  reference")
    for row in rows:
        versions = row["versions"] if len(row["versions"]) < 7 else [row["versions"][0], "...", *row["versions"][-3:]]
        print(f"{row['operator']:38s} {' '.join(map(str, versions)):20s} {row['cases']:5d} {row['differences']:6d} {row['explained']:9d} {row['seed']:4d}  "
              + ", ".join(f"{by} {n}" for by, n in row["reference"].items()))
