"""Random cases for sequences, optionals and control flow of the default domain."""
import numpy as np
import onnx
from onnx import TensorProto, helper

from property import Case, element_type
from standard import TOLERANCE, axis_of, case, draw, pick_type, schema_of, shape

LISTS = "Python's lists and numpy"
ORACLES = {op: LISTS for op in ("SequenceInsert", "SequenceErase", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceLength", "SplitToSequence", "ConcatFromSequence", "SequenceMap",
                                "Optional", "OptionalGetElement", "OptionalHasElement", "If", "Loop", "Scan")}
REFERENCE_DIFFERS = {}
ALSO = ("tensor(string)",)
ELEMENTS = [np.dtype(t) for t in ("f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", object)]


def tensor_type(dtype, dims=None):
    return helper.make_tensor_type_proto(element_type(np.empty(0, dtype)), dims)


def sequence_type(dtype):
    return helper.make_sequence_type_proto(tensor_type(dtype))


def sequence(r, least=0, most=5, same=False):
    """A type and a list of tensors of it, of one shape where they have to be."""
    dtype = ELEMENTS[r.integers(len(ELEMENTS))]
    one = shape(r, 0, 3)
    return dtype, [draw(r, dtype, one if same else shape(r, 0, 3)) for _ in range(r.integers(least, most + 1))]


def position(r, low, high):
    """A position of [low, high) as a scalar, or none."""
    return np.array(r.integers(low, high), r.choice(["i4", "i8"])) if r.random() < 0.8 else None


def node(op, inputs, dtype, oracle, version=11, attributes=None, types=None):
    """One node with an oracle; the input `types` are those of sequences of `dtype` wherever an input is a list."""
    types = types or {i: sequence_type(dtype) for i, v in enumerate(inputs) if isinstance(v, list)}
    while inputs and inputs[-1] is None and len(inputs) - 1 not in types:
        inputs.pop()
    return case(op, version, inputs, attributes, rtol=0, atol=0, types=types, oracle=oracle)


def sequence_insert(r):
    dtype, items = sequence(r)
    at = position(r, -len(items), len(items) + 1)

    def insert(values, tensor, where=None):
        out = list(values)
        where = len(out) if where is None else int(where)
        out.insert(where + len(out) if where < 0 else where, tensor)
        return [out]
    return node("SequenceInsert", [items, draw(r, dtype, shape(r, 0, 3)), at], dtype, insert)


def sequence_erase(r):
    dtype, items = sequence(r, 1)

    def erase(values, where=-1):
        out = list(values)
        del out[int(where)]
        return [out]
    return node("SequenceErase", [items, position(r, -len(items), len(items))], dtype, erase)


def sequence_at(r):
    dtype, items = sequence(r, 1)
    at = np.array(r.integers(-len(items), len(items)), r.choice(["i4", "i8"]))
    return node("SequenceAt", [items, at], dtype, lambda values, where: [values[int(where)]])


def sequence_construct(r):
    dtype, items = sequence(r, 1)
    return case("SequenceConstruct", 11, items, rtol=0, atol=0, oracle=lambda *values: [list(values)])


def sequence_empty(r):
    dtype = ELEMENTS[r.integers(len(ELEMENTS))]
    return case("SequenceEmpty", 11, [], {"dtype": int(element_type(np.empty(0, dtype))) if r.random() < 0.9 else None}, oracle=lambda: [[]])


def sequence_length(r):
    dtype, items = sequence(r)
    return node("SequenceLength", [items], dtype, lambda values: [np.array(len(values), "i8")])


def split_to_sequence(r):
    schema = schema_of("SplitToSequence", r, 11)
    dtype = pick_type(r, schema, also=ALSO)
    x = draw(r, dtype, shape(r, 1, 4, 6, empty=0))
    axis, keep = axis_of(r, x.ndim), int(r.integers(2))
    size, kind = x.shape[axis], r.integers(3)
    if kind == 0:
        given = None
    elif kind == 1:
        given = np.array(r.integers(1, size + 2), r.choice(["i4", "i8"]))
    else:
        cuts = np.sort(r.integers(0, size + 1, r.integers(0, 4)))
        given = np.diff(np.concatenate([[0], cuts, [size]])).astype(r.choice(["i4", "i8"]))

    def split(value, parts=None):
        if parts is None:
            out = np.split(value, size, axis)
            return [out if keep else [np.squeeze(v, axis) for v in out]]
        at = np.arange(int(parts), size, int(parts)) if parts.ndim == 0 else np.cumsum(parts)[:-1]
        return [np.split(value, at, axis)]
    return node("SplitToSequence", [x, given], dtype, split, schema.since_version, {"axis": axis if axis or r.random() < 0.7 else None, "keepdims": keep})


