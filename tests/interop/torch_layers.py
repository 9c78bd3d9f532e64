"""Cases of torch_exports.py: layers of torch.nn, recurrent nets, attention, control flow, half precision and quantised forms."""
import torch
from torch import nn

from torch_case import Between, Case, function, layers, normal, shake, uniform, whole_numbers

BATCH = ({0: "n"},)


def convolutions():
    line = lambda n, w: (normal(n, 4, w),)
    yield layers("Conv1d", lambda: (nn.Conv1d(4, 6, 3, padding=1), nn.Conv1d(4, 8, 5, stride=2, dilation=2, groups=2), nn.Conv1d(4, 4, 2, groups=4, padding_mode="reflect", padding=2), nn.Conv1d(4, 3, 4, padding="same")),
                 line(2, 17), line(3, 30), dynamic=({0: "n", 2: "w"},))
    yield layers("Conv2d", lambda: (nn.Conv2d(4, 6, 3), nn.Conv2d(4, 8, (3, 5), stride=(2, 1), padding=(1, 2), bias=False), nn.Conv2d(4, 4, 3, groups=4, dilation=2), nn.Conv2d(4, 8, 1, groups=2), nn.Conv2d(4, 4, 3, padding=1, padding_mode="replicate")),
                 (normal(2, 4, 9, 11),), (normal(1, 4, 16, 13),), dynamic=({0: "n", 2: "h", 3: "w"},))
    yield layers("Conv3d", lambda: (nn.Conv3d(2, 3, 3, padding=1), nn.Conv3d(2, 4, (1, 3, 2), stride=2, groups=2)), (normal(2, 2, 5, 6, 7),), (normal(3, 2, 5, 6, 7),), dynamic=BATCH)
    yield layers("ConvTranspose", lambda: (nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1), nn.ConvTranspose2d(4, 4, 4, stride=2, groups=2, dilation=2), nn.ConvTranspose2d(4, 3, 2, bias=False)),
                 (normal(2, 4, 5, 6),), (normal(1, 4, 8, 3),), dynamic=({0: "n", 2: "h", 3: "w"},))
    yield layers("ConvTranspose 1-D", lambda: (nn.ConvTranspose1d(4, 6, 3, stride=3, padding=1), nn.ConvTranspose1d(4, 2, 5, stride=2, output_padding=1)), (normal(2, 4, 6),), (normal(3, 4, 6),), dynamic=BATCH)
    yield layers("ConvTranspose 3-D", lambda: (nn.ConvTranspose3d(2, 3, 2, stride=2, padding=(0, 1, 0)),), (normal(2, 2, 3, 4, 5),))


def pools():
    yield layers("max pools", lambda: (nn.MaxPool2d(3, 2, 1), nn.MaxPool2d(2, ceil_mode=True), nn.MaxPool2d(3, 1, dilation=2), nn.MaxPool2d(2, return_indices=True)), (normal(2, 3, 9, 11),), (normal(3, 3, 9, 11),), dynamic=BATCH)
    yield layers("pools 1-D, 3-D", lambda: (nn.MaxPool1d(3, 2), nn.AvgPool1d(3, 2, 1), nn.AvgPool1d(4, 3, ceil_mode=True), nn.AdaptiveAvgPool1d(1), nn.AdaptiveMaxPool1d(5)), (normal(2, 3, 15),), (normal(4, 3, 15),), dynamic=BATCH)
    yield layers("average pools", lambda: (nn.AvgPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AvgPool2d(3, 2, ceil_mode=True), nn.AdaptiveAvgPool2d((3, 4)), nn.AdaptiveAvgPool2d(1)),
                 (normal(2, 3, 9, 12),), (normal(3, 3, 9, 12),), dynamic=BATCH)
    yield layers("pools of volumes", lambda: (nn.MaxPool3d(2), nn.AvgPool3d(2, padding=1), nn.AdaptiveAvgPool3d(1)), (normal(2, 3, 4, 6, 8),))


