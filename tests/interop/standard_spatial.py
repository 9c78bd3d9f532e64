"""Random cases for quantised products, sampling and regions, and attention: the default domain and ai.onnx.preview."""
import numpy as np
import torch
import torch.nn.functional as F
import torchvision.ops
from onnx import TensorProto, helper

from property import Case
from standard import TOLERANCE, axis_of, case, draw, is_float, pick_type, schema_of, shape
from standard_layers import ints, some, trimmed, window

PREVIEW = "ai.onnx.preview"
QUANTISED = "torch's convolution of the real values in double"
ORACLES = {"ConvInteger": QUANTISED, "QLinearConv": QUANTISED, "QLinearMatMul": "numpy in double", "AffineGrid": "torch's affine_grid in double", "Col2Im": "torch's fold in double",
           "DeformConv": "torchvision's deform_conv2d in double", "GlobalLpPool": "numpy in double", "GridSample": "torch's grid_sample in double", "MaxRoiPool": "numpy",
           "RotaryEmbedding": "numpy in double", "SwiGLU": "numpy in double", "TensorScatter": "numpy", "LinearAttention": "numpy in double", "CausalConvWithState": "numpy in double",
           "BitCast": "numpy's view", f"{PREVIEW}.FlexAttention": "numpy in double"}
REFERENCE_DIFFERS = {"RoiAlign": "at version 10, which knows no coordinate_transformation_mode, it shifts by the half pixel that is the default of later versions",
                     "Attention": "where there is a softcap, the scores of qk_matmul_output_mode 0 are already capped"}
BYTES = ("u1", "i1")
FLOATS = {"tensor(float)", "tensor(double)", "tensor(float16)", "tensor(bfloat16)"}


def rounded(values, dtype):
    return np.asarray(values).astype(dtype)


def limits(dtype, wider=1):
    rtol, atol = TOLERANCE[np.dtype(dtype).name]
    return {"rtol": rtol, "atol": atol * wider}


def byte_tensor(r, shape_, dtype=None):
    dtype = np.dtype(dtype or r.choice(BYTES))
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return r.integers(low, high + 1, shape_).astype(dtype)


