#!/usr/bin/env python3
"""Every version of every operator of the standard with every type its schema allows: which are tested, and how.

    tests/interop/type_table.py --samoyed build/release/bin/samoyed --work build/interop/types [--suite FOLDER] [--only OP...] [--write docs/types.md]

A cell is (operator, version, type variable, type). First the standard's own cases (FOLDER, as scripts/conformance unpacks or makes
them) fill the cells whose types occur in them. For the others the cases of the random generators (standard_operators.py) are
converted: to the version, to the type. What they must give is what onnx's ReferenceEvaluator gives for them, or ONNX Runtime, or
where both refuse the type, the ReferenceEvaluator in a wider one, rounded to the type. Sequences, optionals and bodies of control
flow are carried unchanged. Ends with 1 where a case differs or a cell stays empty without a reason in REASONS.
"""
import argparse
import collections
import dataclasses
import json
import os
import re
import shutil
import sys
import warnings
import zlib

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, shape_inference
from onnx.defs import OpSchema

import ml_operators
import standard
import standard_operators
import type_carriers
from property import element_type, make_model, save_case
from standard import fed_values, output_types

warnings.filterwarnings("ignore")
np.seterr(all="ignore")

OPTION = OpSchema.FormalParameterOption
SUITE, REFERENCE, RUNTIME, WIDER, LATER, CARRIED = "standard's case", "reference", "ONNX Runtime", "reference in a wider type", "reference at a later version", "carried unchanged"
LIBRARY, RANDOM, NOTHING = "another library", "random numbers of that type", "has no meaning"
HOW = (SUITE, REFERENCE, RUNTIME, LIBRARY, WIDER, LATER, CARRIED, RANDOM, NOTHING)
DRAWS = 40  # cases of a generator that are looked at
# Where converted cases differ, and why that is no fault; by operator.
EXPLAINED = {
    "Cast": "the ReferenceEvaluator gives float8 as its bits; numbers that the other type has not (negative ones, NaN) become what they may",
    "CastLike": "numpy's rounding to a narrow float does not saturate; numbers that the other type has not become what they may",
    "Imputer": "the case has imputed_value_floats, integers take imputed_value_int64s",
    "LinearClassifier": "the ReferenceEvaluator's scores have the input's type, the standard's are float",
    "SVMClassifier": "the ReferenceEvaluator computes in the input's integers",
    "Scaler": "the ReferenceEvaluator computes in the input's integers, the standard's result is float",
    "ReduceLogSumExp": "both peers sum truncated exponentials of integers; the logarithm of the true sum is what the text says",
    "ScatterElements": "strings and complex numbers have no largest one",
}
MEANINGLESS = {("", "Col2Im", 18, "T", "tensor(string)"): "sums of strings"}
ROUNDS = 3  # of trying other cases where one differs
DRAWING = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


def type_text(type_):
    """A TypeProto as schemas write it: "seq(tensor(float))"; or None."""
    kind = type_.WhichOneof("value")
    if kind == "tensor_type":
        name = TensorProto.DataType.Name(type_.tensor_type.elem_type).lower() if type_.tensor_type.elem_type else None
        return f"tensor({name})" if name else None
    if kind == "sparse_tensor_type":
        return f"sparse_tensor({TensorProto.DataType.Name(type_.sparse_tensor_type.elem_type).lower()})"
    if kind in ("sequence_type", "optional_type"):
        inner = type_text(getattr(type_, kind).elem_type)
        return f"{'seq' if kind == 'sequence_type' else 'optional'}({inner})" if inner else None
    if kind == "map_type":
        return f"map({TensorProto.DataType.Name(type_.map_type.key_type).lower()}, {type_text(type_.map_type.value_type)})"
    return None


def parameter(parameters, i):
    """The formal parameter of argument i."""
    if i < len(parameters):
        return parameters[i]
    return parameters[-1] if parameters and parameters[-1].option == OPTION.Variadic else None