def concat_from_sequence(r):
    dtype, items = sequence(r, 1, same=True)
    new = int(r.integers(2)) if items[0].ndim else 1
    axis = axis_of(r, items[0].ndim + new)
    if not new:
        items = [v if r.random() < 0.5 else np.concatenate([v, v], axis) for v in items]
    return node("ConcatFromSequence", [items], dtype, lambda values: [np.stack(values, axis) if new else np.concatenate(values, axis)], attributes={"axis": axis, "new_axis": new if new or r.random() < 0.5 else None})


def optional_type(inner):
    return helper.make_optional_type_proto(inner)


def held(r):
    """A type, a value of it and its TypeProto: a tensor or a sequence."""
    dtype, items = sequence(r, 1)
    return (items[0], tensor_type(dtype)) if r.random() < 0.5 else (items, sequence_type(dtype))


def optional(r):
    value, type_ = held(r)
    if r.random() < 0.2:
        return case("Optional", 15, [], {"type": type_}, oracle=lambda: [None])
    return case("Optional", 15, [value], rtol=0, atol=0, types={0: type_}, oracle=lambda v: [v])


def optional_get(r):
    value, type_ = held(r)
    version = int(r.choice([15, 18]))
    return case("OptionalGetElement", version, [value], rtol=0, atol=0, types={0: type_ if version == 18 and r.random() < 0.5 else optional_type(type_)}, oracle=lambda v: [v])


def optional_has(r):
    value, type_ = held(r)
    version = int(r.choice([15, 18]))
    if version == 18 and r.random() < 0.4:
        if r.random() < 0.3:
            return case("OptionalHasElement", 18, [], oracle=lambda: [np.array(False)])
        return case("OptionalHasElement", 18, [value], types={0: type_}, oracle=lambda v: [np.array(True)])
    value = value if r.random() < 0.6 else None
    return case("OptionalHasElement", version, [value], types={0: optional_type(type_)}, oracle=lambda v: [np.array(v is not None)])


# Random expressions, as nodes of a subgraph and as a function of numpy.
BINARY = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Max": np.maximum, "Min": np.minimum}
UNARY = {"Neg": np.negative, "Abs": np.abs}


class Expression:
    """A few nodes over named values that broadcast; `values` of a call gives the operands."""

    def __init__(self, r, names, result, prefix=""):
        self.steps, known = [], list(names)
        count = int(r.integers(1, 4))
        for i in range(count):
            name = result if i + 1 == count else f"{prefix}{result}_{i}"
            if r.random() < 0.75:
                self.steps.append((str(r.choice(list(BINARY))), [str(r.choice(known)), str(r.choice(known))], name))
            else:
                self.steps.append((str(r.choice(list(UNARY))), [str(r.choice(known))], name))
            known.append(name)

    def keeping(self, name):
        """Itself, with a result that has at least the shape of one value."""
        self.steps[-1] = ("Add", [name, self.steps[-1][1][0]], self.steps[-1][2])
        return self

    def nodes(self):
        return [helper.make_node(op, inputs, [name]) for op, inputs, name in self.steps]

    def __call__(self, **values):
        for op, inputs, name in self.steps:
            values[name] = {**BINARY, **UNARY}[op](*[values[v] for v in inputs])
        return values[self.steps[-1][2]]


def info(name, dtype, dims=None):
    return helper.make_value_info(name, tensor_type(dtype, dims))


def model_of(nodes, inputs, outputs, version, initializers=()):
    return helper.make_model(helper.make_graph(nodes, "case", inputs, outputs, list(initializers)), opset_imports=[helper.make_opsetid("", version)], ir_version=10)