def convolve(x, w, bias, attributes):
    """torch's convolution, in double, with the standard's attributes; x and w are real numbers."""
    rank = x.ndim - 2
    kernel, strides = w.shape[2:], attributes.get("strides") or [1] * rank
    dilations, pads = attributes.get("dilations") or [1] * rank, attributes.get("pads") or [0] * 2 * rank
    auto = attributes.get("auto_pad") or "NOTSET"
    if auto.startswith("SAME"):
        total = [max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, s, k, d in zip(x.shape[2:], strides, kernel, dilations)]
        first = [t // 2 if auto == "SAME_UPPER" else t - t // 2 for t in total]
        pads = first + [t - f for t, f in zip(total, first)]
    elif auto == "VALID":
        pads = [0] * 2 * rank
    x = np.pad(x, [(0, 0), (0, 0)] + [(pads[i], pads[rank + i]) for i in range(rank)])
    f = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    return f(torch.tensor(x), torch.tensor(w), None if bias is None else torch.tensor(bias), tuple(strides), 0, tuple(dilations), attributes.get("group") or 1).numpy()


def convolution_case(r):
    rank = int(r.integers(1, 4))
    kernel, strides, dilations, pads, size = window(r, rank)
    group = int(r.choice([1, 1, 2, 3]))
    c, m, n = group * int(r.integers(1, 4)), group * int(r.integers(1, 4)), int(r.integers(0 if r.random() < 0.1 else 1, 3))
    auto = str(r.choice(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    attributes = {"kernel_shape": some(r, kernel), "strides": some(r, strides, 0.8), "dilations": some(r, dilations, 0.8), "group": group if group > 1 or r.random() < 0.5 else None,
                  "auto_pad": auto if auto != "NOTSET" or r.random() < 0.5 else None, "pads": pads if auto == "NOTSET" else None}
    return (n, c, *size), (m, c // group, *kernel), {k: v for k, v in attributes.items() if v is not None}


def per_channel(points, rank):
    return points.astype("f8").reshape(-1, *[1] * (rank - 1)) if np.ndim(points) else np.float64(points)


def conv_integer(r):
    xs, ws, attributes = convolution_case(r)
    x, w = byte_tensor(r, xs), byte_tensor(r, ws)
    zx, zw = some(r, byte_tensor(r, (), x.dtype)), some(r, byte_tensor(r, (ws[0],) if r.random() < 0.4 else (), w.dtype), 0.5)

    def run(*_):
        real = [x.astype("f8") - (0 if zx is None else float(zx)), w.astype("f8") - (0 if zw is None else per_channel(zw, w.ndim))]
        return [np.rint(convolve(*real, None, attributes)).astype("i4")]
    return case("ConvInteger", 10, trimmed(x, w, zx, zw), attributes, oracle=run)


def requantised(real, scale, point, dtype):
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return np.clip(np.rint(real / scale) + float(point), low, high).astype(dtype)


def power(r, shape_=()):
    """Scales whose products and quotients are exact, so that no rounding is in doubt."""
    return np.ldexp(np.float32(1), r.integers(-8, -2, shape_)).astype("f4")


def qlinear_conv(r):
    xs, ws, attributes = convolution_case(r)
    channels = (ws[0],) if r.random() < 0.4 else ()
    x, w = byte_tensor(r, xs), byte_tensor(r, ws)
    zx, zw = byte_tensor(r, (), x.dtype), np.zeros(channels, w.dtype) if r.random() < 0.5 else byte_tensor(r, channels, w.dtype)
    sx, sw, sy, zy = power(r), power(r, channels), np.float32(2.0 ** r.integers(-6, 3)), byte_tensor(r, ())
    bias = some(r, r.integers(-3000, 3000, ws[0]).astype("i4"), 0.5)

    def run(*_):
        total = convolve(x.astype("f8") - float(zx), w.astype("f8") - per_channel(zw, w.ndim), None if bias is None else bias.astype("f8"), attributes)
        by_channel = sw.astype("f8").reshape(1, -1, *[1] * (w.ndim - 2)) if channels else float(sw)
        return [requantised(total * float(sx) * by_channel, float(sy), zy, zy.dtype)]
    return case("QLinearConv", 10, trimmed(x, sx, zx, w, sw, zw, np.asarray(sy), zy, bias), attributes, rtol=0, atol=0, oracle=run, constants=(3, 4, 5, 8) if r.random() < 0.5 else ())


def qlinear_matmul(r):
    schema = schema_of("QLinearMatMul", r, 10)
    m, k, n = ints(r, 1, 7, 3)
    batch = shape(r, 0, 2, 3, empty=0)
    rows, columns = r.random() < 0.3 and not batch, r.random() < 0.3 and not batch
    a, b = byte_tensor(r, (*batch, m, k)), byte_tensor(r, (*batch, k, n) if r.random() < 0.7 else (k, n))
    sa, za = power(r, (m,) if rows else ()), byte_tensor(r, (m,) if rows else (), a.dtype)
    sb, zb = power(r, (n,) if columns else ()), byte_tensor(r, (n,) if columns else (), b.dtype)
    sy, zy = np.asarray(np.float32(2.0 ** r.integers(-6, 3))), byte_tensor(r, ())
    of = np.dtype("f4") if schema.since_version < 21 else pick_type(r, schema, "TS")

    def run(*_):
        left = (a.astype("f8") - (za.astype("f8")[:, None] if rows else float(za))) * (sa.astype("f8")[:, None] if rows else float(sa))
        right = (b.astype("f8") - zb.astype("f8")) * sb.astype("f8")
        return [requantised(left @ right, float(sy), zy, zy.dtype)]
    return case("QLinearMatMul", schema.since_version, [a, sa.astype(of), za, b, sb.astype(of), zb, sy.astype(of), zy], rtol=0, atol=0, oracle=run)


def dynamic_quantize_linear(r):
    x = draw(r, np.float32, shape(r, 1, 4, empty=0), *sorted(r.uniform(-6, 6, 2)))
    return case("DynamicQuantizeLinear", 11, [np.rint(x * 4) / 4 if r.random() < 0.5 else x], atol=1.01, rtol=1e-6)  # a half is rounded by the last bit of the scale


def affine_grid(r):
    dtype = pick_type(r, schema_of("AffineGrid", r, 20), "T1")
    spatial = ints(r, 1, 6, int(r.integers(2, 4)))
    n, c, align = int(r.integers(1, 4)), int(r.integers(1, 4)), int(r.integers(2))
    theta = draw(r, dtype, (n, len(spatial), len(spatial) + 1), -2, 2)
    if align:  # of one pixel the step between corners is 0 / 0
        spatial = [max(v, 2) for v in spatial]
    size = np.array([n, c, *spatial], "i8")
    run = lambda t, *_: [F.affine_grid(torch.tensor(np.asarray(t, "f8")), [int(v) for v in size], align_corners=bool(align)).numpy().astype(dtype)]
    return case("AffineGrid", 20, [theta, size], {"align_corners": align if align or r.random() < 0.5 else None}, oracle=run, constants=(1,) if r.random() < 0.5 else (), **limits(dtype, 4))


def center_crop_pad(r):
    dtype = pick_type(r, schema_of("CenterCropPad", r, 18))
    x = draw(r, dtype, shape(r, 1, 4, 6))
    axes = None if r.random() < 0.4 else [int(a) - (x.ndim if r.random() < 0.4 else 0) for a in r.permutation(x.ndim)[:r.integers(1, x.ndim + 1)]]
    target = r.integers(0 if r.random() < 0.1 else 1, 9, x.ndim if axes is None else len(axes)).astype(r.choice(["i4", "i8"]))
    return case("CenterCropPad", 18, [x, target], {"axes": axes}, rtol=0, atol=0)


def col2im(r):
    dtype = pick_type(r, schema_of("Col2Im", r, 18), also=())
    while dtype == bool:
        dtype = pick_type(r, schema_of("Col2Im", r, 18))
    block, strides, dilations, pads = ints(r, 1, 4, 2), ints(r, 1, 3, 2), ints(r, 1, 3, 2), [int(v) for v in r.integers(0, 2, 2)]
    image = [(b - 1) * d + 1 + int(r.integers(0, 5)) for b, d in zip(block, dilations)]
    blocks = [(i + 2 * p - d * (b - 1) - 1) // s + 1 for i, p, d, b, s in zip(image, pads, dilations, block, strides)]
    n, c = ints(r, 1, 4, 2)
    x = draw(r, dtype, (n, c * block[0] * block[1], blocks[0] * blocks[1]))
    run = lambda v, *_: [F.fold(torch.tensor(np.asarray(v).astype("f8")), image, block, dilations, pads, strides).numpy().astype(dtype if is_float(dtype) else "i8").astype(dtype)]
    return case("Col2Im", 18, [x, np.array(image, "i8"), np.array(block, "i8")], {"strides": strides, "dilations": dilations, "pads": pads + pads}, oracle=run,
                **(limits(dtype, 4) if is_float(dtype) else {"rtol": 0, "atol": 0}))


def deform_conv(r):
    schema = schema_of("DeformConv", r, 19)
    dtype = pick_type(r, schema)
    kernel, strides, dilations = ints(r, 1, 4, 2), ints(r, 1, 3, 2), ints(r, 1, 3, 2)
    pads, group, offsets = ints(r, 0, 2, 2), int(r.choice([1, 2])), int(r.choice([1, 2]))
    n, c, m = int(r.integers(1, 3)), 2 * int(r.integers(1, 3)), group * int(r.integers(1, 3))
    size = [(k - 1) * d + 1 + int(r.integers(0, 4)) for k, d in zip(kernel, dilations)]
    out = [(s + 2 * p - d * (k - 1) - 1) // t + 1 for s, p, d, k, t in zip(size, pads, dilations, kernel, strides)]
    x, w = draw(r, dtype, (n, c, *size), -2, 2), draw(r, dtype, (m, c // group, *kernel), -1, 1)
    # Quarters: no position is in doubt by rounding.
    offset = rounded(r.integers(-6, 7, (n, offsets * kernel[0] * kernel[1] * 2, *out)) / 4, dtype)
    bias, mask = some(r, draw(r, dtype, (m,)), 0.5), some(r, draw(r, dtype, (n, offsets * kernel[0] * kernel[1], *out), 0, 1), 0.5)

    def run(*_):
        t = lambda v: None if v is None else torch.tensor(np.asarray(v).astype("f8"))
        return [torchvision.ops.deform_conv2d(t(x), t(offset), t(w), t(bias), tuple(strides), tuple(pads), tuple(dilations), t(mask)).numpy().astype(dtype)]
    return case("DeformConv", schema.since_version, trimmed(x, w, offset, bias, mask), {"kernel_shape": some(r, kernel), "strides": strides, "dilations": dilations, "pads": pads + pads,
                "group": group, "offset_group": offsets}, oracle=run, **limits(dtype, 20))


def global_lp_pool(r):
    schema = schema_of("GlobalLpPool", r, 1)
    dtype, v = pick_type(r, schema), schema.since_version
    p = some(r, int(r.integers(1, 5)))
    x = draw(r, dtype, shape(r, 3, 5, empty=0), -2, 2)
    order = 2 if p is None else p
    run = lambda value: [rounded((np.abs(np.asarray(value, "f8")) ** order).sum(axis=tuple(range(2, x.ndim)), keepdims=True) ** (1 / order), dtype)]
    return case("GlobalLpPool", v, [x], {"p": p if p is None or v > 1 else float(p)}, oracle=run, **limits(dtype, 4))


def grid_sample(r):
    schema = schema_of("GridSample", r, 16)
    v, dtype = schema.since_version, pick_type(r, schema, "T1", also=("tensor(float)",) * 1)
    while not is_float(dtype):
        dtype = pick_type(r, schema, "T1")
    rank = 2 if v == 16 else int(r.integers(2, 4))
    names = {"linear": "bilinear", "cubic": "bicubic", "nearest": "nearest"}
    mode = str(r.choice(["linear", "nearest", "cubic"] if rank == 2 else ["linear", "nearest"]))
    padding, align = str(r.choice(["zeros", "border", "reflection"])), int(r.integers(2))
    n, c, size = int(r.integers(1, 3)), int(r.integers(1, 3)), ints(r, 2, 6, rank)
    # Odd 64ths: no sample lies halfway between pixels.
    grid = (2 * r.integers(-44, 44, (n, *ints(r, 1, 5, rank), rank)) + 1) / 64
    x, g = draw(r, dtype, (n, c, *size), -2, 2), rounded(grid, dtype if v >= 20 else np.float32 if dtype != np.float64 else dtype)
    if mode == "nearest" and padding == "reflection":  # reflected positions may fall on halves again
        g = rounded(np.asarray(g, "f8") * 0.5, g.dtype)

    def run(x_, g_):
        return [F.grid_sample(torch.tensor(np.asarray(x_, "f8")), torch.tensor(np.asarray(g_, "f8")), names[mode], padding, bool(align)).numpy().astype(dtype)]
    return case("GridSample", v, [x, g], {"mode": names[mode] if v == 16 else mode, "padding_mode": padding, "align_corners": align}, oracle=run,
                rtol=0.02 if dtype.name == "bfloat16" else limits(dtype)["rtol"], atol={"float32": 2e-4, "float16": 0.03, "bfloat16": 0.2}.get(dtype.name, 1e-7))


def max_roi_pool(r):
    schema = schema_of("MaxRoiPool", r, 1)
    dtype = pick_type(r, schema)
    n, c, h, w = int(r.integers(1, 3)), int(r.integers(1, 3)), *ints(r, 2, 8, 2)
    pooled, scale, count = ints(r, 1, 4, 2), float(r.choice([1, 0.5, 2])), int(r.integers(0 if r.random() < 0.05 else 1, 4))
    x = draw(r, dtype, (n, c, h, w))
    corners = np.stack([np.sort(r.integers(0, int(w / scale), (count, 2)), 1), np.sort(r.integers(0, int(h / scale), (count, 2)), 1)], 2).reshape(count, 4)
    rois = rounded(np.concatenate([r.integers(0, n, (count, 1)), corners], 1), dtype)

    def run(*_):
        out = np.zeros((count, c, *pooled), dtype)
        for i, roi in enumerate(np.asarray(rois, "f8")):
            away = lambda v: int(np.floor(abs(v * scale) + 0.5) * np.sign(v))  # C's round
            b, x1, y1, x2, y2 = int(roi[0]), *[away(v) for v in roi[1:]]
            rows, columns = max(y2 - y1 + 1, 1) / pooled[0], max(x2 - x1 + 1, 1) / pooled[1]
            for p in range(pooled[0]):
                for q in range(pooled[1]):
                    top, bottom = [min(max(int(f) + y1, 0), h) for f in (np.floor(p * rows), np.ceil((p + 1) * rows))]
                    left, right = [min(max(int(f) + x1, 0), w) for f in (np.floor(q * columns), np.ceil((q + 1) * columns))]
                    if bottom > top and right > left:
                        out[i, :, p, q] = x[b, :, top:bottom, left:right].reshape(c, -1).astype("f8").max(1).astype(dtype)
        return [out]
    return case("MaxRoiPool", schema.since_version, [x, rois], {"pooled_shape": pooled, "spatial_scale": scale if scale != 1 or r.random() < 0.5 else None}, oracle=run, rtol=0, atol=0)


def max_unpool(r):
    schema = schema_of("MaxUnpool", r, 9)
    dtype, rank = pick_type(r, schema, "T1"), int(r.integers(1, 4))
    kernel = ints(r, 2, 4, rank)
    n, c, size = int(r.integers(1, 3)), int(r.integers(1, 3)), ints(r, 1, 4, rank)
    whole = [s * k for s, k in zip(size, kernel)]
    x = draw(r, dtype, (n, c, *size))
    plane = int(np.prod(whole))
    where = np.stack([r.permutation(plane)[:int(np.prod(size))] + i * plane for i in range(n * c)]).reshape(x.shape)
    larger = [s + int(r.integers(0, 2)) for s in whole] if r.random() < 0.3 and n * c == 1 and rank == 1 else None
    return case("MaxUnpool", schema.since_version, trimmed(x, where.astype("i8"), None if larger is None else np.array([n, c, *larger], "i8")),
                {"kernel_shape": kernel, "strides": kernel}, rtol=0, atol=0)


def non_max_suppression(r):
    schema = schema_of("NonMaxSuppression", r, 10)
    batches, classes, boxes = int(r.integers(1, 3)), int(r.integers(1, 4)), int(r.integers(1, 20))
    centre = int(r.integers(2))
    if centre:
        given = np.concatenate([r.uniform(0, 1, (batches, boxes, 2)), r.uniform(0.1, 0.6, (batches, boxes, 2))], 2)
    else:
        a, b = r.uniform(0, 1, (batches, boxes, 2)), r.uniform(0, 1, (batches, boxes, 2))
        given = np.concatenate([a, b], 2)  # any two corners
    scores = r.permutation(batches * classes * boxes).reshape(batches, classes, boxes) / (batches * classes * boxes)
    one = lambda value, kind: np.array(value, kind).reshape(() if r.random() < 0.5 else (1,))
    most, overlap, least = some(r, one(r.integers(0, 8), "i8"), 0.8), some(r, one(r.uniform(0, 1), "f4"), 0.7), some(r, one(r.uniform(0, 0.8), "f4"), 0.6)
    return case("NonMaxSuppression", schema.since_version, trimmed(given.astype("f4"), scores.astype("f4"), most, overlap, least), {"center_point_box": centre if centre or r.random() < 0.5 else None},
                rtol=0, atol=0)


def roi_align(r):
    schema = schema_of("RoiAlign", r, 10)
    v, dtype = schema.since_version, pick_type(r, schema, "T1")
    n, c, h, w = int(r.integers(1, 3)), int(r.integers(1, 3)), *ints(r, 2, 9, 2)
    count, scale = int(r.integers(1, 4)), float(r.choice([1, 0.5, 0.25]))
    first = r.uniform(-1, 0.7, (count, 2)) * [w / scale, h / scale]
    rois = rounded(np.round(np.concatenate([first, first + r.uniform(0.2, 1.2, (count, 2)) * [w / scale, h / scale]], 1) * 4) / 4, dtype)
    attributes = {"output_height": int(r.integers(1, 4)), "output_width": int(r.integers(1, 4)), "sampling_ratio": int(r.integers(0, 4)), "spatial_scale": scale,
                  "mode": str(r.choice(["avg", "avg", "max"])), "coordinate_transformation_mode": str(r.choice(["half_pixel", "output_half_pixel"])) if v >= 16 else None}
    return case("RoiAlign", v, [draw(r, dtype, (n, c, h, w)), rois, r.integers(0, n, count).astype("i8")], attributes, atol={"float16": 0.05, "bfloat16": 0.4}.get(dtype.name))


def upsample(r):
    v = int(r.choice([7, 9]))
    mode = str(r.choice(["nearest", "linear"]))
    dtype = np.dtype(r.choice(["f4", "i4", "u1"])) if mode == "nearest" else np.dtype("f4")
    rank = 4 if mode == "linear" else int(r.integers(1, 5))
    x = draw(r, dtype, tuple(ints(r, 1, 5, rank)))
    scales = [float(s) for s in r.choice([1, 1.5, 2, 2.5, 3], rank)]
    if mode == "linear":
        scales[:2] = [1.0, 1.0]
    if v == 7:
        return case("Upsample", 7, [x], {"mode": mode, "scales": scales})
    return case("Upsample", 9, [x, np.array(scales, "f4")], {"mode": mode}, constants=(1,) if r.random() < 0.5 else ())


def attention(r):
    schema = schema_of("Attention", r, 23)
    v, dtype = schema.since_version, pick_type(r, schema, "T1")
    batch, kv, group = int(r.integers(1, 3)), int(r.integers(1, 3)), int(r.choice([1, 2]))
    heads, q_len, kv_len, size, v_size = kv * group, *ints(r, 1, 5, 2), *ints(r, 1, 6, 2)
    past = int(r.integers(1, 4)) if r.random() < 0.4 else 0
    flat = r.random() < 0.4
    make = lambda h, t, d: draw(r, dtype, (batch, t, h * d) if flat else (batch, h, t, d), -1, 1)
    q, k, value = make(heads, q_len, size), make(kv, kv_len, size), make(kv, kv_len, v_size)
    mask = None
    if r.random() < 0.6:
        of = [(q_len, kv_len + past), (1, 1, q_len, kv_len + past), (batch, heads, q_len, kv_len + past), (batch, 1, q_len, kv_len + past)][r.integers(4)]
        mask = r.random(of) < 0.8 if r.random() < 0.5 else draw(r, dtype, of, -1, 1)
        if mask.dtype == bool:
            mask[..., 0] = True  # rows that attend to nothing are 0 / 0 in one reading and 0 in the other
    pasts = [draw(r, dtype, (batch, kv, past, d), -1, 1) for d in (size, v_size)] if past else [None, None]
    mode = int(r.integers(4)) if r.random() < 0.3 else None
    attributes = {"q_num_heads": heads if flat else None, "kv_num_heads": kv if flat else None, "is_causal": int(r.random() < 0.4) or None, "scale": some(r, float(r.uniform(0.2, 1.5)), 0.4),
                  "softcap": some(r, float(r.uniform(1, 4)), 0.3), "qk_matmul_output_mode": mode}
    if mode == 0 and dtype.name in ("bfloat16", "float64"):  # REFERENCE_DIFFERS: in the types that ONNX Runtime has
        del attributes["softcap"]
    count = 4 if mode is not None else 3 if past else 1
    # The ReferenceEvaluator takes the root of the scale in float.
    return case("Attention", v, trimmed(q, k, value, mask, *pasts), attributes, outputs=count, **({"rtol": 1e-6, "atol": 1e-6} if dtype == np.float64 else limits(dtype, 8)))


def rotary_embedding(r):
    dtype = pick_type(r, schema_of("RotaryEmbedding", r, 23))
    batch, heads, length, size = int(r.integers(1, 3)), int(r.integers(1, 4)), int(r.integers(1, 5)), 2 * int(r.integers(1, 5))
    partial = 2 * int(r.integers(1, size // 2 + 1)) if r.random() < 0.4 else 0
    half, flat, interleaved = (partial or size) // 2, r.random() < 0.5, int(r.integers(2))
    x = draw(r, dtype, (batch, length, heads * size) if flat else (batch, heads, length, size), -2, 2)
    ids = r.integers(0, 9, (batch, length)) if r.random() < 0.6 else None
    angle = r.uniform(-3, 3, (9, half) if ids is not None else (batch, length, half))
    cos, sin = rounded(np.cos(angle), dtype), rounded(np.sin(angle), dtype)

    def run(*_):
        c, s = [(np.asarray(t, "f8")[ids] if ids is not None else np.asarray(t, "f8"))[:, :, None] for t in (cos, sin)]
        v = np.asarray(x, "f8")
        v = v.reshape(batch, length, heads, size) if flat else v.transpose(0, 2, 1, 3)
        turned, rest = v[..., :2 * half], v[..., 2 * half:]
        a, b = (turned[..., ::2], turned[..., 1::2]) if interleaved else (turned[..., :half], turned[..., half:])
        real, imaginary = a * c - b * s, b * c + a * s
        turned = np.stack([real, imaginary], -1).reshape(turned.shape) if interleaved else np.concatenate([real, imaginary], -1)
        out = np.concatenate([turned, rest], -1)
        return [rounded(out.reshape(x.shape) if flat else out.transpose(0, 2, 1, 3), dtype)]
    return case("RotaryEmbedding", 23, trimmed(x, cos, sin, None if ids is None else ids.astype("i8")), {"interleaved": interleaved if interleaved or r.random() < 0.5 else None,
                "rotary_embedding_dim": partial or None, "num_heads": heads if flat else None}, oracle=run, **limits(dtype, 4))


def tensor_scatter(r):
    dtype = pick_type(r, schema_of("TensorScatter", r, 24), also=("tensor(string)",))
    past = draw(r, dtype, shape(r, 2, 4, 5, empty=0))
    axis = int(r.integers(1, past.ndim))
    circular, length = r.random() < 0.5, int(r.integers(1, past.shape[axis] + 1))
    update = draw(r, dtype, tuple(length if i == axis else d for i, d in enumerate(past.shape)))
    limit = past.shape[axis] if circular else past.shape[axis] - length + 1
    where = some(r, r.integers(0, limit, past.shape[0]).astype("i8"), 0.8)

    def run(*_):
        out = np.moveaxis(past.copy(), axis, 1)
        new = np.moveaxis(update, axis, 1)
        for b in range(len(out)):
            for t in range(length):
                out[b, ((0 if where is None else int(where[b])) + t) % past.shape[axis]] = new[b, t]
        return [np.moveaxis(out, 1, axis)]
    return case("TensorScatter", 24, trimmed(past, update, where), {"mode": "circular" if circular else some(r, "linear", 0.5),
                "axis": None if axis == past.ndim - 2 and r.random() < 0.5 else axis - (past.ndim if r.random() < 0.5 else 0)}, rtol=0, atol=0, oracle=run)


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def swiglu(r):
    dtype = pick_type(r, schema_of("SwiGLU", r, 28))
    s, alpha = shape(r), some(r, float(np.float32(r.uniform(0.2, 2))))
    a, b = draw(r, dtype, s), draw(r, dtype, s)
    run = lambda *_: [rounded(np.asarray(a, "f8") * sigmoid(np.asarray(a, "f8") * (1 if alpha is None else alpha)) * np.asarray(b, "f8"), dtype)]
    return case("SwiGLU", 28, [a, b], {"alpha": alpha}, oracle=run, **limits(dtype, 8))


def linear_attention(r):
    schema = schema_of("LinearAttention", r, 27)
    dtype = pick_type(r, schema)
    batch, kv, group, length, dk, dv = int(r.integers(1, 3)), int(r.integers(1, 3)), int(r.choice([1, 2])), *ints(r, 1, 5, 3)
    rule = str(r.choice(["linear", "gated", "delta", "gated_delta"]))
    heads, scale = kv * group, some(r, float(r.uniform(0.3, 1.5)), 0.4)
    q, k, v = [draw(r, dtype, (batch, length, h * d), -1, 1) for h, d in ((heads, dk), (kv, dk), (kv, dv))]
    gated, delta = "gated" in rule, "delta" in rule
    decay = draw(r, dtype, (batch, length, kv * dk) if r.random() < 0.5 else (batch, length, kv), -1, 0) if gated else None
    beta = draw(r, dtype, (batch, length, kv), 0, 1) if delta else None
    state = some(r, draw(r, dtype, (batch, kv, dk, dv), -1, 1), 0.5)

    def run(*_):
        f = lambda t, h, d: np.asarray(t, "f8").reshape(batch, length, h, d)
        queries, keys, values = f(q, heads, dk), f(k, kv, dk), f(v, kv, dv)
        s = np.zeros((batch, kv, dk, dv)) if state is None else np.asarray(state, "f8").copy()
        g = None if decay is None else f(decay, kv, -1)
        out = np.zeros((batch, length, heads, dv))
        for t in range(length):
            if gated:
                s = s * np.exp(g[:, t])[..., None]
            change = values[:, t]
            if delta:
                change = np.asarray(beta, "f8")[:, t][..., None] * (change - np.einsum("bhkv,bhk->bhv", s, keys[:, t]))
            s = s + keys[:, t][..., None] * change[:, :, None]
            out[:, t] = np.einsum("bhk,bhkv->bhv", queries[:, t], np.repeat(s, group, 1)) * (scale or dk ** -0.5)
        return [rounded(out.reshape(batch, length, -1), dtype), rounded(s, dtype)]
    return case("LinearAttention", 27, trimmed(q, k, v, state, decay, beta), {"update_rule": rule if rule != "gated_delta" or r.random() < 0.5 else None, "q_num_heads": heads, "kv_num_heads": kv,
                "scale": scale, "chunk_size": some(r, int(r.integers(1, 9)), 0.3)}, outputs=2, oracle=run, **limits(dtype, 16))


def causal_conv(r):
    dtype = pick_type(r, schema_of("CausalConvWithState", r, 27))
    batch, channels, length, k = ints(r, 1, 4, 2) + ints(r, 1, 6, 2)
    x, w = draw(r, dtype, (batch, channels, length), -2, 2), draw(r, dtype, (channels, 1, k), -1, 1)
    bias, past = some(r, draw(r, dtype, (channels,)), 0.5), some(r, draw(r, dtype, (batch, channels, k - 1), -2, 2), 0.5)
    activation = str(r.choice(["none", "silu", "swish"]))

    def run(*_):
        before = np.zeros((batch, channels, k - 1)) if past is None else np.asarray(past, "f8")
        whole = np.concatenate([before, np.asarray(x, "f8")], 2)
        out = F.conv1d(torch.tensor(whole), torch.tensor(np.asarray(w, "f8")), None if bias is None else torch.tensor(np.asarray(bias, "f8")), groups=channels).numpy()
        return [rounded(out if activation == "none" else out * sigmoid(out), dtype), rounded(whole[:, :, whole.shape[2] - (k - 1):], dtype)]
    return case("CausalConvWithState", 27, trimmed(x, w, bias, past), {"activation": activation if activation != "none" or r.random() < 0.5 else None}, outputs=2, oracle=run, **limits(dtype, 16))


def bitcast(r):
    widths = {1: ["i1", "u1", "?"], 2: ["i2", "u2", "f2"], 4: ["i4", "u4", "f4"], 8: ["i8", "u8", "f8", "c8"]}[int(r.choice([1, 2, 4, 8]))]
    a, b = [np.dtype(t) for t in r.choice(widths, 2)]
    if b == bool:
        a = b  # only 0 and 1 are a bool's bits
    x = draw(r, bool, shape(r)) if a == bool else draw(r, np.dtype("f4") if a.kind == "c" else a, shape(r), -100, 100).astype(a)
    return case("BitCast", 26, [x], {"to": int(helper.np_dtype_to_tensor_dtype(b))}, rtol=0, atol=0, oracle=lambda v: [np.asarray(v).view(b) if np.ndim(v) else np.asarray(v).reshape(1).view(b).reshape(())])


def flex_attention(r):
    """Scores may be changed by a body before softmax, probabilities after it."""
    dtype = np.dtype("f4")
    batch, kv, group, q_len, kv_len, size, v_size = int(r.integers(1, 3)), int(r.integers(1, 3)), int(r.choice([1, 2])), *ints(r, 1, 5, 4)
    heads, scale = kv * group, some(r, float(r.uniform(0.2, 1.5)), 0.4)
    q, k, v = draw(r, dtype, (batch, heads, q_len, size), -1, 1), draw(r, dtype, (batch, kv, kv_len, size), -1, 1), draw(r, dtype, (batch, kv, kv_len, v_size), -1, 1)
    info = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    body = lambda op: helper.make_graph([helper.make_node(op, ["s"], ["t"])], "body", [info("s")], [info("t")])
    score, prob = some(r, "Tanh", 0.5), some(r, "Sqrt", 0.4)

    def run(*_):
        kk, vv = [np.repeat(np.asarray(t, "f8"), group, 1) for t in (k, v)]
        s = np.asarray(q, "f8") @ kk.swapaxes(2, 3) * (scale or size ** -0.5)
        s = np.tanh(s) if score else s
        p = np.exp(s - s.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        return [((np.sqrt(p) if prob else p) @ vv).astype(dtype)]
    attributes = {"scale": scale, "score_mod": body(score) if score else None, "prob_mod": body(prob) if prob else None}
    return case("FlexAttention", 1, [q, k, v], attributes, domain=PREVIEW, oracle=run, **limits(dtype, 4))


GENERATORS = {"ConvInteger": conv_integer, "QLinearConv": qlinear_conv, "QLinearMatMul": qlinear_matmul, "DynamicQuantizeLinear": dynamic_quantize_linear, "AffineGrid": affine_grid,
              "CenterCropPad": center_crop_pad, "Col2Im": col2im, "DeformConv": deform_conv, "GlobalLpPool": global_lp_pool, "GridSample": grid_sample, "MaxRoiPool": max_roi_pool,
              "MaxUnpool": max_unpool, "NonMaxSuppression": non_max_suppression, "RoiAlign": roi_align, "Upsample": upsample, "Attention": attention, "RotaryEmbedding": rotary_embedding,
              "TensorScatter": tensor_scatter, "SwiGLU": swiglu, "LinearAttention": linear_attention, "CausalConvWithState": causal_conv, "BitCast": bitcast, f"{PREVIEW}.FlexAttention": flex_attention}