def normalisations():
    yield layers("norms", lambda: (shake(nn.BatchNorm2d(6)), nn.GroupNorm(3, 6), nn.InstanceNorm2d(6, affine=True), nn.LocalResponseNorm(3), nn.LayerNorm((6, 4, 5)), nn.LayerNorm(5, elementwise_affine=False)), (normal(2, 6, 4, 5),), (normal(3, 6, 4, 5),), dynamic=BATCH)
    yield layers("BatchNorm1d, LayerNorm", lambda: (shake(nn.BatchNorm1d(6)), nn.LayerNorm(6, eps=1e-3, bias=False)), (normal(5, 6),), (normal(9, 6),), dynamic=BATCH)


    yield Case("RMSNorm", lambda: nn.RMSNorm(6), [(normal(5, 6),), (normal(9, 6),)], BATCH, exporters=("dynamo",))


def activations():
    yield layers("activations", lambda: (nn.ELU(0.7), nn.SELU(), nn.CELU(1.3), nn.GELU(), nn.GELU(approximate="tanh"), nn.SiLU(), nn.Mish(), nn.Hardswish(), nn.Hardsigmoid(), nn.PReLU(3), nn.LeakyReLU(0.2), nn.ReLU6(), nn.Softplus(), nn.Softsign(),
                                         nn.Hardtanh(-0.4, 0.7), nn.LogSigmoid(), nn.LogSoftmax(1), nn.Dropout(0.5)),
                 (2 * normal(2, 3, 4),), (2 * normal(5, 3, 4),), dynamic=BATCH)
    yield layers("shrinks, GLU", lambda: (nn.Softshrink(), nn.Hardshrink(), nn.Tanhshrink(), nn.GLU(1)), (normal(2, 4, 3),), (normal(4, 4, 3),), dynamic=BATCH)


def embeddings():
    tokens = lambda n, w: (whole_numbers(20, n, w),)
    yield layers("Embedding", lambda: (nn.Embedding(20, 6), nn.Embedding(20, 4, padding_idx=0)), tokens(2, 5), tokens(3, 9), dynamic=({0: "n", 1: "w"},))
    for mode in ("mean", "sum", "max"):
        yield Case(f"EmbeddingBag {mode}", lambda mode=mode: nn.EmbeddingBag(20, 6, mode=mode), [tokens(3, 5), (whole_numbers(20, 3, 5, seed=4),)])


class Recurrent(nn.Module):
    """A recurrent layer with the state as an input and an output."""

    def __init__(self, layer, batch_second=True):
        super().__init__()
        self.layer, self.lstm = layer, isinstance(layer, nn.LSTM)

    def forward(self, x, h, c):
        y, state = self.layer(x, (h, c) if self.lstm else h)
        return (y, *state) if self.lstm else (y, state + 0 * c.sum())


class Tagger(nn.Module):
    """Embedding, two-way LSTM, line of labels: what speech and text models are at heart."""

    def __init__(self):
        super().__init__()
        self.embed, self.lstm, self.out = nn.Embedding(30, 8), nn.LSTM(8, 6, num_layers=2, bidirectional=True, batch_first=True), nn.Linear(12, 5)

    def forward(self, tokens):
        return self.out(self.lstm(self.embed(tokens))[0]).log_softmax(-1)


