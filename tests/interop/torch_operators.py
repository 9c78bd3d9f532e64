"""Cases of torch_exports.py: functions of tensors, from arithmetic to grid_sample."""
import torch
import torch.nn.functional as F

from torch_case import function, normal, uniform, whole_numbers


def elementwise():
    batch = ({0: "n"},)
    yield function("math", lambda x: (x.sin() + x.cos(), x.exp(), x.erf(), x.tanh(), x.sigmoid(), x.atan(), x.square(), x.abs().sqrt(),
                                      x.abs().rsqrt(), x.abs().log1p(), x.neg(), x.reciprocal()), (normal(3, 4),), (normal(6, 4),), dynamic=batch)
    yield function("math on an interval", lambda x: (x.acos(), x.asin(), x.log(), x.log2(), x.log10(), x.tan()), (uniform(3, 4, low=0.05, high=0.9),))
    yield function("hyperbolic", lambda x: (x.expm1(), x.asinh(), x.sinh(), x.cosh(), (x + 1.5).acosh(), x.atanh()), (uniform(3, 4, low=0.05, high=0.9),), exporters=("dynamo",))
    yield function("rounding", lambda x: (x.floor(), x.ceil(), x.round(), x.sign(), x.fmod(0.7), x.remainder(0.7), x // 0.3, x.clamp(-0.5, 0.8),
                                          x.clamp(min=0.1)), (normal(3, 4),), (normal(5, 4),), dynamic=batch)
    yield function("trunc, frac", lambda x: (x.trunc(), x.frac(), x.isclose(x.round(), atol=0.2), torch.heaviside(x, x * 0)), (2 * normal(3, 4),), exporters=("dynamo",))
    yield function("two inputs", lambda x, y: (x + y, x * y - x, x / (y.abs() + 1), x.abs().pow(y), x.atan2(y), torch.maximum(x, y), torch.minimum(x, y), x.lerp(y, 0.3),
                                               torch.where(x > y, x, y), x.addcmul(x, y, value=0.5)),
                   (normal(2, 3, 4), normal(3, 1)), (normal(5, 3, 4), normal(3, 1, seed=2)), dynamic=({0: "n"}, None))
    yield function("comparison", lambda x, y: (x > y, x <= y, x == x.round(), (x > 0) & (y > 0), (x > 0) ^ (y < 0), ~(x > 0), torch.isnan(x), torch.isinf(x)),
                   (normal(3, 4), normal(3, 4, seed=1)))
    yield function("integers", lambda x, y: (x + y, x * y, x // (y + 1), x % (y + 1), x << 2, x >> 1, x.abs(), x.float().mean(), x.sum(), x.to(torch.int32) * 3),
                   (whole_numbers(50, 3, 4), whole_numbers(9, 3, 4, seed=1)))
    yield function("bits", lambda x, y: (x & y, x | y, x ^ y, ~x), (whole_numbers(50, 3, 4), whole_numbers(9, 3, 4, seed=1)), exporters=("dynamo",))
    yield function("casts", lambda x: (x.to(torch.int64), x.to(torch.float64), x.half().float(), x.bool(), x.to(torch.int8), x.to(torch.int32).float(), x.double().sin().float()), (3 * normal(3, 4),))


def reductions():
    yield function("reductions", lambda x: (x.sum(1), x.mean((0, 2), keepdim=True), x.amax(-1), x.amin(1), x.prod(2), x.logsumexp(1), x.norm(dim=2), x.norm(p=1, dim=1), x.std(1),
                                            x.var((0, 1), unbiased=False), x.argmax(1), x.argmin(-1, keepdim=True), (x > 0).all(), (x > 1).any(dim=1), (x > 0).sum(1)),
                   (normal(2, 4, 3),), (normal(5, 4, 3),), dynamic=({0: "n"},))
    yield function("min and max with places", lambda x: (*x.max(1), *x.min(2), *torch.sort(x, dim=1, descending=True)), (normal(2, 5, 3),), (normal(3, 5, 3),), dynamic=({0: "n"},))
    yield function("topk", lambda x: (*x.topk(3, dim=-1), *x.topk(2, dim=1, largest=False)), (normal(2, 4, 6),), (normal(2, 4, 11),), dynamic=({2: "n"},))
    yield function("cumsum", lambda x: (x.cumsum(1), x.cumsum(-1), x.cumsum(0).flip(0)), (normal(3, 4),), (normal(6, 4),), dynamic=({0: "n"},))
    yield function("softmaxes", lambda x: (x.softmax(1), x.log_softmax(-1), F.softmin(x, 0), F.normalize(x, dim=1)), (normal(3, 4),))


def places():
    index = whole_numbers(4, 2, 3)
    yield function("gather", lambda x, i: (x.gather(1, i), x[0][i], x.index_select(1, i[0])), (normal(2, 4), index), (normal(2, 4, seed=3), whole_numbers(4, 2, 7)), dynamic=(None, {1: "n"}))
    yield function("scatter", lambda x, i, s: (x.scatter(1, i, s), x.scatter_add(1, i, s), x.scatter(1, i, 2.5)), (normal(2, 4), torch.tensor([[0, 2, 3], [1, 0, 2]]), normal(2, 3)))
    yield function("scatter_reduce", lambda x, i, s: (x.scatter_reduce(1, i, s, "amax"), x.scatter_reduce(1, i, s, "sum"), x.scatter_reduce(1, i, s, "prod"), x.scatter_reduce(1, i, s, "amin")),
                   (normal(2, 4), index, normal(2, 3)), (normal(5, 4), whole_numbers(4, 5, 3), normal(5, 3)), dynamic=({0: "n"}, {0: "n"}, {0: "n"}))
    yield function("index_put", put, (normal(4, 5), whole_numbers(4, 3), normal(3, 5)), (normal(4, 5), whole_numbers(4, 3, seed=5), normal(3, 5, seed=5)))
    yield function("index_add, index_copy", lambda x, i, s: (x.index_add(0, i, s), x.index_copy(0, i, s), x.index_fill(0, i, 7.0)), (normal(5, 3), torch.tensor([4, 0, 2]), normal(3, 3)))
    yield function("slices written", write_slices, (normal(4, 6),), (normal(7, 6),), dynamic=({0: "n"},))
    yield function("indexing", lambda x, i, j: (x[i, j], x[:, i], x[i][:, :, None], x[..., -1], x[1:, ::2], x[[0, 2]], x[i[:, None], j[None]]),
                   (normal(4, 5, 3), torch.tensor([0, 3, 1]), torch.tensor([2, 4, 0])), (normal(4, 5, 3), torch.tensor([1, 1]), torch.tensor([2, 0])), dynamic=(None, {0: "n"}, {0: "n"}))
    yield function("masks", lambda x: (x[x > 0], (x > 0).nonzero(), x.masked_select(x < 0), torch.where(x > 0)[0]), (normal(3, 4),), (normal(6, 4),), dynamic=({0: "n"},), exporters=("script",))
    yield function("nonzero", lambda x: (x > 0).nonzero(), (normal(3, 4),), (normal(3, 4, seed=5),), exporters=("dynamo",))
    yield function("masked_fill, tril, triu", lambda x: (x.masked_fill(x > 0.5, -1e4), x.tril(), x.triu(1), x.tril(-1), torch.diagonal(x, dim1=0, dim2=1)), (normal(4, 4),))
    yield function("one_hot, eye, arange", lambda i: (F.one_hot(i, 5), torch.eye(4)[i], torch.arange(i.shape[0]) * 2, torch.full((i.shape[0], 2), 3.5), torch.linspace(0, 1, 5), torch.zeros_like(i)),
                   (whole_numbers(4, 3),), (whole_numbers(4, 8),), dynamic=({0: "n"},))
    yield function("unique", lambda i: torch.unique(i, return_inverse=True, return_counts=True), (whole_numbers(5, 9),), (whole_numbers(5, 30),), dynamic=({0: "n"},), exporters=("script",))
    yield function("searchsorted, bucketize", lambda x: (torch.bucketize(x, torch.tensor([-1.0, 0.0, 0.5])), (x[:, None] > torch.tensor([-1.0, 0.0, 0.5])).sum(1)), (normal(7),))
    yield function("argsort, flip, roll", lambda x: (x.argsort(1), x.flip(0, 1), x.roll(2, 1), x.roll((1, -1), (0, 1))), (normal(3, 5),), (normal(6, 5),), dynamic=({0: "n"},))


def put(x, i, s):
    a, b = x.clone(), x.clone()
    a[i] = 1.5
    b.index_put_((i,), s, accumulate=True)
    return a, b


def write_slices(x):
    y = x.clone()
    y[1:3, ::2] = x[0:2, ::2] * 2
    y[:, -1] = 0
    y[0] += 1
    return y


def shapes():
    open_batch = ({0: "n"},)
    yield function("reshaping", lambda x: (x.reshape(x.shape[0], -1), x.flatten(1), x.permute(2, 0, 1), x.transpose(1, 2).contiguous().view(x.shape[0], 3, 2, 2), x.unsqueeze(-1), x.unflatten(1, (2, 2)), x.movedim(0, -1), x.squeeze()),
                   (normal(2, 4, 3),), (normal(5, 4, 3),), dynamic=open_batch)
    yield function("joining, splitting", lambda x, y: (torch.cat((x, y), 1), torch.stack((x, x * 2), 2), *x.split(2, 1), *x.chunk(2, 1), *x.unbind(1), torch.hstack((x, y))),
                   (normal(2, 4), normal(2, 3)), (normal(6, 4), normal(6, 3)), dynamic=({0: "n"}, {0: "n"}))
    yield function("repeating", lambda x: (x.repeat(2, 3), x.expand(4, *x.shape), x.repeat_interleave(3, 1), torch.tile(x, (1, 2)), torch.broadcast_to(x[:, :1], x.shape), x.repeat_interleave(torch.tensor([1, 0, 2, 1]), 1)), (normal(3, 4),))
    for mode in ("constant", "reflect", "replicate", "circular"):
        yield function(f"pad {mode}", lambda x, mode=mode: (F.pad(x, (1, 2), mode), F.pad(x, (2, 1), mode) * 2), (normal(2, 3, 6),), (normal(3, 3, 9),), dynamic=({0: "n", 2: "w"},))
    yield function("pad 2-D", lambda x: (F.pad(x, (1, 2, 0, 3)), F.pad(x, (1, 2, 2, 1), "reflect"), F.pad(x, (-1, 2, -1, 0), value=4.0)), (normal(2, 3, 5, 6),))
    yield function("unfold, fold", lambda x: (F.unfold(x, 3, padding=1, stride=2), F.fold(F.unfold(x, 2, stride=2), (6, 8), 2, stride=2), x.unfold(3, 3, 2)), (normal(2, 3, 6, 8),))
    yield function("pixel_shuffle", lambda x: (F.pixel_shuffle(x, 2), F.pixel_unshuffle(x, 2)), (normal(2, 8, 4, 6),), (normal(3, 8, 4, 6),), dynamic=open_batch)
    yield function("meshgrid, outer", lambda x, y: (*torch.meshgrid(x, y, indexing="ij"), torch.outer(x, y)), (normal(3), normal(4)), (normal(5), normal(2)), dynamic=({0: "n"}, {0: "m"}))


def products():
    yield function("einsum", lambda x, y, z: (torch.einsum("bij,bjk->bik", x, y), torch.einsum("bij,bij->b", x, x), torch.einsum("bij->ji", x), torch.einsum("bij,bjk,kl->bil", x, y, z),
                                              torch.einsum("...ij->...ji", x), torch.einsum("bij,bkj->bik", x, x), torch.einsum("bii->bi", x[:, :3, :3])),
                   (normal(2, 3, 4), normal(2, 4, 5), normal(5, 2)), (normal(6, 3, 4), normal(6, 4, 5), normal(5, 2)), dynamic=({0: "n"}, {0: "n"}, None))
    yield function("matrix products", lambda x, y: (x @ y, torch.bmm(x, y), x[0] @ y[0][:, 0], torch.baddbmm(x @ y, x, y, beta=0.5, alpha=2.0), torch.addmm(x[0] @ y[0], x[0], y[0]), x.unsqueeze(1) @ y.unsqueeze(0), torch.mv(x[0], y[0, :, 1]), torch.dot(x[0, 0], y[0, :, 0])),
                   (normal(2, 3, 4), normal(2, 4, 5)), (normal(3, 3, 4), normal(3, 4, 5)), dynamic=({0: "n"}, {0: "n"}))
    yield function("distances", lambda x, y: (torch.norm(x[:, :, None] - y[:, None], dim=-1), F.cosine_similarity(x[:, :3], y[:, :3], dim=-1), F.pairwise_distance(x[:, 0], y[:, 0]), torch.cross(x[..., :3], x[..., 1:], dim=-1)), (normal(2, 5, 4), normal(2, 3, 4)))
    yield function("norms, losses", lambda x, y: (torch.linalg.vector_norm(x, ord=3, dim=1), torch.linalg.matrix_norm(x), F.mse_loss(x, y), F.kl_div(x.log_softmax(1), y.softmax(1), reduction="batchmean"), F.binary_cross_entropy_with_logits(x, y.sigmoid())), (normal(3, 4), normal(3, 4, seed=1)))
    yield function("determinant", lambda x: (torch.linalg.det(x), torch.det(x[0]), x.diagonal(dim1=-2, dim2=-1).sum(-1)), (normal(3, 4, 4),), (normal(5, 4, 4),), dynamic=({0: "n"},))
    yield function("cross entropy", lambda x, i: (F.cross_entropy(x, i), F.cross_entropy(x, i, reduction="none"), F.nll_loss(x.log_softmax(1), i, reduction="sum"), F.cross_entropy(x, i, ignore_index=1)), (normal(5, 4), whole_numbers(4, 5)))


def pictures():
    x, larger = normal(2, 3, 6, 8), normal(1, 3, 9, 7)
    open_sizes = ({0: "n", 2: "h", 3: "w"},)
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic"):
        yield function(f"resize {mode}", lambda x, mode=mode: (F.interpolate(x, size=(12, 5), mode=mode), F.interpolate(x, scale_factor=2.0, mode=mode)), (x,), (larger,),
                       dynamic=open_sizes, exporters=("dynamo",) if mode == "nearest-exact" else ("script", "dynamo"))
    yield function("resize area", lambda x: F.interpolate(x, size=(3, 4), mode="area"), (x,))
    yield function("cdist", lambda x, y: torch.cdist(x, y), (normal(2, 5, 4), normal(2, 3, 4)), exporters=("script",))
    for mode in ("bilinear", "bicubic"):
        yield function(f"resize {mode} aligned", lambda x, mode=mode: (F.interpolate(x, size=(12, 5), mode=mode, align_corners=True), F.interpolate(x, scale_factor=(1.5, 2.0), mode=mode, align_corners=True)), (x,), (larger,), dynamic=open_sizes)
        yield function(f"resize {mode} antialias", lambda x, mode=mode: F.interpolate(x, size=(4, 5), mode=mode, antialias=True), (x,), (normal(2, 3, 6, 8, seed=9),), exporters=("dynamo",))
    yield function("resize 1-D, 3-D", lambda x: (F.interpolate(x, size=11, mode="linear"), F.interpolate(x, scale_factor=2, mode="nearest"), F.interpolate(x[:, :, None, None].expand(-1, -1, 2, 2, -1), size=(3, 4, 5), mode="trilinear")), (normal(2, 3, 6),), (normal(2, 3, 9),), dynamic=({2: "w"},))
    yield function("resize to another's size", lambda x, y: F.interpolate(x, size=y.shape[2:], mode="bilinear") + y, (normal(2, 3, 4, 5), normal(2, 3, 8, 9)), (normal(2, 3, 3, 7), normal(2, 3, 13, 10)), dynamic=({2: "h", 3: "w"}, {2: "H", 3: "W"}))
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            yield function(f"grid_sample {mode} {padding}", lambda x, g, mode=mode, padding=padding: (F.grid_sample(x, g, mode, padding, False), F.grid_sample(x, g, mode, padding, True)),
                           (x, uniform(2, 4, 5, 2, low=-1.3, high=1.3)), (normal(2, 3, 9, 4), uniform(2, 3, 9, 2, low=-1.3, high=1.3)), dynamic=({2: "h", 3: "w"}, {1: "H", 2: "W"}), opset=20)
    yield function("affine_grid", lambda t, x: F.grid_sample(x, F.affine_grid(t, (2, 3, 5, 6), align_corners=False), align_corners=False), (normal(2, 2, 3), x), (normal(2, 2, 3, seed=4), x), opset=20)
    yield function("stft", lambda x: torch.view_as_real(torch.stft(x, 64, 16, window=torch.hann_window(64), return_complex=True)), (normal(2, 256),), (normal(2, 256, seed=3),), exporters=("dynamo",))
    yield function("spectrogram", spectrogram, (normal(2, 400),), (normal(2, 400, seed=5),))


def spectrogram(x):
    """Log-mel energies by matrix products: what audio front ends are where STFT is wanting."""
    n, hop = 64, 16
    frames = x.unfold(1, n, hop) * torch.hann_window(n)
    k = torch.arange(n // 2 + 1)[:, None] * torch.arange(n)[None] * (2 * torch.pi / n)
    power = (frames @ k.cos().T) ** 2 + (frames @ k.sin().T) ** 2
    mel = torch.clamp(1 - (torch.linspace(0, n // 2, 12)[:, None] - torch.arange(n // 2 + 1)[None]).abs() / 4, min=0)
    return torch.log(power @ mel.T + 1e-6)


def cases():
    for group in (elementwise, reductions, places, shapes, products, pictures):
        yield from group()
