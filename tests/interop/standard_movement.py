"""Random cases for the operators of the default domain that move, pick and order elements."""
import numpy as np

from standard import axis_of, case, draw, pick_type, schema_of, shape

ALSO = ("tensor(string)",)
REFERENCE_DIFFERS = {"Shape": "an end that lies before the first axis is counted from the last one again, the standard makes it 0",
                     "Unique": "unsorted along an axis, it picks the slices along axis 0",
                     "Unsqueeze": "at version 11 it adds the axes one by one, counting negative ones from the rank so far; the standard says from the output's"}


def i8(*values):
    return np.array(values, "i8")


def start(op, r, first=7, parameter="T", also=ALSO, **more):
    """The operator's version and an input of one of its types."""
    schema = schema_of(op, r, first)
    return schema.since_version, draw(r, pick_type(r, schema, parameter, also), shape(r, **more))


def constants(r, *which):
    return which if r.random() < 0.5 else ()


def transpose(r):
    v, x = start("Transpose", r, 1)
    return case("Transpose", v, [x], {"perm": r.permutation(x.ndim).tolist() if x.ndim and r.random() < 0.8 else None})


def concat(r):
    v, x = start("Concat", r, 4, low=1, empty=0)
    axis = axis_of(r, x.ndim, v >= 11)
    parts = []
    for _ in range(r.integers(1, 5)):
        s = list(x.shape)
        s[axis] = int(r.integers(0, 4))
        parts.append(draw(r, x.dtype, s))
    return case("Concat", v, parts, {"axis": axis})