class Packed(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        y, _ = self.layer(packed)
        return nn.utils.rnn.pad_packed_sequence(y, batch_first=True)[0]


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.gru, self.rnn = nn.LSTMCell(4, 5), nn.GRUCell(5, 5), nn.RNNCell(5, 3)

    def forward(self, x):
        h, c, g, r = x.new_zeros(x.shape[0], 5), x.new_zeros(x.shape[0], 5), x.new_zeros(x.shape[0], 5), x.new_zeros(x.shape[0], 3)
        for t in range(x.shape[1]):
            h, c = self.lstm(x[:, t], (h, c))
            g = self.gru(h, g)
            r = self.rnn(g, r)
        return r, c


def recurrent():
    for name, make, d in (("LSTM", lambda: nn.LSTM(4, 5), 1), ("LSTM both ways, 2 layers", lambda: nn.LSTM(4, 5, 2, bidirectional=True), 4), ("LSTM batch first", lambda: nn.LSTM(4, 5, batch_first=True), 1),
                          ("GRU", lambda: nn.GRU(4, 5), 1), ("GRU both ways", lambda: nn.GRU(4, 5, bidirectional=True), 2), ("RNN tanh", lambda: nn.RNN(4, 5), 1), ("RNN relu, 2 layers", lambda: nn.RNN(4, 5, 2, nonlinearity="relu"), 2)):
        sets = [(normal(t, 2, 4), normal(d, 2, 5), normal(d, 2, 5, seed=1)) if "first" not in name else (normal(2, t, 4), normal(d, 2, 5), normal(d, 2, 5, seed=1)) for t in (6, 11)]
        plain = "RNN" in name  # torch.export takes these at one length only
        yield Case(name, lambda make=make: Recurrent(make()), sets, ({1 if "first" in name else 0: "t"}, None, None), exporters=("script",) if plain else ("script", "dynamo"))
        if plain:
            yield Case(name + ", one size", lambda make=make: Recurrent(make()), sets[:1], exporters=("dynamo",))
    yield Case("tagger", Tagger, [(whole_numbers(30, 2, 7),), (whole_numbers(30, 3, 12),)], ({0: "n", 1: "t"},))
    yield Case("packed LSTM", lambda: Packed(nn.LSTM(4, 5, batch_first=True, bidirectional=True)), [(normal(3, 6, 4), torch.tensor([6, 4, 1])), (normal(3, 6, 4, seed=2), torch.tensor([6, 6, 3]))], exporters=("script",))
    yield Case("packed GRU", lambda: Packed(nn.GRU(4, 5, batch_first=True)), [(normal(3, 6, 4), torch.tensor([6, 4, 1])), (normal(3, 6, 4, seed=2), torch.tensor([6, 6, 3]))], exporters=("script",))
    yield Case("cells", Cells, [(normal(2, 4, 4),), (normal(5, 4, 4),)], BATCH)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.mha = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, q, k):
        return self.mha(q, k, k)


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)

    def forward(self, source, target):
        t = target.shape[1]
        mask = torch.full((t, t), float("-inf")).triu(1)
        return self.net(source, target, tgt_mask=mask)


def attention():
    sequence = ({0: "n", 1: "t"},)
    encoder = lambda **more: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, **more), 2, enable_nested_tensor=False)
    for name, make in (("TransformerEncoder", encoder), ("TransformerEncoder norm first, GELU", lambda: encoder(norm_first=True, activation="gelu"))):
        yield Case(name, make, [(normal(2, 5, 8),), (normal(3, 9, 8),)], sequence, exporters=("dynamo",))
        yield Case(name + ", one size", make, [(normal(2, 5, 8),)], exporters=("script",))  # writes the sizes into the model
    yield Case("MultiheadAttention", Attention, [(normal(2, 5, 8), normal(2, 7, 8)), (normal(3, 5, 8), normal(3, 7, 8))], (BATCH[0], BATCH[0]))
    yield Case("Transformer", Translator, [(normal(2, 6, 8), normal(2, 4, 8)), (normal(2, 6, 8, seed=4), normal(2, 4, 8, seed=5))], exporters=("script",))
    attend = nn.functional.scaled_dot_product_attention
    qkv = lambda t, s, heads=4: (normal(2, 4, t, 8), normal(2, heads, s, 8), normal(2, heads, s, 8, seed=1))
    yield function("attention", lambda q, k, v: attend(q, k, v), qkv(5, 7), qkv(3, 11), dynamic=({2: "t"}, {2: "s"}, {2: "s"}))
    yield function("attention, causal", lambda q, k, v: attend(q, k, v, is_causal=True, scale=0.3), qkv(6, 6), qkv(6, 6))
    yield function("attention, masked", lambda q, k, v, m: attend(q, k, v, attn_mask=m > 0) + attend(q, k, v, attn_mask=m), (*qkv(5, 7), uniform(5, 7, low=0.1)), (*qkv(5, 7), uniform(5, 7, low=-0.3, seed=3)))
    for opset in (20, 23):
        yield function(f"attention, grouped, opset {opset}", lambda q, k, v: attend(q, k, v, enable_gqa=True), qkv(5, 7, 2), qkv(3, 9, 2), dynamic=({2: "t"}, {2: "s"}, {2: "s"}), exporters=("dynamo",), opset=opset)


