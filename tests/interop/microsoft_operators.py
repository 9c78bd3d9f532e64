#!/usr/bin/env python3
"""The operators of com.microsoft on random cases against ONNX Runtime.

    tests/interop/microsoft_operators.py --samoyed build/release/bin/samoyed --work build/interop/microsoft [--only OP...] [--cases N] [--seed S]
"""
import sys

import numpy as np

from property import Case, main


def ms(op, inputs, attributes=None, **more):
    return Case(op, inputs, {k: v for k, v in (attributes or {}).items() if v is not None}, **more)


def normal(r, shape, scale=1.0, dtype="f4"):
    return (r.standard_normal(shape) * scale).astype(dtype)


def shape_of(r, low=1, high=3, most=5):
    return tuple(int(v) for v in r.integers(1, most, r.integers(low, high + 1)))


def some_floats(r):
    return str(r.choice(["f4", "f4", "f8"]))


def byte_type(r):
    return str(r.choice(["u1", "i1"]))


def bytes_(r, shape, dtype):
    return r.integers(0, 256, shape).astype("u1").view(dtype)


def scale(r, low=0.01, high=0.1):
    return np.array(r.uniform(low, high), "f4")


def gelu(r):
    return ms("Gelu", [normal(r, shape_of(r), 3)])


def bias_gelu(r):
    s = shape_of(r)
    return ms("BiasGelu", [normal(r, s, 2), normal(r, s[-1:])])


def fast_gelu(r):
    s = shape_of(r)
    return ms("FastGelu", [normal(r, s, 2)] + ([normal(r, s[-1:])] if r.random() < 0.6 else []), atol=1e-5)


def quick_gelu(r):
    return ms("QuickGelu", [normal(r, shape_of(r), 3)], {"alpha": float(r.choice([1.702, 1.0, 0.5]))}, atol=1e-5)