def cells_of(node, schema, types):
    """The (variable, type) pairs of one node; `types` are TypeProtos by name."""
    found = set()
    constraints = {c.type_param_str: set(c.allowed_type_strs) for c in schema.type_constraints}
    for names, parameters in ((node.input, schema.inputs), (node.output, schema.outputs)):
        for i, name in enumerate(names):
            p = parameter(parameters, i)
            if p is None or not name or name not in types or p.type_str not in constraints:
                continue
            text = type_text(types[name])
            if text in constraints[p.type_str]:
                found.add((p.type_str, text))
    return found


def schema_for(node, opsets):
    try:
        return onnx.defs.get_schema(node.op_type, opsets.get(node.domain, opsets.get("", 1)), node.domain)
    except onnx.defs.SchemaError:
        return None


def cells_of_graph(graph, opsets, outer):
    types = dict(outer)
    for info in [*graph.input, *graph.value_info, *graph.output]:
        if info.type.WhichOneof("value"):
            types[info.name] = info.type
    for t in graph.initializer:
        types[t.name] = helper.make_tensor_type_proto(t.data_type, t.dims)
    for t in graph.sparse_initializer:
        types[t.values.name] = helper.make_sparse_tensor_type_proto(t.values.data_type, t.dims)
    for node in graph.node:
        schema = schema_for(node, opsets)
        if schema is not None:
            for cell in cells_of(node, schema, types):
                yield (node.domain, node.op_type, schema.since_version, *cell)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from cells_of_graph(attribute.g, opsets, types)


def cells_of_model(model):
    try:
        model = shape_inference.infer_shapes(model, data_prop=True)
    except Exception:
        pass
    return set(cells_of_graph(model.graph, {o.domain if o.domain != "ai.onnx" else "": o.version for o in model.opset_import}, {}))


# Values of other types.

def integer_range(dtype):
    name = np.dtype(dtype).name
    bits = int(re.search(r"\d+$", name).group())
    return (0, 2 ** bits - 1) if name.startswith("u") else (-2 ** (bits - 1), 2 ** (bits - 1) - 1)


def convert(value, dtype):
    """An array's values as nearly as the type has them, small enough to be computed with."""
    if isinstance(value, list):
        return [convert(v, dtype) for v in value]
    value, dtype = np.asarray(value), np.dtype(dtype)
    if value.dtype == dtype:
        return value
    if value.dtype.kind in "OU":
        value = np.array([float(len(v)) for v in value.ravel()]).reshape(value.shape)
    real = np.nan_to_num(value.astype(np.complex128).real)
    if dtype == object:
        return np.array([f"{int(round(v))}" for v in real.ravel()], object).reshape(value.shape)
    if dtype == bool:
        return real > 0
    if dtype.kind == "c":
        return (real + 0.5j * real).astype(dtype)
    if standard.is_float(dtype):
        return real.astype(np.float32).astype(dtype)
    low, high = integer_range(dtype)
    if real.size and np.abs(real).max() < 1:  # scales and weights: all zeros would be another case
        real = np.copysign(np.ceil(np.abs(real)), real)
    return np.clip(np.rint(real), max(low, -2 ** 31), min(high, 2 ** 31 - 1)).astype(np.int64).astype(dtype)


def at_version(made, version):
    """The case at another version: what that needs besides."""
    inputs, attributes = list(made.inputs), dict(made.attributes)
    if made.op == "Gemm" and version < 7 and len(inputs) > 2:
        attributes["broadcast"] = 1
    if made.op == "PRelu" and version < 7 and len(inputs) > 1:  # one slope, or one a channel
        inputs[1] = np.asarray(inputs[1]).ravel()[:1]
    return dataclasses.replace(made, inputs=inputs, attributes=attributes, version=version)


