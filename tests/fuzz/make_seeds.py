#!/usr/bin/env python3
"""Makes the seeds of the model fuzzer (tests/fuzz/corpus/model): small valid models, one per family of operators.
Needs the onnx package. The seeds are committed; run this again when a model is added."""
import pathlib

import onnx
import onnx.parser

HEAD = '<ir_version: 10, opset_import: ["" : 22, "ai.onnx.ml" : 5, "com.microsoft" : 1]>\n'
MODELS = {
    "mlp": """g (float[n,4] x) => (float[n,3] y) <float[4,8] w = {%32}, float[8] b = {%8}, float[8,3] v = {%24}>
        { h = Gemm(x, w, b) r = Relu(h) m = MatMul(r, v) y = Softmax<axis = -1>(m) }""",
    "cnn": """g (float[1,4,8,8] x) => (float[1,4] y) <float[4,2,3,3] w = {%72}, float[4] s = {%4}, float[4] v = {1,1,2,2}>
        { c = Conv<group = 2, pads = [1,1,1,1], strides = [2,2]>(x, w, s) n = BatchNormalization(c, s, s, s, v)
          p = MaxPool<kernel_shape = [2,2], strides = [1,1], ceil_mode = 1>(n) a = GlobalAveragePool(p) y = Flatten(a) }""",
    "depthwise": """g (float[1,4,6,6] x) => (float[1,4,a,b] y) <float[4,1,3,3] w = {%36}, float[8,4,1,1] e = {%32}, float[4,8,1,1] p = {%32}>
        { c = Conv<group = 4, auto_pad = "SAME_UPPER">(x, w) h = HardSwish(c) f = Conv(h, e) q = Clip(f) r = Conv(q, p) y = Add(r, x) }""",
    "transposed": """g (float[1,2,3,3] x) => (float[a,b,c,d] y) <float[2,3,2,2] w = {%24}, float[4] s = {1,1,2,2}>
        { c = ConvTranspose<strides = [2,2], output_padding = [1,1]>(x, w) y = Resize<mode = "cubic">(c, , s) }""",
    "gather": """g (float[4,3] x, int64[2] i) => (float[a] y) <int64[2,2] e = {0,1,2,0}, int64[1,2] n = {0,1}>
        { a = Gather<axis = 0>(x, i) b = GatherElements<axis = 1>(a, e) y = GatherND(b, n) }""",
    "scatter": """g (float[4,3] x, int64[1,2] i) => (float[4,3] y) <float[1] u = {9}, int64[2,3] e = {0,1,2,3,0,1}, float[2,3] v = {%6}>
        { a = ScatterND<reduction = "add">(x, i, u) y = ScatterElements<axis = 0, reduction = "max">(a, e, v) }""",
    "shapes": """g (float[2,n,3] x) => (float[a,b] y) <int64[1] z = {0}, int64[1] o = {1}, int64[1] m = {-1}, int64[1] two = {2}>
        { s = Shape(x) f = Slice(s, z, o) c = Concat<axis = 0>(f, m) r = Reshape(x, c) t = Tile(r, two_two) y = Transpose<perm = [1,0]>(t)
          two_two = Concat<axis = 0>(two, o) }""",
    "slices": """g (float[5,6] x, int64[2] starts) => (float[a,b] y, float[c,d] z) <int64[2] ends = {9,-1}, int64[2] axes = {0,1}, int64[2] steps = {2,-1}, int64[4] pads = {1,0,0,2}>
        { a = Slice(x, starts, ends, axes) b = Slice(x, ends, starts, axes, steps) y = Pad<mode = "reflect">(a, pads) z = Identity(b) }""",
    "split": """g (float[6,4] x) => (float[a,b] y) <int64[3] s = {1,2,3}>
        { a, b, c = Split<axis = 0>(x, s) d = Concat<axis = 0>(c, a) e = Expand(d, t) y = Where(q, d, e) q = Greater(d, e) t = Shape(d) }""",
    "reduce": """g (float[2,3,4] x, int64[1] k) => (float[a,b] y, int64[c,d,e] z) <int64[2] axes = {0,-1}>
        { m = ReduceMean(x, axes) f = Flatten(x) v, i = TopK<axis = 1>(f, k) w = ReduceL2(m) y = Add(v, w) z = ArgMax<axis = 2>(x) }""",
    "norm": """g (float[2,4,6] x) => (float[2,4,6] y) <float[6] g6 = {%6}, float[4] g4 = {%4}>
        { l = LayerNormalization(x, g6, g6) i = InstanceNormalization(l, g4, g4) y = GroupNormalization<num_groups = 2>(i, g4, g4) }""",
    "attention": """g (float[1,2,5,8] q, float[1,2,3,8] past) => (float[1,2,5,8] y, float[a,b,c,d] p)
        { k = Gelu<approximate = "tanh">(q) p = Concat<axis = 2>(past, k) t = Transpose<perm = [0,1,3,2]>(p) s = MatMul(q, t) w = Softmax(s) y = MatMul(w, p) }""",
    "recurrent": """g (float[3,2,4] x, int32[2] l) => (float[a,b,c,d] y, float[e,f,g] h) <float[2,12,4] w = {%96}, float[2,12,3] r = {%72}, float[2,12,4] lw = {%96}>
        { y, h = LSTM<hidden_size = 3, direction = "bidirectional">(x, w, r, , l) a, b = GRU<hidden_size = 3, linear_before_reset = 1>(x, w1, r1) w1 = Slice(w, z, o, z, o) r1 = Slice(r, z, o, z, o)
          z = Constant<value_ints = [0]>() o = Constant<value_ints = [1]>() }""",
    "quantized": """g (float[1,3,6,6] x) => (float[a,b,c,d] y) <float s = {0.1}, uint8 z = {128}, int8[4,3,3,3] w = {%108i}, float[4] ws = {0.1,0.2,0.3,0.4}, int8[4] wz = {0,0,0,0}, int32[4] b = {1,2,3,4}>
        { q = QuantizeLinear(x, s, z) c = QLinearConv(q, s, z, w, ws, wz, s, z, b) d = DequantizeLinear(c, s, z) e, f, g2 = DynamicQuantizeLinear(d) y = DequantizeLinear(e, f, g2) }""",
    "integers": """g (int32[4] x, int32[4] d) => (int32[4] y, int64[4] z) <int32[4] e = {0,1,2,31}, float[4] f = {1e30,-1e30,0,0.5}>
        { a = Div(x, d) b = Mod(x, d) c = Add(a, b) p = Pow(c, e) y = Sub(p, x) z = Cast<to = 7>(f) }""",
    "strings": """g (string[3] x) => (string[3] y, int64[3] z) <string[2] k = {"a","b"}>
        { a = StringConcat(x, x) b = StringNormalizer<case_change_action = "LOWER">(a) y = Identity(b) z = ai.onnx.ml.LabelEncoder<keys_strings = ["a","aa"], values_int64s = [1,2], default_int64 = -1>(a) }""",
    "trees": """g (float[n,2] x) => (float[n,1] y) { y = ai.onnx.ml.TreeEnsembleRegressor<n_targets = 1, nodes_treeids = [0,0,0], nodes_nodeids = [0,1,2], nodes_featureids = [1,0,0],
          nodes_values = [0.5,0.0,0.0], nodes_hitrates = [1.0,1.0,1.0], nodes_modes = ["BRANCH_LEQ","LEAF","LEAF"], nodes_truenodeids = [1,0,0], nodes_falsenodeids = [2,0,0],
          nodes_missing_value_tracks_true = [0,0,0], target_treeids = [0,0], target_nodeids = [1,2], target_ids = [0,0], target_weights = [1.0,-1.0]>(x) }""",
    "svm": """g (float[n,2] x) => (float[n,1] y) { y = ai.onnx.ml.SVMRegressor<kernel_type = "RBF", kernel_params = [0.5,0.0,3.0], support_vectors = [1.0,2.0,3.0,4.0], coefficients = [0.5,-0.5],
          rho = [0.1], n_supports = 2, post_transform = "NONE">(x) }""",
    "loop": """g (int64 n, float[2] x) => (float[2] y, float[a,b] z) <bool c = {1}>
        { y, z = Loop<body = b (int64 i, bool ci, float[2] s) => (bool co, float[2] so, float[2] zo) { co = Identity(ci) so = Add(s, x) zo = Mul(so, s) }>(n, c, x) }""",
    "branch": """g (bool c, float[2] x) => (float[2] y)
        { y = If<then_branch = t () => (float[2] a) { a = Exp(x) }, else_branch = e () => (float[2] b) { b = Sqrt(x) }>(c) }""",
    "scan": """g (float[2] s, float[3,2] x) => (float[2] y, float[3,2] z)
        { y, z = Scan<num_scan_inputs = 1, body = b (float[2] si, float[2] xi) => (float[2] so, float[2] zo) { so = Add(si, xi) zo = Identity(so) }>(s, x) }""",
    "sequence": """g (float[2,3] x) => (float[a,b] y, int64 n)
        { s = SplitToSequence<axis = 0>(x) i = Constant<value_int = 0>() e = SequenceAt(s, i) t = SequenceInsert(s, e, i) n = SequenceLength(t) y = ConcatFromSequence<axis = 0>(t) }""",
    "detection": """g (float[1,4,4] b, float[1,2,4] s) => (int64[a,3] y, float[c,d] z) <int64[1] m = {3}, float[1] i = {0.5}, float[1] t = {0.1}>
        { y = NonMaxSuppression(b, s, m, i, t) n = NonZero(s) f = Cast<to = 1>(n) z = CumSum(f, a) a = Constant<value_int = 1>() }""",
    "einsum": """g (float[2,3] x, float[3,4] w) => (float[4,2] y) { a = Einsum<equation = "ij,jk->ki">(x, w) y = Trilu(a) }""",
    "spectrum": """g (float[1,8,1] x) => (float[a,b,c] y) { d = DFT<onesided = 1>(x) y = ReduceSum<keepdims = 1>(d) }""",
    "grid": """g (float[1,1,4,4] x, float[1,2,2,2] p) => (float[1,1,2,2] y) { y = GridSample<mode = "cubic", padding_mode = "reflection">(x, p) }""",
    "microsoft": """g (float[1,2,8] x) => (float[1,2,8] y) <float[8] g8 = {%8}, float[8,8] w = {%64}>
        { s = com.microsoft.SkipLayerNormalization(x, x, g8) f = com.microsoft.FusedMatMul<alpha = 0.5, transB = 1>(s, w) b = com.microsoft.BiasGelu(f, g8) y = com.microsoft.QuickGelu(b) }""",
}


def numbers(text):
    """%N becomes N numbers; %Ni becomes N integers."""
    import re

    def fill(match):
        n, integers = int(match[1]), match[2]
        return ",".join(str((i * 5) % 7 - 3) if integers else str(((i * 5) % 7 - 3) * 0.25) for i in range(n))

    return re.sub(r"%(\d+)(i?)", fill, text)


def main():
    folder = pathlib.Path(__file__).parent / "corpus" / "model"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in MODELS.items():
        model = onnx.parser.parse_model(HEAD + numbers(text))
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    function = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 22, "local" : 1]>\n'
        "g (float[n] x) => (float[n] y) { a = local.twice(x) y = local.twice(a) }\n"
        '<domain: "local", opset_import: ["" : 22]> twice (x) => (y) { y = Add(x, x) }'
    )
    (folder / "function.onnx").write_bytes(function.SerializeToString(deterministic=True))
    print(f"{len(MODELS) + 1} seeds in {folder}")


if __name__ == "__main__":
    main()