def flow(op, version, model, inputs, oracle, dtype):
    rtol, atol = TOLERANCE.get(np.dtype(dtype).name, (0, 0))
    return Case(op, inputs, domain="", version=version, model=model, oracle=oracle, rtol=rtol, atol=atol)


FLOW_TYPES = ["f4", "f8", "i4", "i8"]


def sequence_map(r):
    dtype = np.dtype(r.choice(FLOW_TYPES))
    one = shape(r, 0, 2, empty=0)
    items = [draw(r, dtype, shape(r, 1, 1, empty=0) + one[1:]) for _ in range(r.integers(1, 5))] if one else [draw(r, dtype, ()) for _ in range(r.integers(1, 5))]
    second = r.integers(3)  # nothing more, another sequence, or a tensor
    more = [] if second == 0 else [draw(r, dtype, v.shape) for v in items] if second == 1 else draw(r, dtype, ())
    names = ["a"] + (["b"] if second else []) + (["outside"] if r.random() < 0.4 else [])
    outside = draw(r, dtype, ())
    results = [Expression(r, names, f"o{i}") for i in range(r.integers(1, 3))]
    given = ["a", "b"] if second else ["a"]
    body = helper.make_graph([n for e in results for n in e.nodes()], "body", [info(n, dtype) for n in given], [info(f"o{i}", dtype) for i in range(len(results))])
    inputs = [helper.make_value_info("s", sequence_type(dtype))] + ([helper.make_value_info("t", sequence_type(dtype) if second == 1 else tensor_type(dtype, ()))] if second else []) + [info("outside", dtype, ())]
    outputs = [helper.make_value_info(f"y{i}", sequence_type(dtype)) for i in range(len(results))]
    node_ = helper.make_node("SequenceMap", ["s", "t"] if second else ["s"], [f"y{i}" for i in range(len(results))], body=body)

    def run(*values):
        return [[e(a=v, outside=values[-1], **({"b": values[1][k] if second == 1 else values[1]} if second else {})) for k, v in enumerate(values[0])] for e in results]
    return flow("SequenceMap", 17, model_of([node_], inputs, outputs, 17), [items] + ([more] if second else []) + [outside], run, dtype)


def if_(r):
    version = int(r.choice([1, 11, 13, 16, 19, 21, 23, 24, 25]))
    dtype = np.dtype(r.choice(FLOW_TYPES))
    a, b = draw(r, dtype, shape(r, empty=0.02)), draw(r, dtype, ())
    kinds = [str(k) for k in r.choice(["tensor", "tensor", "sequence", "constant"] if version >= 13 else ["tensor", "constant"], r.integers(1, 4))]
    branches, chosen = [], []
    for branch in ("t", "e"):
        nodes, outs, values = [], [], []
        for i, kind in enumerate(kinds):
            name = f"{branch}{i}"
            if kind == "constant":
                fixed = draw(r, dtype, shape(r, 0, 2))
                nodes.append(helper.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(fixed)))
                values.append(lambda a, b, fixed=fixed: fixed)
                outs.append(info(name, dtype))
                continue
            e = Expression(r, ["a", "b"], name + ("_item" if kind == "sequence" else ""))
            nodes += e.nodes()
            if kind == "sequence":
                n = int(r.integers(1, 4))
                nodes.append(helper.make_node("SequenceConstruct", [name + "_item"] * n, [name]))
                values.append(lambda a, b, e=e, n=n: [e(a=a, b=b)] * n)
                outs.append(helper.make_value_info(name, sequence_type(dtype)))
            else:
                values.append(lambda a, b, e=e: e(a=a, b=b))
                outs.append(info(name, dtype))
        branches.append(helper.make_graph(nodes, branch, [], outs))
        chosen.append(values)
    node_ = helper.make_node("If", ["c"], [f"y{i}" for i in range(len(kinds))], then_branch=branches[0], else_branch=branches[1])
    outputs = [helper.make_value_info(f"y{i}", sequence_type(dtype) if k == "sequence" else tensor_type(dtype)) for i, k in enumerate(kinds)]
    c = np.array(r.random() < 0.5).reshape(() if r.random() < 0.7 else (1,))
    model = model_of([node_], [info("c", bool, c.shape), info("a", dtype, a.shape), info("b", dtype, ())], outputs, max(version, 7))
    return flow("If", version, model, [c, a, b], lambda c, a, b: [f(a, b) for f in chosen[0 if c.all() else 1]], dtype)