class Collatz(nn.Module):
    """A loop whose number of turns depends on the input."""

    def forward(self, x, n: torch.Tensor):
        turns = 0
        value = int(n)
        while value > 1:
            value = value // 2 if value % 2 == 0 else 3 * value + 1
            x = x * 0.9 + float(value % 3)
            turns += 1
        return x, turns


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 3), nn.Linear(4, 3)

    def forward(self, x):
        if bool(x.sum() > 0):
            y = self.a(x).relu()
        elif x.shape[0] > 2:
            y = self.b(x)
        else:
            y = self.a(x) + self.b(x)
        return y


class Steps(nn.Module):
    """A loop over time that collects a list."""

    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(7, 4)

    def forward(self, x):
        h = torch.zeros(x.size(0), 4)
        made = []
        for t in range(x.size(1)):
            h = torch.tanh(self.cell(torch.cat([x[:, t], h], 1)))
            made.append(h)
        return torch.stack(made, 1)


class Greedy(nn.Module):
    """Decodes until a token comes or the places are full."""

    def __init__(self):
        super().__init__()
        self.embed, self.cell, self.out = nn.Embedding(9, 6), nn.Linear(12, 6), nn.Linear(6, 9)

    def forward(self, h, limit: int):
        token = torch.zeros(h.size(0), dtype=torch.long)
        sequence = token[:, None]
        step = 0
        while step < limit and bool((token != 3).any()):
            h = torch.tanh(self.cell(torch.cat([h, self.embed(token)], 1)))
            token = self.out(h).argmax(1)
            sequence = torch.cat([sequence, token[:, None]], 1)
            step += 1
        return sequence, h


class Cond(nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x.sin() + 1, lambda x: x.cos() * 2, (x,))


class ScanSum(nn.Module):
    def forward(self, x):
        from torch._higher_order_ops.scan import scan

        return scan(lambda h, v: (torch.tanh(h * 0.5 + v), h.clone() + 1), torch.zeros(4), x, dim=0)


class WhileLoop(nn.Module):
    def forward(self, i, x):
        from torch._higher_order_ops.while_loop import while_loop

        return while_loop(lambda i, x: i < 5, lambda i, x: (i + 1, x * 0.5 + 1), (i, x))


def control_flow():
    scripted = {"exporters": ("script",), "scripted": True}
    yield Case("while loop", Collatz, [(normal(2, 3), torch.tensor(6)), (normal(2, 3), torch.tensor(27)), (normal(2, 3), torch.tensor(1))], **scripted)
    yield Case("branches", Branches, [(normal(2, 4) + 1,), (normal(2, 4) - 1,), (normal(5, 4) - 1,)], BATCH, **scripted)
    yield Case("loop over time", Steps, [(normal(2, 5, 3),), (normal(3, 9, 3),), (normal(1, 1, 3),)], ({0: "n", 1: "t"},), **scripted)
    yield Case("greedy decoding", Greedy, [(normal(2, 6), 5), (normal(3, 6), 9), (normal(2, 6, seed=3), 0)], ({0: "n"}, None), **scripted)
    yield Case("torch.cond", Cond, [(normal(2, 3) + 1,), (normal(2, 3) - 1,)], exporters=("dynamo",))
    yield Case("scan", ScanSum, [(normal(5, 4),), (normal(5, 4, seed=2),)], exporters=("dynamo",))
    yield Case("while_loop", WhileLoop, [(torch.tensor(0), normal(3)), (torch.tensor(3), normal(3, seed=1))], exporters=("dynamo",))


