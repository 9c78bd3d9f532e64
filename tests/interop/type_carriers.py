"""Operators that carry values of any type, sequences and optionals among them: cases for type_table.py whose results are their inputs."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper



def dtype_of(text):
    """numpy's type of the innermost "tensor(float)"."""
    name = text[text.index("tensor(") + 7:].rstrip(")")
    return np.dtype(object) if name == "string" else np.dtype(helper.tensor_dtype_to_np_dtype(TensorProto.DataType.Value(name.upper())))


def type_of(text):
    """The TypeProto of "optional(seq(tensor(float)))"."""
    inner = text[text.index("(") + 1:-1]
    if text.startswith("tensor("):
        return helper.make_tensor_type_proto(TensorProto.DataType.Value(inner.upper()), None)
    return (helper.make_sequence_type_proto if text.startswith("seq(") else helper.make_optional_type_proto)(type_of(inner))


def value_of(text, convert):
    inner = text[text.index("(") + 1:-1]
    if text.startswith("tensor("):
        return convert(np.array([[1.0, 0.0, 2.0]]), dtype_of(text))
    return [value_of(inner, convert), value_of(inner, convert)] if text.startswith("seq(") else value_of(inner, convert)


def graph(nodes, inputs, outputs):
    return helper.make_graph(nodes, "case", [helper.make_value_info(n, t) for n, t in inputs], [helper.make_value_info(n, t) for n, t in outputs])


def tensor(kind, dims=None):
    return helper.make_tensor_type_proto(kind, dims)


def first_version(op, version, type_, value):
    """The first versions of operators whose attributes became inputs, or that trained unless told: values out as they came in, moved."""
    like = value.dtype.type
    if version == 6 and op != "Dropout":
        return None
    one = lambda attributes, given, expected: ([helper.make_node(op, [f"x{i}" for i in range(len(given))], ["y"], **attributes)], [(f"x{i}", type_) for i in range(len(given))], given,
                                               [("y", type_)], [expected])
    if op == "Reshape":
        return one({"shape": [3, 1]}, [value], value.reshape(3, 1))
    if op == "Tile":
        return one({}, [value, np.array(2, like), np.array(1, like)], np.tile(value, (1, 2)))
    if op == "Upsample":
        return one({"height_scale": 1.0, "width_scale": 2.0, "mode": "nearest"}, [value.reshape(1, 1, 1, 3)], value.reshape(1, 1, 1, 3).repeat(2, 3))
    if op == "Pad":
        return one({"paddings": [0, 1, 0, 0]}, [value], np.concatenate([np.zeros((1, 1), value.dtype), value], 1))
    if op == "Dropout":
        return one({"is_test": 1}, [value], value)
    if op == "BatchNormalization":
        each = lambda v: np.full(3, v, value.dtype)
        return one({"is_test": 1, "epsilon": 0.0, "consumed_inputs": [0, 0, 0, 1, 1]}, [value.reshape(1, 3, 1, 1), each(1), each(0), each(0), each(1)], value.reshape(1, 3, 1, 1))
    if op == "LpPool":
        return one({"kernel_shape": [1, 1], "p": 2.0}, [value.reshape(1, 1, 1, 3)], value.reshape(1, 1, 1, 3))
    return None