def with_type(made, schema, variable, text):
    """The case with its arguments of one type variable converted; None where it has none."""
    inputs, changed = list(made.inputs), False
    for i, value in enumerate(inputs):
        p = parameter(schema.inputs, i)
        if value is None or p is None or p.type_str != variable or isinstance(value, dict):
            continue
        if p.option == OPTION.Variadic and not p.is_homogeneous or isinstance(value, list) != text.startswith("seq(") or text.startswith(("optional(", "map(", "sparse_")):
            continue
        inputs[i], changed = convert(value, type_carriers.dtype_of(text)), True
    if made.op == "QuantizeLinear":
        inputs[1] = np.where(np.asarray(inputs[1]) == 0, np.ones_like(inputs[1]), inputs[1])
    if made.op == "QuantizeLinear" and len(inputs) > 2 and standard.is_float(np.asarray(inputs[2]).dtype):
        inputs[2] = np.zeros_like(inputs[2])  # all that the standard allows
    return dataclasses.replace(made, inputs=inputs, oracle=None, check=None) if changed else None


def with_attribute(made, schema, number):
    """The case with the attribute that names its output's type set to `number`; None where it has none."""
    for name in ("to", "dtype", "output_dtype", "output_datatype"):
        if name in schema.attributes:
            # What becomes of negative numbers in unsigned types the standard leaves open.
            inputs = [np.abs(v) if isinstance(v, np.ndarray) and v.dtype.kind in "fi" else v for v in made.inputs]
            given = TensorProto.DataType.Name(number) if schema.attributes[name].type == OpSchema.AttrType.STRING else int(number)
            return dataclasses.replace(made, inputs=inputs, attributes={**made.attributes, name: given}, oracle=None, check=None)
    for name in ("value", "sparse_value"):
        if name == "value" and name in schema.attributes and made.op in ("Constant", "ConstantOfShape"):
            one = convert(np.array([2.0]), helper.tensor_dtype_to_np_dtype(number) if number != TensorProto.STRING else object)
            return dataclasses.replace(made, attributes={"value": onnx.numpy_helper.from_array(one)}, oracle=None, check=None)
    return None


def model_of(made):
    model = make_model(made, 28 if made.domain else 21)
    for imported in model.opset_import:  # of another domain: the cells are those of `version` there
        if imported.domain == made.domain:
            imported.version = made.version
    model.ir_version = 13
    return model


def valid(model):
    """The model with its outputs' types, or None where it is not valid for this version."""
    try:
        inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        node = inferred.graph.node[0]
        schema = schema_for(node, {o.domain: o.version for o in inferred.opset_import})
        bound = {}  # the first versions have no inference: an output has the type of the inputs of its variable
        for i, info in enumerate(inferred.graph.input):
            p = parameter(schema.inputs, list(node.input).index(info.name))
            bound[p.type_str] = info.type
        for info in inferred.graph.output:
            p = parameter(schema.outputs, list(node.output).index(info.name))
            to = next((a.s.decode() for a in node.attribute if a.name == "to" and a.s), None)
            if not info.type.WhichOneof("value") and to:
                info.type.tensor_type.elem_type = TensorProto.DataType.Value(to)
            elif not info.type.WhichOneof("value") and p.type_str in bound:
                info.type.tensor_type.elem_type = bound[p.type_str].tensor_type.elem_type
        context = onnx.checker.C.CheckerContext()
        context.ir_version, context.opset_imports = inferred.ir_version, {o.domain: o.version for o in inferred.opset_import}
        onnx.checker.check_node(node, context)
        return inferred if all(o.type.WhichOneof("value") for o in inferred.graph.output) else None
    except Exception:
        return None