def small_cnn():
    net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Hardswish(), nn.Conv2d(8, 16, 1), nn.ReLU6(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
    return shake(net)


def small_mlp():
    return nn.Sequential(nn.Linear(12, 32), nn.GELU(), nn.LayerNorm(32), nn.Linear(32, 16), nn.SiLU(), nn.Linear(16, 5), nn.Softmax(-1))


def half_precision():
    pictures = [(normal(2, 3, 16, 20).half(),), (normal(3, 3, 16, 20).half(),)]
    yield Case("CNN half", lambda: small_cnn().half(), pictures, BATCH, tolerance=5e-3)
    yield Case("MLP half", lambda: small_mlp().half(), [(normal(2, 12).half(),), (normal(7, 12).half(),)], BATCH, tolerance=5e-3)
    encoder = lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False)
    yield Case("transformer half", lambda: encoder().half(), [(normal(2, 5, 8).half(),), (normal(2, 5, 8, seed=3).half(),)], tolerance=5e-3)
    yield Case("LSTM half", lambda: Recurrent(nn.LSTM(4, 5)).half(), [tuple(t.half() for t in (normal(6, 2, 4), normal(1, 2, 5), normal(1, 2, 5, seed=1)))], tolerance=5e-3)
    yield Case("MLP bfloat16 inside", lambda: Between(small_mlp(), torch.bfloat16), [(normal(2, 12),), (normal(7, 12),)], BATCH, tolerance=4e-2)
    yield Case("CNN double", lambda: small_cnn().double(), [(normal(2, 3, 16, 20).double(),), (normal(3, 3, 16, 20).double(),)], BATCH, tolerance=1e-9)


class FakeQuantised(nn.Module):
    """Training for int8: weights by channel and activations by tensor go through eight bits."""

    def __init__(self):
        super().__init__()
        self.conv, self.linear = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 5)

    def forward(self, x):
        x = torch.fake_quantize_per_tensor_affine(x, 0.02, 128, 0, 255)
        w = torch.fake_quantize_per_channel_affine(self.conv.weight, torch.full((8,), 0.004), torch.zeros(8, dtype=torch.int32), 0, -128, 127)
        x = nn.functional.conv2d(x, w, self.conv.bias, padding=1).relu()
        x = torch.fake_quantize_per_tensor_affine(x, 0.015, 0, 0, 255).mean((2, 3))
        w = torch.fake_quantize_per_tensor_affine(self.linear.weight, 0.005, 0, -128, 127)
        return nn.functional.linear(torch.fake_quantize_per_tensor_affine(x, 0.01, 10, 0, 255), w, self.linear.bias)


def dynamically(source, target):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(source, target, weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": 1})


def statically(form, shape):
    def change(source, target):
        from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

        class Reader(CalibrationDataReader):
            feeds = iter([{"x0": normal(*shape, seed=s).numpy()} for s in range(3)])

            def get_next(self):
                return next(self.feeds, None)

        quantize_static(source, target, Reader(), quant_format=QuantFormat[form], per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)

    return change


def quantised():
    theirs = {"against": "onnxruntime", "exporters": ("script",), "tolerance": 2e-2}
    yield Case("fake quantised", FakeQuantised, [(normal(2, 3, 6, 7),), (normal(4, 3, 6, 7),)], BATCH, exporters=("script",), tolerance=2e-2)
    yield Case("MLP dynamic int8", small_mlp, [(normal(2, 12),), (normal(7, 12),)], BATCH, change=dynamically, **theirs)
    encoder = lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False)
    yield Case("transformer dynamic int8", encoder, [(normal(2, 5, 8),), (normal(2, 5, 8, seed=3),)], change=dynamically, **theirs)
    yield Case("LSTM dynamic int8", Tagger, [(whole_numbers(30, 2, 7),), (whole_numbers(30, 3, 12),)], ({0: "n", 1: "t"},), change=dynamically, **theirs)
    yield Case("CNN dynamic int8", small_cnn, [(normal(2, 3, 16, 20),), (normal(3, 3, 16, 20),)], BATCH, change=dynamically, **theirs)
    for form in ("QDQ", "QOperator"):
        yield Case(f"CNN {form}", small_cnn, [(normal(2, 3, 16, 20),), (normal(3, 3, 16, 20),)], BATCH, change=statically(form, (2, 3, 16, 20)), **theirs)
        yield Case(f"MLP {form}", small_mlp, [(normal(2, 12),), (normal(7, 12),)], BATCH, change=statically(form, (2, 12)), **theirs)