def loop(r):
    """Carried values, one of which may grow; scan outputs; a condition over the count; captured values. Of a loop without a condition
    input the standard ignores what its body says of going on (ONNX Runtime does not), and without both inputs it never ends."""
    version = int(r.choice([1, 11, 13, 16, 19, 21, 23, 24, 25]))
    dtype = np.dtype(r.choice(FLOW_TYPES))
    a, b = draw(r, dtype, shape(r, 1, 2, empty=0), -1, 1), draw(r, dtype, (), -1, 1)
    most = int(r.integers(0, 6))
    grows = r.random() < 0.4
    stops = int(r.integers(0, 6)) if r.random() < 0.5 else None
    has_most = stops is None or r.random() < 0.5
    has_condition = r.random() < 0.5 if has_most else True
    start = bool(r.random() < 0.9)
    step = Expression(r, ["v", "outside"], "v_next").keeping("v")
    scans = [Expression(r, ["v", "outside"], f"scan{i}").keeping("v") for i in range(r.integers(0, 3))]
    nodes = step.nodes() + [n for e in scans for n in e.nodes()]
    if stops is None:
        nodes.append(helper.make_node("Identity", ["go"], ["go_next"]))
    else:
        nodes += [helper.make_node("Constant", [], ["last"], value=onnx.numpy_helper.from_array(np.array(stops, "i8"))), helper.make_node("Less", ["i", "last"], ["go_next"])]
    ins, outs = [info("i", "i8", ()), info("go", bool, ()), info("v", dtype)], [info("go_next", bool, ()), info("v_next", dtype)]
    carried, given = ["a"], ["y"]
    if grows:
        nodes.append(helper.make_node("Concat", ["w", "a"], ["w_next"], axis=0))
        ins.append(info("w", dtype))
        outs.append(info("w_next", dtype))
        carried.append("a")
        given.append("z")
    outs += [info(f"scan{i}", dtype) for i in range(len(scans))]
    given += [f"s{i}" for i in range(len(scans))]
    node_ = helper.make_node("Loop", ["m" if has_most else "", "c" if has_condition else "", *carried], given, body=helper.make_graph(nodes, "body", ins, outs))
    inputs, fed = [info("a", dtype, a.shape), info("outside", dtype, ())], [a, b]
    if has_most:
        inputs.append(info("m", "i8", ()))
        fed.append(np.array(most, "i8"))
    if has_condition:
        inputs.append(info("c", bool, ()))
        fed.append(np.array(start))

    def run(a, outside, *_):
        v, w, rows, i, go = a, a, [[] for _ in scans], 0, start or not has_condition
        while go and (not has_most or i < most):
            for row, e in zip(rows, scans):
                row.append(e(v=v, outside=outside))
            v, go = step(v=v, outside=outside), go if stops is None or not has_condition else i < stops
            w, i = np.concatenate([w, a]), i + 1
        # Of no iterations, the standard leaves the shape of a scan output open: those cases have none.
        return [v] + ([w] if grows else []) + [np.stack(row) for row in rows]
    if scans and (most == 0 and has_most or not start and has_condition):
        return loop(r)
    return flow("Loop", version, model_of([node_], inputs, [info(n, dtype) for n in given], max(version, 7)), fed, run, dtype)