def expected_of(made, last=False):
    """(outputs, how), or None: what the peers say; the ReferenceEvaluator of what it is known to get wrong only as the `last` resort."""
    fed = fed_values(made)
    model = model_of(made)
    feeds = {info.name: v for info, v in zip(model.graph.input, fed)}
    peers = ((standard.reference, REFERENCE), (standard.onnx_runtime, RUNTIME))
    if made.op in standard_operators.REFERENCE_DIFFERS and not last:
        peers = peers[1:]
    for peer, how in peers:
        try:
            if peer is standard.onnx_runtime:
                model.ir_version = 10
            outputs = peer(model, feeds)
            if made.op.startswith("Reduce") and peer is standard.reference:  # numpy's sums of small integers are 64-bit
                outputs = [np.asarray(v).astype(np.asarray(made.inputs[0]).dtype) for v in outputs]
            if all(isinstance(v, (np.ndarray, np.generic, list)) or v is None for v in outputs):
                return outputs, how
        except Exception:
            continue
    return None


def expected_later(made, schema):
    """As expected_of, at the first later version of the operator for which anybody says it: what is valid at both means the same."""
    for version in standard.schemas()[schema.domain, schema.name]:
        if version <= schema.since_version:
            continue
        attributes = {k: v for k, v in made.attributes.items() if k not in ("consumed_inputs", "broadcast")}
        if isinstance(attributes.get("to"), str):
            attributes["to"] = TensorProto.DataType.Value(attributes["to"])
        later = dataclasses.replace(made, version=version, attributes=attributes)
        if valid(model_of(later)) is not None and (got := expected_of(later)) is not None:
            return got[0], LATER
    return None


def expected_wider(made, schema, inferred):
    """As expected_of, computed in a wider type and rounded to the output types of `inferred`."""
    got = None
    for wide in ("i8", "f4", "f8"):
        inputs, changed = list(made.inputs), False
        for i, value in enumerate(inputs):
            p = parameter(schema.inputs, i)
            if value is None or isinstance(value, (list, dict)) or p is None or np.asarray(value).dtype.kind in "OUcb":
                continue
            allowed = next((c.allowed_type_strs for c in schema.type_constraints if c.type_param_str == p.type_str), [])
            wider = np.dtype(wide).kind == "f" or not standard.is_float(np.asarray(value).dtype)
            if wider and f"tensor({ {'f4': 'float', 'f8': 'double', 'i8': 'int64'}[wide] })" in allowed and np.asarray(value).dtype != np.dtype(wide):
                inputs[i], changed = np.asarray(value).astype(wide), True
        wider_case = dataclasses.replace(made, inputs=inputs)
        got = expected_of(wider_case) if changed else None
        if got is not None:
            break
    if got is None or any(isinstance(v, list) or v is None for v in got[0]):
        return None
    outputs = []
    for value, info in zip(got[0], inferred.graph.output):
        kind = info.type.tensor_type.elem_type
        if not kind or kind == TensorProto.STRING:
            return None
        outputs.append(np.asarray(value).astype(helper.tensor_dtype_to_np_dtype(kind)))
    return outputs, WIDER


def expected_random(made, inferred):
    """Zeros of the outputs' types: the numbers are not compared."""
    outputs = []
    for info in inferred.graph.output:
        t = info.type.tensor_type
        if not t.elem_type or not t.HasField("shape"):
            return None
        outputs.append(np.zeros([d.dim_value for d in t.shape.dim], helper.tensor_dtype_to_np_dtype(t.elem_type)))
    return outputs, RANDOM


def tolerance_of(values):
    """Relative and absolute; peers compute some of what they give in double in float."""
    names = [np.asarray(v).dtype.name for v in values if v is not None and not isinstance(v, (list, dict))]
    pairs = [{**standard.TOLERANCE, **dict.fromkeys(("float64", "complex64", "complex128"), (1e-4, 1e-5))}.get(n, (0.15, 0.07) if "float" in n else (0, 0)) for n in names] or [(0, 0)]
    return max(p[0] for p in pairs), max(p[1] for p in pairs)


def drops(made):
    """Whether a Dropout trains: then its mask is drawn."""
    return made.op == "Dropout" and (not made.attributes.get("is_test") if made.version < 7 else len(made.inputs) > 2 and bool(made.inputs[2]))