def fused_conv(r):
    group, channels, m = r.choice([[1, 3, 4], [2, 4, 6], [3, 3, 3]])
    x, w = normal(r, (int(r.integers(1, 3)), channels, 7, 8)), normal(r, (m, channels // group, 3, 2), 0.5)
    pads, strides = [int(v) for v in r.integers(0, 2, 4)], [int(v) for v in r.integers(1, 3, 2)]
    f = r.choice(["Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid"])
    params = {"LeakyRelu": [0.1], "Clip": [-0.5, 1.0], "HardSigmoid": [0.3, 0.4]}.get(f)
    inputs = [x, w] + ([normal(r, (m,))] if r.random() < 0.7 else [])
    if len(inputs) == 3 and r.random() < 0.5:
        out = [(7 + pads[0] + pads[2] - 3) // strides[0] + 1, (8 + pads[1] + pads[3] - 2) // strides[1] + 1]
        inputs.append(normal(r, (x.shape[0], m, *out)))
    return ms("FusedConv", inputs, {"activation": str(f), "activation_params": params, "group": int(group), "pads": pads, "strides": strides, "kernel_shape": [3, 2]},
              constants=(1,), rtol=1e-4, atol=1e-5)


def fused_gemm(r):
    m, k, n = (int(v) for v in r.integers(1, 6, 3))
    ta, tb = int(r.integers(2)), int(r.integers(2))
    f = str(r.choice(["Relu", "Tanh", "Sigmoid", "LeakyRelu", "Elu", "HardSigmoid", "Softplus"]))
    c = [normal(r, [(m, n), (n,), (m, 1), (1, n)][r.integers(4)])] if r.random() < 0.7 else []
    alpha = {"LeakyRelu": 0.2, "Elu": 0.7, "HardSigmoid": 0.3}.get(f)
    return ms("FusedGemm", [normal(r, (k, m) if ta else (m, k)), normal(r, (n, k) if tb else (k, n))] + c,
              {"activation": f, "activation_alpha": alpha, "activation_beta": 0.4 if f == "HardSigmoid" else None, "transA": ta, "transB": tb,
               "alpha": float(r.choice([1, 0.5])), "beta": float(r.choice([1, 2]))}, rtol=1e-4, atol=1e-5)


def fused_matmul(r):
    rank = int(r.integers(2, 5))
    batch = shape_of(r, rank - 2, rank - 2, 3)
    m, k, n = (int(v) for v in r.integers(1, 5, 3))
    ta, tb = int(r.integers(2)), int(r.integers(2))
    a, b = batch + ((k, m) if ta else (m, k)), batch + ((n, k) if tb else (k, n))
    ba, bb = (int(r.random() < 0.3), int(r.random() < 0.3)) if rank > 2 else (0, 0)
    move = lambda s: (s[-2],) + s[:-2] + s[-1:]
    return ms("FusedMatMul", [normal(r, move(a) if ba else a), normal(r, move(b) if bb else b)],
              {"transA": ta, "transB": tb, "transBatchA": ba, "transBatchB": bb, "alpha": float(r.choice([1, 0.25]))}, rtol=1e-4, atol=1e-5)


def transpose_matmul(r):
    case = fused_matmul(r)
    while case.attributes["transBatchA"] or case.attributes["transBatchB"]:
        case = fused_matmul(r)
    return ms("TransposeMatMul", case.inputs, {k: case.attributes[k] for k in ("transA", "transB", "alpha")}, rtol=1e-4, atol=1e-5)


def expand_dims(r):
    s = shape_of(r)
    return ms("ExpandDims", [normal(r, s), np.array(r.integers(-len(s) - 1, len(s) + 1), "i4")])


def pad(r):
    s = shape_of(r, 1, 3, 6)
    pads = r.integers(0, 3, 2 * len(s)).astype("i8")
    mode = str(r.choice(["constant", "edge", "reflect"]))
    pads = np.minimum(pads, np.tile(s, 2) - 1) if mode == "reflect" else pads
    return ms("Pad", [normal(r, s, dtype=some_floats(r)), pads], {"mode": mode})


def trilu(r):
    s = shape_of(r, 2, 3, 6)
    return ms("Trilu", [normal(r, s)] + ([np.array(r.integers(-4, 5), "i8")] if r.random() < 0.7 else []), {"upper": int(r.integers(2))})


def unique(r):
    return ms("Unique", [r.integers(0, 5, r.integers(1, 12)).astype("f4")], outputs=3)


def inverse(r):
    n = int(r.integers(1, 5))
    return ms("Inverse", [normal(r, shape_of(r, 0, 2, 3) + (n, n)) + 3 * np.eye(n, dtype="f4")], rtol=1e-3, atol=1e-4)


def cdist(r):
    n, dtype = int(r.integers(1, 6)), some_floats(r)
    return ms("CDist", [normal(r, (int(r.integers(1, 6)), n), 1, dtype), normal(r, (int(r.integers(1, 6)), n), 1, dtype)],
              {"metric": str(r.choice(["euclidean", "sqeuclidean"]))}, rtol=1e-4, atol=2e-3)


def nhwc_max_pool(r):
    return ms("NhwcMaxPool", [bytes_(r, (2, int(r.integers(4, 9)), int(r.integers(4, 9)), int(r.integers(1, 5))), byte_type(r))],
              {"kernel_shape": [int(v) for v in r.integers(1, 4, 2)], "strides": [int(v) for v in r.integers(1, 3, 2)], "pads": [int(v) for v in r.integers(0, 1, 4)],
               "ceil_mode": int(r.integers(2))})


def quantize_linear(r):
    s, axis = shape_of(r, 1, 3), r.random() < 0.5
    at = int(r.integers(len(s)))
    dtype = str(r.choice(["u1", "i1", "u2", "i2"]))
    n = s[at] if axis else ()
    x_scale = np.asarray(r.uniform(0.01, 0.2, n), "f4")
    zero = np.asarray(r.integers(0, 100, n)).astype(dtype)
    return ms("QuantizeLinear", [normal(r, s, 5), x_scale, zero], {"axis": at if axis else None})


def dequantize_linear(r):
    case = quantize_linear(r)
    x, x_scale, zero = case.inputs
    return ms("DequantizeLinear", [r.integers(0, 120, x.shape).astype(zero.dtype), x_scale, zero], case.attributes)


def matmul_integer_to_float(r):
    m, k, n = (int(v) for v in r.integers(1, 8, 3))
    ta, tb = byte_type(r), byte_type(r)
    if ta == "i1":
        tb = "i1"
    columns = (n,) if r.random() < 0.5 else ()
    a, b = bytes_(r, shape_of(r, 0, 1) + (m, k), ta), bytes_(r, (k, n), tb)
    inputs = [a, b, scale(r), np.asarray(r.uniform(0.01, 0.1, columns), "f4"), np.asarray(r.integers(0, 100)).astype(ta),
              np.asarray(r.integers(0, 100, columns)).astype(tb)]
    return ms("MatMulIntegerToFloat", inputs + ([normal(r, (n,))] if r.random() < 0.5 else []), rtol=1e-4, atol=1e-4)


def dynamic_quantize_matmul(r):
    m, k, n = (int(v) for v in r.integers(1, 8, 3))
    tb = byte_type(r)
    columns = (n,) if r.random() < 0.5 else ()
    inputs = [normal(r, shape_of(r, 0, 1) + (m, k), 2), bytes_(r, (k, n), tb), np.asarray(r.uniform(0.01, 0.1, columns), "f4"),
              np.asarray(r.integers(0, 100, columns)).astype(tb) if r.random() < 0.7 else None]
    return ms("DynamicQuantizeMatMul", inputs + ([normal(r, (n,))] if r.random() < 0.5 else []), rtol=1e-4, atol=1e-3)


def matmul_nbits(r):
    bits, block = int(r.choice([4, 4, 4, 8, 2])), int(r.choice([16, 32]))
    k, n, m = int(r.integers(1, 5)) * 16, int(r.integers(1, 6)), int(r.integers(1, 4))
    blocks = -(-k // block)
    zero = r.choice(["none", "packed", "float"] if bits == 4 else ["none", "packed"])
    inputs = [normal(r, shape_of(r, 0, 1) + (m, k)), r.integers(0, 256, (n, blocks, block * bits // 8)).astype("u1"), r.uniform(0.01, 0.1, (n, blocks)).astype("f4")]
    if zero == "packed":
        inputs.append(r.integers(0, 256, (n, -(-blocks * bits // 8))).astype("u1"))
    if zero == "float":
        inputs.append(r.uniform(5, 9, (n, blocks)).astype("f4"))
    if r.random() < 0.3:
        inputs += [None] * (5 - len(inputs)) + [normal(r, (n,))]
    return ms("MatMulNBits", inputs, {"K": k, "N": n, "bits": bits, "block_size": block}, constants=(1, 2, 3), rtol=1e-4, atol=1e-3)


def skip_norm(r, simplified=False):
    b, s, h = (int(v) for v in r.integers(1, 6, 3))
    skip = normal(r, [(b, s, h), (1, s, h), (s, h)][0 if simplified else r.integers(3)])
    inputs = [normal(r, (b, s, h), 2), skip, normal(r, (h,))] + ([] if simplified else [normal(r, (h,)) if r.random() < 0.7 else None])
    if r.random() < 0.5:
        inputs.append(normal(r, (h,)))
    while inputs[-1] is None:
        inputs.pop()
    case = ms("SkipSimplifiedLayerNormalization" if simplified else "SkipLayerNormalization", inputs, {"epsilon": float(r.choice([1e-5, 1e-3]))}, rtol=1e-3, atol=1e-4)
    case.outputs = 4 if r.random() < 0.5 else 1
    case.unnamed = (1, 2)  # not made on its CPU
    return case


def skip_simplified_norm(r):
    return skip_norm(r, True)


def simplified_norm(r):
    s = shape_of(r, 1, 4, 6)
    axis = int(r.integers(-len(s), len(s)))
    return Case("SimplifiedLayerNormalization", [normal(r, s, 2), normal(r, s[axis:])], {"axis": axis, "epsilon": float(r.choice([1e-5, 1e-2]))}, domain="", version=13,
                outputs=int(r.integers(1, 3)), rtol=1e-3, atol=1e-4)


def layer_norm_13(r):
    case = simplified_norm(r)
    s, axis = case.inputs[0].shape, case.attributes["axis"]
    case.op, case.outputs = "LayerNormalization", int(r.integers(1, 4))
    case.inputs += [normal(r, s[axis:])] if r.random() < 0.7 else []
    return case


def embed_layer_norm(r):
    b, s, h, words, positions = int(r.integers(1, 4)), int(r.integers(1, 5)), int(r.integers(1, 6)), 7, 6
    ids = lambda n, rows=b: r.integers(0, n, (rows, s)).astype("i4")
    segments = r.random() < 0.5
    inputs = [ids(words), ids(2) if segments else None, normal(r, (words, h)), normal(r, (positions, h)), normal(r, (2, h)) if segments else None, normal(r, (h,)),
              normal(r, (h,)), ids(2) if r.random() < 0.5 else None, ids(positions, int(r.choice([1, b]))) if r.random() < 0.5 else None]
    while inputs[-1] is None:
        inputs.pop()
    return ms("EmbedLayerNormalization", inputs, {"epsilon": 1e-5}, outputs=int(r.integers(2, 4)), rtol=1e-3, atol=1e-4)


def rotary_embedding(r):
    b, n, s, half = (int(v) for v in r.integers(1, 5, 4))
    turned, size = 2 * half, 2 * half
    partial = r.random() < 0.3
    if partial:
        size += 2 * int(r.integers(1, 3))
    places = s + int(r.integers(1, 6))
    angle = r.uniform(0, 6, (places, turned // 2))
    positions = np.array([r.integers(0, places - s + 1)], "i8") if r.random() < 0.4 else r.integers(0, places, (b, s)).astype("i8")
    flat = r.random() < 0.6
    return ms("RotaryEmbedding", [normal(r, (b, s, n * size) if flat else (b, n, s, size)), positions, np.cos(angle).astype("f4"), np.sin(angle).astype("f4")],
              {"interleaved": int(r.integers(2)), "num_heads": n if partial else 0, "rotary_embedding_dim": turned if partial else 0}, rtol=1e-4, atol=1e-5)


def key_mask(r, b, s, t, kinds):
    kind = r.choice(kinds)
    if kind == "ends":
        return r.integers(1, t + 1, b).astype("i4")
    if kind == "ends and begins":
        return np.concatenate([r.integers(1, t + 1, b), np.zeros(b)]).astype("i4")
    if kind in ("rows", "all"):
        flags = (r.random((b, t) if kind == "rows" else (b, s, t)) < 0.8).astype("i4")
        flags[..., 0] = 1  # -10000 added to every score of a row would leave it three digits as float
        return flags
    return None


def attention(r):
    b, s, n, size, width = (int(v) for v in r.integers(1, 5, 5))
    v_size = size if r.random() < 0.6 else int(r.integers(1, 5))
    past = r.random() < 0.4 and v_size == size
    p = int(r.integers(1, 4)) if past else 0
    columns = n * (2 * size + v_size)
    inputs = [normal(r, (b, s, width)), normal(r, (width, columns)), normal(r, (columns,)), key_mask(r, b, s, s + p, ["none", "ends", "rows", "all"]),
              normal(r, (2, b, n, p, size)) if past else None, normal(r, (int(r.choice([1, b])), int(r.choice([1, n])), s, s + p)) if r.random() < 0.3 else None]
    while inputs[-1] is None:
        inputs.pop()
    return ms("Attention", inputs, {"num_heads": n, "unidirectional": int(r.integers(2)), "qkv_hidden_sizes": [n * size, n * size, n * v_size] if v_size != size else None,
                                    "scale": float(r.choice([0.5, 1.0])) if r.random() < 0.3 else None}, outputs=2 if past else 1, constants=(1, 2), rtol=1e-3, atol=1e-4)


def multi_head_attention(r):
    b, s, n, size = (int(v) for v in r.integers(1, 5, 4))
    cross = r.random() < 0.4
    t, v_size = (int(r.integers(1, 6)), int(r.integers(1, 5))) if cross else (s, size)
    past = r.random() < 0.4 and not cross
    p = int(r.integers(1, 4)) if past else 0
    apart = cross and r.random() < 0.3
    key, value = (normal(r, (b, n, t, size)), normal(r, (b, n, t, size))) if apart else (normal(r, (b, t, n * size)), normal(r, (b, t, n * v_size)))
    inputs = [normal(r, (b, s, n * size)), key, value, normal(r, (n * (2 * size + v_size),)) if r.random() < 0.5 and not apart else None,
              key_mask(r, b, s, t + p, ["none", "ends", "rows", "all"]), normal(r, (int(r.choice([1, b])), int(r.choice([1, n])), s, t + p)) if r.random() < 0.3 else None]
    if past:
        inputs += [normal(r, (b, n, p, size)), normal(r, (b, n, p, size))]
    while inputs[-1] is None:
        inputs.pop()
    return ms("MultiHeadAttention", inputs, {"num_heads": n, "unidirectional": int(r.random() < 0.3 and not cross), "scale": 0.7 if r.random() < 0.3 else None},
              outputs=3 if past else 1, rtol=1e-3, atol=1e-4)


def group_query_attention(r):
    b, kv, size = int(r.integers(1, 4)), int(r.integers(1, 3)), int(r.choice([8, 16]))
    n = kv * int(r.integers(1, 4))
    prompt = r.random() < 0.5
    s = int(r.integers(1, 6)) if prompt else 1
    p = 0 if prompt else int(r.integers(1, 7))
    spare = int(r.integers(0, 4)) if not prompt and r.random() < 0.4 else 0  # a cache longer than what it holds
    lengths = np.full(b, s + p - 1, "i4")
    if not prompt and r.random() < 0.5:
        lengths = r.integers(0, p + 1, b).astype("i4")
        lengths[0] = p
    total = np.array(s + p, "i4")
    rotary, packed = r.random() < 0.5, r.random() < 0.3
    q = normal(r, (b, s, (n + 2 * kv) * size)) if packed else normal(r, (b, s, n * size))
    cache = (b, kv, p + spare, size)
    inputs = [q] + ([None, None] if packed else [normal(r, (b, s, kv * size)), normal(r, (b, s, kv * size))])
    inputs += [normal(r, cache), normal(r, cache), lengths, total]
    if rotary:
        angle = r.uniform(0, 6, (s + p + 3, size // 2))
        inputs += [np.cos(angle).astype("f4"), np.sin(angle).astype("f4")]
    if r.random() < 0.2:
        inputs += [None] * (10 - len(inputs)) + [normal(r, (int(r.choice([1, b])), int(r.choice([1, n])), s, s + p))]
    if r.random() < 0.2:
        inputs += [None] * (11 - len(inputs)) + [normal(r, (n,))]
    attributes = {"num_heads": n, "kv_num_heads": kv, "do_rotary": int(rotary), "rotary_interleaved": int(rotary and r.random() < 0.5), "softcap": 2.0 if r.random() < 0.3 else None,
                  "scale": 0.4 if r.random() < 0.3 else None, "local_window_size": int(r.integers(1, 6)) if r.random() < 0.3 else None,
                  "smooth_softmax": 1 if r.random() < 0.2 and len(inputs) < 12 else None}
    case = ms("GroupQueryAttention", inputs, attributes, outputs=1 if spare or not (lengths == lengths[0]).all() else 3, rtol=1e-3, atol=1e-4)
    case.outputs = 3  # its kernel always makes the caches
    return case


TEXTS = ["the quick  brown fox", "a,b;c", "", "Ärger über Öl", "x", "one-two--three", "  lead and trail  ", "日本語 テキスト", "a1b22c333"]


def tokenizer(r):
    shape = shape_of(r, 1, 2, 4)
    base = {"mark": int(r.integers(2)), "pad_value": str(r.choice(["#", ""])), "mincharnum": int(r.choice([1, 1, 2]))}
    kind = r.integers(3)
    if kind == 0:
        base["separators"] = [str(s) for s in r.permutation([" ", "[,;]", "-+", "e", "qu|b"])[:r.integers(1, 4)]]
    elif kind == 1:
        base["tokenexp"] = str(r.choice(["[a-zA-Z0-9_]+", "[a-z]+", "a|ab|abc", "[^ ]+", "[0-9]+|[a-z]", "t.*e", "\\w+"]))
    else:
        base.update({"separators": [""]} if r.random() < 0.5 else {"tokenexp": "."})
        base["mincharnum"] = 1
    return ms("Tokenizer", [r.choice(TEXTS, shape)], base)


def quantised(r, shape, dtype):
    return [bytes_(r, shape, dtype), scale(r), np.array(r.integers(0, 100), dtype)]


def qlinear_unary(op):
    def make(r):
        dtype = byte_type(r)
        attributes = {"QLinearLeakyRelu": {"alpha": float(r.choice([0.01, 0.2]))}, "QLinearSoftmax": {"axis": int(r.integers(-2, 2)), "opset": int(r.choice([11, 13]))}}.get(op)
        out = [np.array(1 / 256, "f4"), np.array(0 if dtype == "u1" else -128, dtype)] if op in ("QLinearSigmoid", "QLinearSoftmax") else [scale(r), np.array(r.integers(0, 100), dtype)]
        # One step of the output: a value in the middle of two may be rounded either way.
        return ms(op, quantised(r, shape_of(r, 2, 3, 6), dtype) + out, attributes, rtol=0, atol=1.01, constants=(1, 2, 3, 4))
    return make


def qlinear_binary(op):
    def make(r):
        dtype, s = byte_type(r), shape_of(r, 1, 3, 6)
        other = s[int(r.integers(len(s))):] if r.random() < 0.4 else s
        return ms(op, quantised(r, s, dtype) + quantised(r, other, dtype) + [scale(r, 0.05, 0.5), np.array(r.integers(0, 100), dtype)], rtol=0, atol=1.01,
                  constants=(1, 2, 4, 5, 6, 7))
    return make


def qlinear_concat(r):
    dtype, s = byte_type(r), list(shape_of(r, 1, 3, 6))
    axis, parts = int(r.integers(len(s))), []
    for _ in range(r.integers(1, 4)):
        s[axis] = int(r.integers(1, 5))
        parts += quantised(r, tuple(s), dtype)
    return ms("QLinearConcat", [scale(r), np.array(r.integers(0, 100), dtype)] + parts, {"axis": axis}, rtol=0, atol=1.01, constants=tuple(i for i in range(2 + len(parts)) if i < 2 or i % 3 != 2))


def qlinear_pool(global_):
    def make(r):
        dtype, last = byte_type(r), int(r.integers(2))
        x = quantised(r, (int(r.integers(1, 3)), int(r.integers(4, 8)), int(r.integers(4, 8)), int(r.integers(4, 8))), dtype)
        attributes = {"channels_last": last}
        if not global_:
            attributes.update(kernel_shape=[int(v) for v in r.integers(1, 4, 2)], strides=[int(v) for v in r.integers(1, 3, 2)], ceil_mode=int(r.integers(2)))
            # Where windows overhang the padding there, ONNX Runtime counts what is outside it.
            attributes["count_include_pad"] = 0 if attributes["ceil_mode"] else int(r.integers(2))
        return ms("QLinearGlobalAveragePool" if global_ else "QLinearAveragePool", x + [scale(r), np.array(r.integers(0, 100), dtype)], attributes, rtol=0, atol=1.01,
                  constants=(1, 2, 3, 4))
    return make


def qgemm(r):
    m, k, n = (int(v) for v in r.integers(1, 7, 3))
    ta, tb, dtype = int(r.integers(2)), int(r.integers(2)), byte_type(r)
    wide = (n,) if r.random() < 0.5 else ()
    inputs = quantised(r, (k, m) if ta else (m, k), dtype)
    inputs += [bytes_(r, (n, k) if tb else (k, n), "i1"), np.asarray(r.uniform(0.01, 0.1, wide), "f4"), np.zeros(wide, "i1")]
    inputs.append(r.integers(-500, 500, (n,)).astype("i4") if r.random() < 0.6 else None)
    real = r.random() < 0.4
    if not real:
        inputs += [scale(r, 0.2, 0.9), np.array(r.integers(0, 100), dtype)]
    while inputs[-1] is None:
        inputs.pop()
    return ms("QGemm", inputs, {"transA": ta, "transB": tb, "alpha": 1.0}, rtol=1e-4 if real else 0, atol=1e-3 if real else 1.01, constants=(1, 2, 3, 4, 5, 6, 7, 8))


def qlinear_conv(r):
    last, group = int(r.integers(2)), int(r.choice([1, 2]))
    channels, m, dtype = 2 * group, 3 * group, byte_type(r)
    x = quantised(r, (2, 6, 7, channels) if last else (2, channels, 6, 7), dtype)
    wide = (m,) if r.random() < 0.5 else ()
    w = [bytes_(r, (m, channels // group, 3, 2), "i1"), np.asarray(r.uniform(0.01, 0.1, wide), "f4"), np.zeros(wide, "i1")]
    inputs = x + w + [scale(r, 0.5, 1), np.array(r.integers(0, 100), dtype)] + ([r.integers(-500, 500, m).astype("i4")] if r.random() < 0.5 else [])
    return ms("QLinearConv", inputs, {"channels_last": last, "group": group, "pads": [int(v) for v in r.integers(0, 2, 4)], "strides": [int(v) for v in r.integers(1, 3, 2)],
                                      "kernel_shape": [3, 2]}, rtol=0, atol=1.01, constants=tuple(range(1, 9)))


def qlinear_where(r):
    dtype, s = byte_type(r), shape_of(r, 1, 3, 6)
    return ms("QLinearWhere", [r.random(s) < 0.5] + quantised(r, s, dtype) + quantised(r, s[int(r.integers(len(s))):], dtype) + [scale(r), np.array(r.integers(0, 100), dtype)],
              rtol=0, atol=1.01, constants=(2, 3, 5, 6, 7, 8))


def range_(r):
    inputs = [np.array(r.integers(-5, 5), "i8"), np.array(r.integers(6, 20), "i8")]
    return ms("Range", inputs + ([np.array(r.integers(1, 4), "i8")] if r.random() < 0.6 else []))


def gather_nd(r):
    s = shape_of(r, 2, 3, 5)
    depth = int(r.integers(1, len(s) + 1))
    return ms("GatherND", [normal(r, s), np.stack([r.integers(0, d, (2, 3)) for d in s[:depth]], -1).astype(r.choice(["i4", "i8"]))])


def dynamic_quantize_lstm(r):
    steps, batch, width, hidden = (int(v) for v in r.integers(1, 6, 4))
    direction = str(r.choice(["forward", "reverse", "bidirectional"]))
    d, kind = 2 if direction == "bidirectional" else 1, byte_type(r)
    columns = 4 * hidden
    wide = (d, columns) if r.random() < 0.4 else (d,)
    zeros = lambda: (np.zeros(wide, kind) if kind == "i1" else np.full(wide, 128, kind))
    optional = lambda value, chance=0.5: value if r.random() < chance else None
    lengths = optional(np.sort(r.integers(1, steps + 1, batch))[::-1].astype("i4"), 0.3)
    inputs = [normal(r, (steps, batch, width)), bytes_(r, (d, width, columns), kind), bytes_(r, (d, hidden, columns), kind), optional(normal(r, (d, 8 * hidden), 0.3)), lengths,
              optional(normal(r, (d, batch, hidden))), optional(normal(r, (d, batch, hidden))), optional(normal(r, (d, 3 * hidden), 0.3), 0.3), r.uniform(0.002, 0.01, wide).astype("f4"),
              zeros(), r.uniform(0.002, 0.01, wide).astype("f4"), zeros()]
    # Its kernel quantises the hidden states of some batch entries apart, and sigmoids are approximated: far from exact.
    return ms("DynamicQuantizeLSTM", inputs, {"hidden_size": hidden, "direction": direction, "input_forget": int(r.random() < 0.2)}, outputs=3, constants=(1, 2, 8, 9, 10, 11),
              rtol=0.02, atol=0.02)


def qattention(r):
    b, s, n, size, width = (int(v) for v in r.integers(1, 5, 5))
    dtype, past = "u1", r.random() < 0.4  # the only type that it takes
    columns, p = 3 * n * size, int(r.integers(1, 4)) if past else 0
    wide = (columns,) if r.random() < 0.4 else ()
    zero = np.array(r.integers(0, 100), dtype)
    inputs = [bytes_(r, (b, s, width), dtype), bytes_(r, (width, columns), "i1"), normal(r, (columns,)), scale(r), np.asarray(r.uniform(0.001, 0.02, wide), "f4"),
              r.integers(1, s + p + 1, b).astype("i4") if r.random() < 0.5 else None, zero, np.asarray(r.integers(-20, 20, wide)).astype("i1"),
              normal(r, (2, b, n, p, size)) if past else None]
    while inputs[-1] is None:
        inputs.pop()
    return ms("QAttention", inputs, {"num_heads": n, "unidirectional": int(r.integers(2))}, outputs=2 if past else 1, constants=(1, 2, 3, 4, 6, 7), rtol=1e-3, atol=1e-4)


def qembed_layer_norm(r):
    b, s, h = (int(v) for v in r.integers(1, 5, 3))
    ids = lambda n: r.integers(0, n, (b, s)).astype("i4")
    tables = [quantised(r, shape, "u1") for shape in ((7, h), (6, h), (2, h), (h,), (h,))]
    inputs = [ids(7), ids(2)] + [t[0] for t in tables] + [ids(2) if r.random() < 0.5 else None] + [t[1] for t in tables] + [t[2] for t in tables]
    return ms("QEmbedLayerNormalization", inputs, {"epsilon": 1e-5}, outputs=2, constants=(2, 3, 4, 5, 6) + tuple(range(8, 18)), rtol=1e-3, atol=1e-3)


def gather_block_quantized(r):
    import ml_dtypes

    rows, block, indices = int(r.integers(2, 6)), 16, tuple(r.integers(1, 4, r.integers(1, 3)))
    width = int(r.integers(1, 5)) * 8
    blocks = -(-width // block)
    kind = str(r.choice(["bytes", "int4", "uint4"]))
    bits = int(r.choice([4, 8])) if kind == "bytes" else 4
    make = lambda shape: (r.integers(0, 256, shape[:-1] + (-(-shape[-1] * bits // 8),)).astype("u1") if kind == "bytes" else
                             r.integers(-8 if kind == "int4" else 0, 8, shape).astype(getattr(ml_dtypes, kind)))
    middle = (int(r.integers(1, 4)),) if r.random() < 0.4 else ()
    shape = (rows,) + middle
    inputs = [make(shape + (width,)), r.integers(-rows, rows, indices).astype("i8"), r.uniform(0.01, 0.1, shape + (blocks,)).astype("f4")]
    if r.random() < 0.5:
        inputs.append(make(shape + (blocks,)))
    return ms("GatherBlockQuantized", inputs, {"gather_axis": 0, "quantize_axis": len(shape), "block_size": block, "bits": bits}, constants=(0, 2, 3))


GENERATORS = {"Gelu": gelu, "BiasGelu": bias_gelu, "FastGelu": fast_gelu, "QuickGelu": quick_gelu, "FusedConv": fused_conv, "FusedGemm": fused_gemm,
              "FusedMatMul": fused_matmul, "TransposeMatMul": transpose_matmul, "ExpandDims": expand_dims, "Pad": pad, "Trilu": trilu, "Unique": unique, "Inverse": inverse, "CDist": cdist,
              "NhwcMaxPool": nhwc_max_pool, "QuantizeLinear": quantize_linear, "DequantizeLinear": dequantize_linear,
              "MatMulIntegerToFloat": matmul_integer_to_float, "DynamicQuantizeMatMul": dynamic_quantize_matmul, "MatMulNBits": matmul_nbits,
              "SkipLayerNormalization": skip_norm, "SkipSimplifiedLayerNormalization": skip_simplified_norm,
              "SimplifiedLayerNormalization": simplified_norm, "LayerNormalization": layer_norm_13, "EmbedLayerNormalization": embed_layer_norm,
              "RotaryEmbedding": rotary_embedding, "Attention": attention, "MultiHeadAttention": multi_head_attention, "GroupQueryAttention": group_query_attention,
              "QAttention": qattention, "QEmbedLayerNormalization": qembed_layer_norm, "Tokenizer": tokenizer, "QLinearWhere": qlinear_where, "Range": range_, "GatherND": gather_nd, "GatherBlockQuantized": gather_block_quantized,
              "DynamicQuantizeLSTM": dynamic_quantize_lstm, "QGemm": qgemm, "QLinearConcat": qlinear_concat, "QLinearAveragePool": qlinear_pool(False),
              "QLinearGlobalAveragePool": qlinear_pool(True), "QLinearConv": qlinear_conv, **{op: qlinear_binary(op) for op in ("QLinearAdd", "QLinearMul")},
              **{op: qlinear_unary(op) for op in ("QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax")}}

if __name__ == "__main__":
    sys.exit(main(__doc__, GENERATORS))