class Mixed(nn.Module):
    """Operators whose form changed most over the versions: Slice, Resize, Pad, Split, Squeeze, ReduceSum, TopK, Clip, Softmax, Dropout."""

    def forward(self, x):
        a, b = x[:, :, 1:-1, ::2].chunk(2, 1)
        y = nn.functional.interpolate(a, scale_factor=2.0, mode="nearest") + nn.functional.pad(b, (1, 1, 0, 2), value=0.5).sum((2, 3), keepdim=True)
        z = nn.functional.interpolate(b, size=(7, 9), mode="bilinear", align_corners=False).clamp(-0.5, 1.5)
        top, places = x.flatten(1).topk(4, 1)
        return y, z.softmax(1), top, places, x.mean(1).unsqueeze(1).squeeze(1), nn.functional.dropout(x, 0.3, False), x.cumsum(2), x[:, 0, 0].argsort(1), (x > 0).float().prod(3), x.std(1)


def versions():
    pictures = [(normal(2, 4, 10, 12),), (normal(3, 4, 10, 12),)]
    sequence = [(whole_numbers(30, 2, 7),), (whole_numbers(30, 3, 12),)]
    for opset in (11, 12, 13, 14, 15, 16, 17, 19, 20):
        yield Case(f"mixed, opset {opset}", Mixed, pictures, BATCH, opset=opset, exporters=("script",))
    for opset in (20, 21, 22, 23, 24):
        yield Case(f"mixed, opset {opset}, dynamo", Mixed, pictures, BATCH, opset=opset, exporters=("dynamo",))
        yield Case(f"attention masked, opset {opset}", lambda: Attention(), [(normal(2, 5, 8), normal(2, 7, 8)), (normal(3, 5, 8), normal(3, 7, 8))], (BATCH[0], BATCH[0]), opset=opset, exporters=("dynamo",))
    for opset in (9, 10, 11, 13):
        yield Case(f"CNN, opset {opset}", small_cnn, [(normal(2, 3, 16, 20),), (normal(3, 3, 16, 20),)], BATCH, opset=opset, exporters=("script",))
        yield Case(f"tagger, opset {opset}", Tagger, sequence, ({0: "n", 1: "t"},), opset=opset, exporters=("script",))
        for mode in ("nearest", "bilinear"):
            yield function(f"resize {mode}, opset {opset}", lambda x, mode=mode: (nn.functional.interpolate(x, scale_factor=2.0, mode=mode), nn.functional.interpolate(x, size=(10, 12), mode=mode)), (normal(2, 3, 5, 6),), (normal(3 if opset > 10 else 2, 3, 5, 6, seed=4),), dynamic=BATCH if opset > 10 else (), opset=opset, exporters=("script",))
        yield function(f"slices, opset {opset}", lambda x: (x[:, 1:3], x[..., -2:], x[:, :2], x.split(2, 1)[0], x.sum(1), x.topk(2, 1)[0], x.softmax(1), x.clamp(min=0)), (normal(2, 4, 5),), (normal(3, 4, 5),), dynamic=BATCH, opset=opset, exporters=("script",))


def cases():
    for group in (convolutions, pools, normalisations, activations, embeddings, recurrent, attention, control_flow, half_precision, quantised, versions):
        yield from group()