def label_of(made):
    what = ", ".join("-" if v is None else "list" if isinstance(v, (list, dict)) else np.asarray(v).dtype.name + str(list(np.shape(v))) for v in made.inputs)
    return f"{made.op}-{made.version}({what}) {made.attributes}"


class Table:
    def __init__(self, only):
        self.cells, self.schemas = {}, {}
        for s in onnx.defs.get_all_schemas_with_history():
            if s.deprecated or (only and s.name not in only):
                continue
            self.schemas[s.domain, s.name, s.since_version] = s
            for c in s.type_constraints:
                used = {p.type_str for p in [*s.inputs, *s.outputs]}
                for t in c.allowed_type_strs if c.type_param_str in used else []:
                    self.cells[s.domain, s.name, s.since_version, c.type_param_str, t] = None

    def fill(self, cells, how):
        for cell in cells:
            if cell in self.cells and self.cells[cell] is None:
                self.cells[cell] = how

    def empty(self, key=None):
        return [c for c, how in self.cells.items() if how is None and (key is None or c[:3] == key)]


def fill_from_suite(table, samoyed, folder):
    done = standard.subprocess.run([samoyed, "test", folder, "--provider", "reference", "--json", "--no-progress"], capture_output=True, text=True)
    for case in json.loads(done.stdout)["cases"]:
        path = os.path.join(folder, case["case"], "model.onnx")
        if os.path.getsize(path) < 1 << 22 and case["verdict"] != "skipped":
            table.fill(cells_of_model(onnx.load(path)), SUITE)


def templates(domain, name):
    """Cases that the operator's random generator draws."""
    make = {"": standard_operators.GENERATORS.get(name), "ai.onnx.ml": ml_operators.GENERATORS.get(name)}.get(domain) or standard_operators.GENERATORS.get(f"{domain}.{name}")
    if make is None:
        return []
    return [made for i in range(DRAWS) for made in [make(np.random.default_rng([1, zlib.crc32(name.encode()), i]))] if made.model is None]