def scan(r):
    version = int(r.choice([8, 9, 11, 16, 19, 21, 23, 24, 25]))
    dtype = np.dtype(r.choice(FLOW_TYPES))
    length, batch = int(r.integers(1, 5)), int(r.integers(1, 4))
    one = shape(r, 1, 2, 3, empty=0)
    states = [draw(r, dtype, one, -1, 1) for _ in range(r.integers(0, 3))]
    scanned = int(r.integers(1, 3))
    axes = [axis_of(r, len(one) + 1, version >= 11) if version >= 9 and r.random() < 0.5 else 0 for _ in range(scanned)]
    directions = [int(r.integers(2)) for _ in range(scanned)]
    names = [f"v{i}" for i in range(len(states))] + [f"x{i}" for i in range(scanned)] + (["outside"] if r.random() < 0.5 else [])
    # A state keeps its shape: each next one takes in the state or an element, which have one shape.
    steps = [Expression(r, names, f"v{i}_next").keeping(f"v{i}") for i in range(len(states))]
    rows = [Expression(r, names, f"o{i}").keeping("x0") for i in range(r.integers(1, 3))]
    out_axes = [axis_of(r, len(one) + 1, version >= 11) if version >= 9 and r.random() < 0.5 else 0 for _ in rows]
    out_directions = [int(r.integers(2)) for _ in rows]
    xs = [np.moveaxis(draw(r, dtype, (length, *one), -1, 1), 0, k) for k in axes]
    if version == 8:
        states = [np.stack([v] * batch) for v in states]
        xs = [draw(r, dtype, (batch, length, *one), -1, 1) for _ in xs]
    body = helper.make_graph([n for e in steps + rows for n in e.nodes()], "body", [info(f"v{i}", dtype, one) for i in range(len(states))] + [info(f"x{i}", dtype, one) for i in range(scanned)],
                             [info(f"v{i}_next", dtype, one) for i in range(len(states))] + [info(f"o{i}", dtype, one) for i in range(len(rows))])
    attributes = {"num_scan_inputs": scanned}
    if version == 8:
        attributes["directions"] = directions
        out_directions = [0] * len(rows)
    else:
        attributes.update(scan_input_axes=axes, scan_input_directions=directions, scan_output_axes=out_axes, scan_output_directions=out_directions)
        if r.random() < 0.3:
            for kind, values in (("input", axes), ("output", out_axes)):
                if not any(values):
                    del attributes[f"scan_{kind}_axes"]
    lengths = np.array(r.integers(1, length + 1, batch), "i8") if version == 8 and r.random() < 0.5 else None
    outside = draw(r, dtype, (), -1, 1)
    given = [f"s{i}" for i in range(len(states))] + [f"y{i}" for i in range(scanned)]
    made = [f"t{i}" for i in range(len(states))] + [f"z{i}" for i in range(len(rows))]
    inputs = [info(n, dtype, v.shape) for n, v in zip(given, states + xs)] + [info("outside", dtype, ())]
    fed = states + xs + [outside]
    if lengths is not None:
        inputs.append(info("lengths", "i8", lengths.shape))
        fed.append(lengths)
    node_ = helper.make_node("Scan", ([] if version > 8 else ["lengths" if lengths is not None else ""]) + given, made, body=body, **attributes)

    def one_scan(states, xs, outside, count):
        values, results = list(states), [[] for _ in rows]
        for t in range(count):
            known = {f"v{i}": v for i, v in enumerate(values)} | {f"x{i}": np.take(x, count - 1 - t if d else t, k) for i, (x, k, d) in enumerate(zip(xs, axes, directions))} | {"outside": outside}
            values = [e(**known) for e in steps]
            for row, e in zip(results, rows):
                row.append(e(**known))
        return values, [np.stack(row[::-1] if d else row, k) for row, d, k in zip(results, out_directions, out_axes)]

    def run(*values):
        n = len(states)
        if version > 8:
            after, results = one_scan(values[:n], values[n:n + scanned], outside, length)
            return after + results
        parts = [one_scan([s[b] for s in values[:n]], [x[b] for x in values[n:n + scanned]], outside, length if lengths is None else int(lengths[b])) for b in range(batch)]
        pad = lambda v: np.concatenate([v, np.zeros((length - len(v), *one), dtype)])
        return [np.stack([p[0][i] for p in parts]) for i in range(n)] + [np.stack([pad(p[1][i]) for p in parts]) for i in range(len(rows))]
    return flow("Scan", version, model_of([node_], inputs, [info(n, dtype) for n in made], version), fed, run, dtype)


GENERATORS = {"SequenceInsert": sequence_insert, "SequenceErase": sequence_erase, "SequenceAt": sequence_at, "SequenceConstruct": sequence_construct, "SequenceEmpty": sequence_empty,
              "SequenceLength": sequence_length, "SplitToSequence": split_to_sequence, "ConcatFromSequence": concat_from_sequence, "SequenceMap": sequence_map, "Optional": optional,
              "OptionalGetElement": optional_get, "OptionalHasElement": optional_has, "If": if_, "Loop": loop, "Scan": scan}