def unchanged(op, version, type_, value):
    """Operators of which no peer has every type, on arguments that leave the values as they are, or repeat them."""
    node, f32 = helper.make_node, tensor(TensorProto.FLOAT)
    given = lambda *more: ([("x", type_), *[(n, t) for n, t, _ in more]], [value, *[v for _, _, v in more]])
    ones = np.ones(3, value.dtype) if value.dtype != object else None
    scales = np.array([1, 2], np.float32)
    twice = value.repeat(2, 1)
    if op == "Resize" and version == 10:
        ins, fed = given(("s", f32, scales))
        return [node(op, ["x", "s"], ["y"], mode="nearest")], ins, fed, [("y", type_)], [twice]
    if op == "Resize":
        ins, fed = given(("s", f32, scales))
        return ([node(op, ["x", "", "s"], ["y"], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")], ins, fed, [("y", type_)], [twice]) if version > 11 else (
            [node(op, ["x", "r", "s"], ["y"], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")], [*ins, ("r", f32)], [*fed, np.zeros(0, np.float32)], [("y", type_)], [twice])
    if op == "Upsample" and version == 7:
        return [node(op, ["x"], ["y"], mode="nearest", scales=[1.0, 2.0])], [("x", type_)], [value], [("y", type_)], [twice]
    if op == "RMSNormalization" and ones is not None:
        return [node(op, ["x", "s"], ["y"])], [("x", type_), ("s", type_)], [ones.reshape(1, 3), ones], [("y", type_)], [ones.reshape(1, 3)]
    if op == "MeanVarianceNormalization":
        x = np.array([-1, 1], value.dtype).reshape(1, 1, 1, 2)
        return [node(op, ["x"], ["y"])], [("x", type_)], [x], [("y", type_)], [x]
    if op == "Scatter":
        at = np.zeros((1, 1), np.int64)
        out = value.copy()
        out[0, 0] = value[0, 2]
        return [node(op, ["x", "i", "u"], ["y"], axis=1)], [("x", type_), ("i", tensor(TensorProto.INT64)), ("u", type_)], [value, at, value[:, 2:]], [("y", type_)], [out]
    if op == "QLinearMatMul":
        one, zero, eye = np.array(1, np.float32), np.zeros((), value.dtype), np.eye(3).astype(value.dtype)
        named = [("a", type_, value), ("as", f32, one), ("az", type_, zero), ("b", type_, eye), ("bs", f32, one), ("bz", type_, zero), ("ys", f32, one), ("yz", type_, zero)]
        return [node(op, [n for n, _, _ in named], ["y"])], [(n, t) for n, t, _ in named], [v for _, _, v in named], [("y", type_)], [value]
    if op == "MaxPool" and value.dtype == np.int64:  # the type of the indices
        x = np.array([1, 0, 2], np.float32).reshape(1, 1, 1, 3)
        return [node(op, ["x"], ["y", "i"], kernel_shape=[1, 1])], [("x", f32)], [x], [("y", f32), ("i", type_)], [x, np.arange(3).reshape(x.shape)]
    if op == "OneHot":
        number = tensor(TensorProto.INT64)
        two = value[:, 1:].reshape(2)
        return ([node(op, ["i", "d", "v"], ["y"])], [("i", number), ("d", number), ("v", type_)], [np.array([0, 2]), np.array(3), two], [("y", type_)],
                [np.array([[two[1], two[0], two[0]], [two[0], two[0], two[1]]], value.dtype)])
    if op == "DequantizeLinear" and value.dtype.name == "float8_e8m0fnu":  # the type of the scale
        x = np.array([1, 0, 2], np.int8)
        return [node(op, ["x", "s"], ["y"], output_dtype=TensorProto.FLOAT)], [("x", tensor(TensorProto.INT8)), ("s", type_)], [x, np.ones((), value.dtype)], [("y", f32)], [x.astype(np.float32)]
    if op == "LayerNormalization" and value.dtype.name == "bfloat16":  # the type of the statistics
        x, kind = np.array([[-1, 1]], np.float32), type_.tensor_type.elem_type
        return ([node(op, ["x", "s"], ["y", "m", "d"], stash_type=kind)], [("x", f32), ("s", f32)], [x, np.ones(2, np.float32)], [("y", f32), ("m", type_), ("d", type_)],
                [x, np.zeros((1, 1), value.dtype), np.ones((1, 1), value.dtype)])
    if op in ("GRU", "RNN") and version == 1:  # of zeros
        kind = type_ if value.dtype.kind == "f" else f32
        of, gates = (value.dtype if value.dtype.kind == "f" else np.dtype("f4")), 3 if op == "GRU" else 1
        zeros = [np.zeros(s, of) for s in ((1, 1, 1), (1, gates, 1), (1, gates, 1))]
        return ([node(op, ["x", "w", "r", "", "l"], ["y"], hidden_size=1, output_sequence=1)], [("x", kind), ("w", kind), ("r", kind), ("l", tensor(TensorProto.INT32))], [*zeros, np.array([1], np.int32)],
                [("y", kind)], [np.zeros((1, 1, 1, 1), of)])
    if op == "Cast" and value.dtype.name.startswith("float8_e4m3"):
        x = value.astype(np.float32)
        return [node(op, ["x"], ["y"], to=type_.tensor_type.elem_type)], [("x", f32)], [x], [("y", type_)], [value]
    if op == "Cast" and version == 1:
        return [node(op, ["x"], ["y"], to="INT64")], [("x", type_)], [value], [("y", tensor(TensorProto.INT64))], [value.astype(np.int64)]
    return None


def carry(op, text, version, convert):
    """(nodes, inputs with types, fed values, outputs with types, expected) of an operator and a type, or None."""
    type_, value = type_of(text), value_of(text, convert)
    node = helper.make_node
    true, count, zero = np.array(True), np.array(2, np.int64), np.array(0, np.int64)
    boolean, number = tensor(TensorProto.BOOL, []), tensor(TensorProto.INT64, [])
    if op == "Identity":
        return [node("Identity", ["x"], ["y"])], [("x", type_)], [value], [("y", type_)], [value]
    if op == "If":
        branches = {f"{b}_branch": graph([node("Identity", ["x"], [b])], [], [(b, type_)]) for b in ("then", "else")}
        return [node("If", ["c"], ["y"], **branches)], [("c", boolean), ("x", type_)], [true, value], [("y", type_)], [value]
    if op == "Loop":
        body = graph([node("Identity", ["go"], ["on"]), node("Identity", ["v"], ["w"])], [("i", number), ("go", boolean), ("v", type_)], [("on", boolean), ("w", type_)])
        return [node("Loop", ["m", "c", "x"], ["y"], body=body)], [("m", number), ("c", boolean), ("x", type_)], [count, true, value], [("y", type_)], [value]
    if op == "Scan" and text.startswith("tensor("):
        one = helper.make_tensor_type_proto(type_.tensor_type.elem_type, [3])
        body = graph([node("Identity", ["row"], ["out"])], [("row", one)], [("out", one)])
        scanned = value.reshape(1, 1, 3) if version == 8 else value
        return [node("Scan", ["", "x"] if version == 8 else ["x"], ["y"], body=body, num_scan_inputs=1)], [("x", type_)], [scanned], [("y", type_)], [scanned]
    if text.startswith("tensor(") and (made := unchanged(op, version, type_, value)):
        return made
    if op == "BitCast" and text.startswith("tensor("):
        return [node(op, ["x"], ["y"], to=type_.tensor_type.elem_type)], [("x", type_)], [value], [("y", type_)], [value]
    if version in (1, 6) and text.startswith("tensor(") and (made := first_version(op, version, type_, value)):
        return made
    if text.startswith("optional("):
        inner = type_.optional_type.elem_type
        if op == "OptionalGetElement":
            return [node(op, ["x"], ["y"])], [("x", type_)], [value], [("y", inner)], [value]
        if op == "OptionalHasElement":
            return [node(op, ["x"], ["y"])], [("x", type_)], [value], [("y", boolean)], [true]
        if op == "Optional":
            return [node(op, ["x"], ["y"])], [("x", inner)], [value], [("y", type_)], [value]
        return None
    if op in ("OptionalGetElement", "OptionalHasElement", "Optional"):
        if op == "OptionalHasElement":
            return [node(op, ["x"], ["y"])], [("x", type_)], [value], [("y", boolean)], [true]
        if op == "Optional":
            return [node(op, ["x"], ["y"])], [("x", type_)], [value], [("y", helper.make_optional_type_proto(type_))], [value]
        return [node(op, ["x"], ["y"])], [("x", type_)], [value], [("y", type_)], [value]
    sequence = text if text.startswith("seq(") else f"seq({text})"
    items, of, element = value_of(sequence, convert), type_of(sequence), type_of(sequence[4:-1])
    if op == "SequenceConstruct":
        return [node(op, ["a", "b"], ["y"])], [("a", element), ("b", element)], items, [("y", of)], [items]
    if op == "SequenceAt":
        return [node(op, ["s", "i"], ["y"])], [("s", of), ("i", number)], [items, zero], [("y", element)], [items[0]]
    if op == "SequenceErase":
        return [node(op, ["s", "i"], ["y"])], [("s", of), ("i", number)], [items, zero], [("y", of)], [items[1:]]
    if op == "SequenceInsert":
        return [node(op, ["s", "x"], ["y"])], [("s", of), ("x", element)], [items, items[0]], [("y", of)], [[*items, items[0]]]
    if op == "SequenceLength":
        return [node(op, ["s"], ["y"])], [("s", of)], [items], [("y", number)], [count]
    if op == "SequenceEmpty":
        kind = element.tensor_type.elem_type
        return [node(op, [], ["y"], dtype=kind)], [], [], [("y", of)], [[]]
    if op == "SequenceMap":
        body = graph([node("Identity", ["a"], ["b"])], [("a", element)], [("b", element)])
        return [node(op, ["s"], ["y"], body=body)], [("s", of)], [items], [("y", of)], [items]
    if op == "ConcatFromSequence":
        return [node(op, ["s"], ["y"], axis=0)], [("s", of)], [items], [("y", element)], [np.concatenate(items, 0)]
    if op == "SplitToSequence":
        return [node(op, ["x"], ["y"], axis=0)], [("x", element)], [items[0]], [("y", of)], [[items[0]]]
    return None


def classical(op, text, version, convert):
    """As carry, of ai.onnx.ml: what no peer has, or gets wrong."""
    node = lambda inputs, outputs, **attributes: helper.make_node(op, inputs, outputs, domain="ai.onnx.ml", **attributes)
    f32 = tensor(TensorProto.FLOAT)
    if text.startswith("map("):
        key, of = text[4:-1].replace("tensor(", "").rstrip(")").replace(" ", "").split(",")
        number = lambda kind: TensorProto.DataType.Value(kind.upper())
        type_ = helper.make_map_type_proto(number(key), tensor(number(of), []))
        name, held = ("a" if key == "string" else 1), {"string": "2", "int64": 2}.get(of, 2.0)
        if op == "CastMap":
            return [node(["x"], ["y"], cast_to="TO_FLOAT")], [("x", type_)], [{name: held}], [("y", f32)], [np.array([[2]], np.float32)]
        if op == "DictVectorizer":
            vocabulary = {"string_vocabulary": ["b", "a"]} if key == "string" else {"int64_vocabulary": [0, 1]}
            dtype = np.dtype(object) if of == "string" else helper.tensor_dtype_to_np_dtype(number(of))
            return [node(["x"], ["y"], **vocabulary)], [("x", type_)], [{name: held}], [("y", tensor(number(of)))], [np.array([["" if of == "string" else 0, held]], dtype)]
    if op == "ZipMap" and text.startswith("seq(map("):
        words = "string" in text
        type_ = helper.make_sequence_type_proto(helper.make_map_type_proto(TensorProto.STRING if words else TensorProto.INT64, f32))
        names = ["a", "b"] if words else [3, 4]
        x = np.array([[0.25, 0.75]], np.float32)
        return [node(["x"], ["y"], **({"classlabels_strings": names} if words else {"classlabels_int64s": names}))], [("x", f32)], [x], [("y", type_)], [[dict(zip(names, x[0]))]]
    if not text.startswith("tensor("):
        return None
    type_, value = type_of(text), value_of(text, convert)
    if op == "Scaler":
        return [node(["x"], ["y"], offset=[0.0], scale=[1.0])], [("x", type_)], [value], [("y", f32)], [value.astype(np.float32)]
    if op == "LabelEncoder" and version == 4 and value.dtype.kind == "f":
        pair = lambda v: numpy_helper.from_array(np.array(v, value.dtype))
        return [node(["x"], ["y"], keys_tensor=pair([1, 0, 2]), values_tensor=pair([1, 0, 2]), default_tensor=pair([9]))], [("x", type_)], [value], [("y", type_)], [value]
    if op == "TreeEnsemble" and value.dtype.kind == "f":  # one split: 0 up to one half, else 1
        pair = lambda v: numpy_helper.from_array(np.array(v, value.dtype))
        stump = dict(tree_roots=[0], nodes_featureids=[0], nodes_splits=pair([0.5]), nodes_modes=numpy_helper.from_array(np.array([0], np.uint8)), nodes_truenodeids=[0], nodes_trueleafs=[1],
                     nodes_falsenodeids=[1], nodes_falseleafs=[1], leaf_targetids=[0, 0], leaf_weights=pair([0, 1]), n_targets=1)
        return [node(["x"], ["y"], **stump)], [("x", type_)], [value.reshape(3, 1)], [("y", type_)], [(value.reshape(3, 1) > 0.5).astype(value.dtype)]
    return None


def gradient(text, convert):
    """Gradient of x x: T2 and T1 are the types of x and of its derivative, or T1 that of another input of the graph."""
    type_, value = type_of(text), value_of(text, convert)
    f32, domain = tensor(TensorProto.FLOAT), "ai.onnx.preview.training"
    x = np.array([[1, 0, 2]], value.dtype if value.dtype.kind == "f" else np.float32)
    kind = type_ if value.dtype.kind == "f" else f32
    nodes = [helper.make_node("Mul", ["x", "x"], ["y"]), helper.make_node("Identity", ["z"], ["w"]), helper.make_node("Gradient", ["x", "z"], ["d"], domain=domain, xs=["x"], zs=["z"], y="y")]
    return nodes, [("x", kind), ("z", type_)], [x, value], [("d", kind), ("w", type_)], [x + x, value]


def add(sweep, key):
    """Adds the cases of one operator version to a type_table.Sweep."""
    from type_table import CARRIED, cells_of_model, convert
    domain, op, version = key
    if domain not in ("", "ai.onnx.ml") and op != "Gradient":
        return
    for cell in sweep.table.empty(key):
        if cell[4].startswith("sparse") or not domain and cell[4].startswith("map"):
            continue
        made = gradient(cell[4], convert) if op == "Gradient" else (classical if domain else carry)(op, cell[4], version, convert)
        if made is None:
            continue
        nodes, inputs, fed, outputs, expected = made
        model = helper.make_model(graph(nodes, inputs, outputs), opset_imports=[helper.make_opsetid(domain, version)] + ([helper.make_opsetid("", 21)] if domain else []), ir_version=13)
        cells = {c for c in cells_of_model(model) if c[:3] == key} | {cell}
        sweep.add(key, model, fed, expected, [t for _, t in outputs], cells, CARRIED, f"{op}-{version} of {cell[4]}")