class Sweep:
    """The cases that are run to fill cells, below one folder."""

    def __init__(self, table, root):
        self.table, self.root, self.cases = table, root, {}
        self.failed = set()  # labels of cases that differed, and are not tried again
        shutil.rmtree(root, ignore_errors=True)

    def add(self, key, model, fed, outputs, types, cells, how, label):
        name = f"{key[1]}-{key[2]}-{len(self.cases)}"
        try:
            save_case(os.path.join(self.root, "cases", name), model, fed, outputs, types)
        except Exception:
            shutil.rmtree(os.path.join(self.root, "cases", name), ignore_errors=True)
            return False
        self.cases[f"cases/{name}"] = (cells, how, label, tolerance_of([*fed, *outputs]))
        return True

    def try_case(self, key, made, wanted):
        """Keeps the case where it fills an empty cell and somebody says what it gives."""
        schema = self.table.schemas[key]
        model = model_of(made)
        inferred = valid(model)
        if inferred is None or "broadcast" in schema.attributes and "broadcast" not in made.attributes and len({np.shape(v) for v in made.inputs}) > 1:
            return set()  # before broadcasting was as it is
        cells = {c for c in cells_of_model(inferred) if c[:3] == key} & wanted
        label = label_of(made)
        if not cells or label in self.failed:
            return set()
        if made.check is not None or made.op in DRAWING or drops(made):
            got = expected_random(made, inferred)
        elif made.oracle is not None:
            got = made.oracle(*fed_values(made)), LIBRARY
        else:
            got = expected_of(made)
        if got is not None and any(isinstance(v, np.ndarray) and i.type.tensor_type.elem_type and element_type(v) != i.type.tensor_type.elem_type for v, i in zip(got[0], inferred.graph.output)):
            got = None  # numpy's own idea of the type
        got = got or expected_later(made, schema) or expected_wider(made, schema, inferred) or expected_of(made, last=True)
        if got is None:
            return set()
        outputs = [v if v is None or isinstance(v, list) else np.asarray(v) for v in got[0]]
        try:
            types = output_types(model, outputs)
        except Exception:
            return set()
        return cells if self.add(key, model, fed_values(made), outputs, types, cells, got[1], label) else set()

    def pending(self):
        """Cells that a case which has not failed is about."""
        return set().union(*(cells for cells, _, label, _ in self.cases.values() if label not in self.failed))

    def sweep(self, key, cases):
        wanted = set(self.table.empty(key)) - self.pending()
        schema = self.table.schemas[key]
        near = sorted(cases, key=lambda made: (made.version != key[2], made.attributes.get("mode") in ("linear", "cubic"), abs(made.version - key[2])))
        for made in near:
            if wanted and made.version == key[2]:
                wanted -= self.try_case(key, made, wanted)
        for cell in sorted(wanted):
            if cell not in wanted:
                continue
            tries = 0
            for made in near:
                made = at_version(made, key[2])
                for changed in (with_type(made, schema, cell[3], cell[4]), self.by_attribute(made, schema, cell)):
                    if changed is None:
                        continue
                    tries += 1
                    wanted -= self.try_case(key, changed, wanted)
                if cell not in wanted or tries > 24:
                    break

    def second_opinions(self, wrong):
        """Of the cases that differ from the ReferenceEvaluator, those that ONNX Runtime takes: what it gives is expected from now on."""
        for name in list(wrong):
            cells, how, label, tolerance = self.cases[name]
            folder = os.path.join(self.root, name)
            model = onnx.load(os.path.join(folder, "model.onnx"))
            if how != REFERENCE:
                continue
            try:
                data = os.path.join(folder, "test_data_set_0")
                fed = [onnx.numpy_helper.to_array(onnx.load_tensor(os.path.join(data, f"input_{i}.pb"))) for i in range(len(model.graph.input))]
                model.ir_version = 10
                outputs = [np.asarray(v) for v in standard.onnx_runtime(model, {i.name: v for i, v in zip(model.graph.input, fed)})]
                types = [helper.make_tensor_type_proto(element_type(v), None) for v in outputs]
                shutil.rmtree(folder)
                save_case(folder, model, fed, outputs, types)
            except Exception:
                continue
            self.cases[name] = cells, RUNTIME, label, tolerance
            yield name

    @staticmethod
    def by_attribute(made, schema, cell):
        if not cell[4].startswith("tensor(") or all(p.type_str != cell[3] for p in schema.outputs):
            return None
        number = TensorProto.DataType.Value(cell[4][7:-1].upper())
        return with_attribute(made, schema, number)

    def run(self, samoyed, provider):
        """{case: message} of those that differ; cells of the others are filled."""
        manifest = os.path.join(self.root, "manifest.json")
        with open(manifest, "w") as f:
            json.dump({name: {"rtol": t[0], "atol": t[1], "opset_import": {}, "ops": [], "random": how == RANDOM} for name, (_, how, _, t) in self.cases.items()}, f)
        results = {}
        for name, result in standard.run_samoyed(samoyed, provider, os.path.join(self.root, "cases"), manifest).items():
            results[name if name.startswith("cases/") else f"cases/{name}"] = result
        return {name: results.get(name, {}).get("message", "not run") for name in self.cases if results.get(name, {}).get("verdict") != "passed"}


def short(text):
    return text[7:-1] if text.startswith("tensor(") else text