def split(r):
    v, x = start("Split", r, 2, low=1, empty=0)
    axis = axis_of(r, x.ndim, v >= 11)
    n = int(r.integers(1, 4))
    cuts = np.sort(r.integers(0, x.shape[axis] + 1, n - 1))
    sizes = np.diff(np.concatenate([[0], cuts, [x.shape[axis]]])).astype("i8")
    even = r.random() < 0.4 and (x.shape[axis] % n == 0 or v >= 18 and -(-x.shape[axis] // n) * (n - 1) < x.shape[axis])
    if v < 13:
        return case("Split", v, [x], {"axis": axis, "split": None if even else sizes.tolist()}, outputs=n)
    return case("Split", v, [x] + ([] if even else [sizes]), {"axis": axis, "num_outputs": n if even and v >= 18 else None}, outputs=n, constants=constants(r, 1))


def slice_(r):
    v, x = start("Slice", r, 1, low=1, empty=0.03)
    axes = r.permutation(x.ndim)[:r.integers(1, x.ndim + 1)]
    if v < 10:
        axes = np.sort(axes)
        ends = [int(r.integers(-6, 7)) for _ in axes]
        return case("Slice", v, [x], {"axes": axes.tolist(), "starts": [int(r.integers(-6, 7)) for _ in axes], "ends": ends})
    dtype = r.choice(["i4", "i8"])
    steps = r.choice([-3, -2, -1, 1, 2, 3], len(axes))
    ends = np.where(r.random(len(axes)) < 0.2, np.where(steps > 0, np.iinfo(dtype).max, np.iinfo(dtype).min), r.integers(-6, 7, len(axes)))
    given = [r.integers(-6, 7, len(axes)), ends, np.where(r.random(len(axes)) < 0.4, axes - x.ndim, axes), steps]
    if r.random() < 0.2:
        given = [r.integers(-3, 4, x.ndim), r.integers(-5, 7, x.ndim)]
    return case("Slice", v, [x] + [g.astype(dtype) for g in given], constants=constants(r, 1, 2, 3, 4))


def pad(r):
    v, x = start("Pad", r, 2, also=(), low=1, empty=0)
    modes = ["constant", "edge", "reflect"] + (["wrap"] if v >= 19 else [])
    mode = str(r.choice(modes))
    some = r.permutation(x.ndim)[:r.integers(1, x.ndim + 1)] if v >= 18 and r.random() < 0.4 else np.arange(x.ndim)
    sizes = np.array(x.shape)[some]
    pads = r.integers(-1 if mode == "constant" else 0, 4, 2 * len(some))
    if mode in ("reflect", "wrap"):
        pads = np.minimum(pads, np.tile(sizes, 2) - (mode == "reflect"))
    if mode == "constant":
        pads = np.maximum(pads, np.tile(-(sizes // 2), 2))
    if v < 11:
        return case("Pad", v, [x], {"mode": mode, "pads": pads.tolist(), "value": float(r.integers(-2, 3))})
    value = draw(r, x.dtype, ()) if mode == "constant" and r.random() < 0.6 else None
    axes = np.where(r.random(len(some)) < 0.4, some - x.ndim, some).astype(r.choice(["i4", "i8"])) if len(some) < x.ndim or v >= 18 and r.random() < 0.2 else None
    inputs = [x, pads.astype("i8"), value, axes]
    while inputs[-1] is None:
        inputs.pop()
    return case("Pad", v, inputs, {"mode": mode}, constants=constants(r, 1, 3))


def indices_of(r, size, s, v):
    return r.integers(-size if v >= 11 else 0, size, s).astype(r.choice(["i4", "i8"]))


def gather(r):
    v, x = start("Gather", r, 1, low=1, empty=0)
    axis = axis_of(r, x.ndim, v >= 11)
    return case("Gather", v, [x, indices_of(r, x.shape[axis], shape(r, 0, 2), v)], {"axis": axis}, constants=constants(r, 1))


def gather_elements(r):
    v, x = start("GatherElements", r, 11, low=1, empty=0)
    axis = axis_of(r, x.ndim)
    s = [int(r.integers(1, d + 1)) for d in x.shape]
    s[axis] = int(r.integers(1, 6))
    return case("GatherElements", v, [x, indices_of(r, x.shape[axis], s, v)], {"axis": axis})


def gather_nd(r):
    v, x = start("GatherND", r, 11, low=1, empty=0)
    b = int(r.integers(0, x.ndim)) if v >= 12 else 0
    depth = int(r.integers(1, x.ndim - b + 1))
    middle = shape(r, 0 if b else 1, 2, empty=0)
    index = np.stack([r.integers(-d, d, x.shape[:b] + middle) for d in x.shape[b:b + depth]], -1).astype("i8")
    return case("GatherND", v, [x, index], {"batch_dims": b} if v >= 12 else None)


def scatter_elements(op):
    def make(r):
        v, x = start(op, r, 9 if op == "Scatter" else 11, low=1, empty=0)
        axis = axis_of(r, x.ndim, op != "Scatter")
        s = [int(r.integers(1, d + 1)) for d in x.shape]
        kinds = ["none"] + (["add", "mul"] if v >= 16 else []) + (["max", "min"] if v >= 18 else [])
        kind = str(r.choice(kinds)) if x.dtype.kind in "fiu" else "none"
        lines = np.moveaxis(np.zeros(s, "i8"), axis, -1)
        for where in np.ndindex(*lines.shape[:-1]):  # which of two updates of one element wins is not said
            lines[where] = r.integers(0, x.shape[axis], lines.shape[-1]) if kind != "none" else r.permutation(x.shape[axis])[:lines.shape[-1]]
        index = np.moveaxis(lines, -1, axis)
        index = np.where(r.random(s) < 0.3, index - x.shape[axis], index) if op != "Scatter" else index
        return case(op, v, [x, index.astype(r.choice(["i4", "i8"])), draw(r, x.dtype, s)], {"axis": axis, "reduction": kind if v >= 16 else None}, atol=0.1 if x.dtype.itemsize == 2 else None)
    return make


def scatter_nd(r):
    v, x = start("ScatterND", r, 11, low=1, empty=0)
    depth = int(r.integers(1, x.ndim + 1))
    kinds = ["none"] + (["add", "mul"] if v >= 16 else []) + (["max", "min"] if v >= 18 else [])
    kind = str(r.choice(kinds)) if x.dtype.kind in "fiu" else "none"
    places = np.array(list(np.ndindex(*x.shape[:depth])), "i8")
    n = int(r.integers(1, len(places) + 1))
    index = places[r.permutation(len(places))[:n] if kind == "none" else r.integers(0, len(places), n)]
    return case("ScatterND", v, [x, index, draw(r, x.dtype, (n,) + x.shape[depth:])], {"reduction": kind if v >= 16 else None}, atol=0.1 if x.dtype.itemsize == 2 else None)


def reshape(r):
    v, x = start("Reshape", r, 5)
    target = [int(d) for d in r.permutation(np.array(x.shape, int))] + [1] * int(r.integers(0, 2))
    allow = int(r.integers(2)) if v >= 14 else 0
    if 0 in target and not allow:
        return reshape(r)
    if target and 0 not in target and r.random() < 0.5:
        target[int(r.integers(len(target)))] = -1
    if not allow and x.ndim and target[0] == x.shape[0] and r.random() < 0.5:
        target[0] = 0
    return case("Reshape", v, [x, i8(*target)], {"allowzero": allow} if v >= 14 else None, constants=constants(r, 1))


def flatten(r):
    v, x = start("Flatten", r, 1)
    return case("Flatten", v, [x], {"axis": int(r.integers(-x.ndim if v >= 11 else 0, x.ndim + 1))} if r.random() < 0.8 or x.ndim == 0 else None)


def squeeze(r):
    v, x = start("Squeeze", r, 1)
    x = x.reshape([1 if r.random() < 0.5 and d == 1 else d for d in x.shape])
    ones = [a for a, d in enumerate(x.shape) if d == 1]
    axes = [int(a - x.ndim if v >= 11 and r.random() < 0.4 else a) for a in ones if r.random() < 0.6] if ones and r.random() < 0.7 else None
    if v < 13:
        return case("Squeeze", v, [x], {"axes": axes or None})
    return case("Squeeze", v, [x] + ([i8(*axes)] if axes else []), constants=constants(r, 1))


def unsqueeze(r):
    v, x = start("Unsqueeze", r, 1)
    n = int(r.integers(1, 3))
    axes = r.permutation(x.ndim + n)[:n]
    axes = [int(a - x.ndim - n if v >= 11 and r.random() < 0.4 else a) for a in (np.sort(axes) if v < 11 else axes)]
    return case("Unsqueeze", v, [x], {"axes": axes}) if v < 13 else case("Unsqueeze", v, [x, i8(*axes)], constants=constants(r, 1))


def expand(r):
    v, x = start("Expand", r, 8)
    s = shape(r, 0, 4, empty=0)
    merged = [d if d != 1 else int(r.integers(1, 4)) for d in x.shape]
    target = list(s[:int(r.integers(0, 2))]) + [1 if r.random() < 0.3 else d for d in merged]
    return case("Expand", v, [x, np.array(target, "i8")], constants=constants(r, 1))


def tile(r):
    v, x = start("Tile", r, 6)
    return case("Tile", v, [x, r.integers(0 if r.random() < 0.1 else 1, 4, x.ndim).astype("i8")], constants=constants(r, 1))


def topk(r):
    schema = schema_of("TopK", r, 1)
    v = schema.since_version
    dtype = pick_type(r, schema)
    s = shape(r, 1, 4, 6, empty=0)
    x = draw(r, dtype, s, -3, 3)
    axis = axis_of(r, x.ndim, v >= 11)
    k = int(r.integers(0 if v >= 10 and r.random() < 0.05 else 1, s[axis] + 1))
    if v < 10:
        return case("TopK", v, [x], {"axis": axis, "k": k}, outputs=2)
    return case("TopK", v, [x, i8(k)], {"axis": axis, **({"largest": int(r.integers(2)), "sorted": 1} if v >= 11 else {})}, outputs=2, constants=constants(r, 1))


def non_zero(r):
    v, x = start("NonZero", r, 9, also=(), low=1)
    return case("NonZero", v, [x])


def unique(r):
    v, x = start("Unique", r, 11, low=1, high=3, empty=0, also=())
    axis = axis_of(r, x.ndim) if r.random() < 0.6 else None
    x = np.asarray(np.round(x.astype("f8"))).astype(x.dtype)
    # REFERENCE_DIFFERS: unsorted, in types of ONNX Runtime's alone.
    ordered = int(r.integers(2)) if axis is None or x.dtype.name in ("float32", "float64", "int8", "int64") else 1
    return case("Unique", v, [x], {"axis": axis, "sorted": ordered}, outputs=4)


def compress(r):
    v, x = start("Compress", r, 9, low=1, empty=0)
    axis = axis_of(r, x.ndim, v >= 11) if r.random() < 0.6 else None
    n = x.size if axis is None else x.shape[axis]
    return case("Compress", v, [x, draw(r, bool, int(r.integers(1, n + 1)))], {"axis": axis})


def one_hot(r):
    v = int(r.choice([9, 11]))
    depth = int(r.integers(1, 6))
    index = draw(r, r.choice(["i4", "i8", "f4"]), shape(r, 0, 3), -depth if v == 11 else 0, depth - 1)
    index = np.asarray(np.round(index.astype("f8"))).astype(index.dtype)
    return case("OneHot", v, [index, np.array(depth, "i8") if r.random() < 0.5 else i8(depth), draw(r, r.choice(["f4", "i4", "i8"]), (2,))], {"axis": int(r.integers(-index.ndim - 1, index.ndim + 1))})


def depth_space(op):
    def make(r):
        schema = schema_of(op, r, 1)
        v, b = schema.since_version, int(r.integers(1, 4))
        n, c, h, w = (int(d) for d in r.integers(1, 4, 4))
        s = (n, c * b * b, h, w) if op == "DepthToSpace" else (n, c, h * b, w * b)
        return case(op, v, [draw(r, pick_type(r, schema, also=ALSO), s)], {"blocksize": b, "mode": str(r.choice(["DCR", "CRD"])) if op == "DepthToSpace" and v >= 11 else None})
    return make


def trilu(r):
    v, x = start("Trilu", r, 14, also=(), low=2)
    return case("Trilu", v, [x] + ([np.array(r.integers(-4, 5), "i8")] if r.random() < 0.7 else []), {"upper": int(r.integers(2))})


def eye_like(r):
    schema = schema_of("EyeLike", r, 9)
    return case("EyeLike", schema.since_version, [draw(r, pick_type(r, schema, "T1"), shape(r, 2, 2, 6))], {"k": int(r.integers(-3, 4)), "dtype": int(r.choice([1, 6, 7, 11])) if r.random() < 0.5 else None})


def about(op):
    def make(r):
        v, x = start(op, r, 1)
        return case(op, v, [x], {"start": int(r.integers(-5, 6)), "end": int(r.integers(-5, 6)) if r.random() < 0.6 else None} if op == "Shape" and v >= 15 and r.random() < 0.7 else None)
    return make


def range_(r):
    dtype = r.choice(["f4", "f8", "i2", "i4", "i8"])
    return case("Range", 11, [np.array(a, dtype) for a in (r.integers(-5, 5), r.integers(-10, 20), r.choice([-2, -1, 1, 2, 3]))])


def reverse_sequence(r):
    v, x = start("ReverseSequence", r, 10, low=2, empty=0)
    time = int(r.integers(2))
    return case("ReverseSequence", v, [x, r.integers(1, x.shape[time] + 1, x.shape[1 - time]).astype("i8")], {"time_axis": time, "batch_axis": 1 - time})


GENERATORS = {"Transpose": transpose, "Concat": concat, "Split": split, "Slice": slice_, "Pad": pad, "Gather": gather, "GatherElements": gather_elements, "GatherND": gather_nd,
              "ScatterElements": scatter_elements("ScatterElements"), "Scatter": scatter_elements("Scatter"), "ScatterND": scatter_nd, "Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze,
              "Unsqueeze": unsqueeze, "Expand": expand, "Tile": tile, "TopK": topk, "NonZero": non_zero, "Unique": unique, "Compress": compress, "OneHot": one_hot,
              "DepthToSpace": depth_space("DepthToSpace"), "SpaceToDepth": depth_space("SpaceToDepth"), "Trilu": trilu, "EyeLike": eye_like, "Shape": about("Shape"), "Size": about("Size"),
              "Range": range_, "ReverseSequence": reverse_sequence}