def write(table, path):
    counts = collections.Counter(table.cells.values())
    with open(path, "w") as f:
        f.write("# Operator versions and types\n\nMade by `tests/interop/type_table.py --write docs/types.md`: every version of every operator of the standard, every type that its schema "
                "allows, and what shows that it is right: " + "; ".join(f"{n} by {how}" for how, n in counts.most_common() if how) + f". {counts[None]} of {len(table.cells)} are not tested.\n\n"
                "*standard's case*: one of onnx's own cases; *reference*, *ONNX Runtime*: a random case gives what onnx's ReferenceEvaluator or ONNX Runtime gives; *reference in a wider type*: "
                "neither has the type, and the result is the ReferenceEvaluator's in a wider one, rounded; *carried unchanged*: a value of the type comes out as it went in, or zeros do; *another library*: torch, scipy or numpy in double.\n")
        domain = None
        for key, schema in sorted(table.schemas.items()):
            if key[0] != domain:
                domain = key[0]
                f.write(f"\n## {domain or 'ai.onnx'}\n\n| operator | version | types, by what tests them |\n|---|---|---|\n")
            parts = []
            for how in (*HOW, None):
                by = collections.defaultdict(list)
                for c, h in table.cells.items():
                    if c[:3] == key and h == how:
                        by[c[3]].append(short(c[4]))
                if by:
                    parts.append(f"*{how or 'not tested'}* " + "; ".join(f"{v}: {', '.join(sorted(t))}" for v, t in sorted(by.items())))
            f.write(f"| {key[1]} | {key[2]} | {' · '.join(parts) or 'one type'} |\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--work", required=True, help="folder for the cases (emptied first)")
    parser.add_argument("--suite", nargs="*", default=[], help="folders of the standard's cases")
    parser.add_argument("--only", nargs="*", help="operators")
    parser.add_argument("--write", help="write the table to this file")
    parser.add_argument("--provider", nargs="*", default=["reference", "cpu,reference"])
    args = parser.parse_args()
    table = Table(args.only)
    for folder in args.suite:
        fill_from_suite(table, args.samoyed, folder)
    print(f"{len(table.cells)} cells, {len(table.empty())} of them in none of the standard's cases", flush=True)
    sweep = Sweep(table, args.work)
    drawn, wrong = {}, {}
    for number in range(ROUNDS):
        before = len(sweep.cases)
        for key in table.schemas:
            if table.empty(key):
                if number == 0:
                    type_carriers.add(sweep, key)
                if key[:2] not in drawn:
                    drawn[key[:2]] = templates(*key[:2])
                sweep.sweep(key, drawn[key[:2]])
        if len(sweep.cases) == before:
            break
        wrong = compare(args, table, sweep)
    table.fill(MEANINGLESS, NOTHING)
    unexplained = {name: message for name, message in wrong.items() if sweep.cases[name][2].split("-")[0] not in EXPLAINED}
    report(args, table, sweep, wrong, unexplained)
    return 1 if unexplained or table.empty() else 0


def compare(args, table, sweep):
    """Runs the cases that were not run yet, and fills the cells of those that hold. {case: message} of those that differ."""
    wrong = {}
    for provider in args.provider:
        wrong.update({name: f"{provider}: {message}" for name, message in sweep.run(args.samoyed, provider).items()})
    again = set(sweep.second_opinions(wrong))
    if again:
        still = set().union(*(sweep.run(args.samoyed, provider) for provider in args.provider))
        for name in again - still:
            del wrong[name]
    for name, (cells, how, _, _) in sweep.cases.items():
        if name not in wrong:
            table.fill(cells, how)
    sweep.failed.update(sweep.cases[name][2] for name in wrong)
    return wrong


def report(args, table, sweep, wrong, unexplained):
    for name, message in wrong.items():
        what = sweep.cases[name][2]
        print(f"{'DIFFERS' if name in unexplained else 'explained'} {name}: {what} ({sweep.cases[name][1]}): {message[:240]}" + ("" if name in unexplained else f" [{EXPLAINED[what.split('-')[0]]}]"))
    for cell in table.empty():
        print(f"EMPTY {cell[0]}{'::' if cell[0] else ''}{cell[1]}-{cell[2]} {cell[3]}: {cell[4]}")
    print(f"{len(sweep.cases)} cases beside the standard's, {len(unexplained)} differ, {len(wrong) - len(unexplained)} for reasons that are given; {len(table.empty())} of {len(table.cells)} cells are empty")
    if args.write:
        write(table, args.write)


if __name__ == "__main__":
    sys.exit(main())
