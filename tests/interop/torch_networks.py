"""Cases of torch_exports.py: whole networks of torchvision and transformers, small and with random weights."""
import re

import torch
from torch import nn

from torch_case import Case, normal, shake, uniform, whole_numbers

BATCH = ({0: "n"},)


def classifiers():
    from torchvision import models

    size = {"inception_v3": 299, "swin_t": 64, "maxvit_t": 224}
    for name in ("mnasnet0_5", "regnet_y_400mf", "efficientnet_b0", "shufflenet_v2_x0_5", "resnext50_32x4d", "swin_t"):
        s = size.get(name, 96)
        yield Case(name, lambda name=name: shake(getattr(models, name)(weights=None)), [(normal(2, 3, s, s),), (normal(3, 3, s, s),)], BATCH)
    yield Case("inception_v3", lambda: shake(models.inception_v3(weights=None, init_weights=False, aux_logits=False)), [(normal(1, 3, 139, 139),)], exporters=("script",))
    yield Case("r3d_18 (video)", lambda: shake(models.video.r3d_18(weights=None)), [(normal(1, 3, 6, 48, 48),)], exporters=("script",))
    yield Case("mc3_18 (video)", lambda: shake(models.video.mc3_18(weights=None)), [(normal(1, 3, 4, 48, 48),)], exporters=("dynamo",))


class Segmenter(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)["out"]


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        block = lambda a, b: shake(nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.Conv2d(b, b, 3, padding=1), nn.ReLU()))
        self.down, self.deep, self.up, self.middle = block(3, 8), block(8, 16), nn.ConvTranspose2d(16, 8, 2, stride=2), block(16, 8)
        self.out = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        a = self.down(x)
        b = self.up(self.deep(nn.functional.max_pool2d(a, 2)))
        return self.out(self.middle(torch.cat([a, b], 1))).argmax(1), self.out(self.middle(torch.cat([a, b], 1)))


def segmentation():
    from torchvision.models import segmentation as nets

    sets, sizes = [(normal(2, 3, 65, 81),), (normal(1, 3, 96, 72),)], ({0: "n", 2: "h", 3: "w"},)
    for name in ("lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large"):
        yield Case(name, lambda name=name: Segmenter(shake(getattr(nets, name)(weights=None, weights_backbone=None))), sets, sizes, exporters=("script",))
        yield Case(name + ", one size", lambda name=name: Segmenter(shake(getattr(nets, name)(weights=None, weights_backbone=None))), sets[:1], exporters=("dynamo",))
    yield Case("U-Net", UNet, [(normal(2, 3, 16, 24),), (normal(1, 3, 32, 20),)], sizes, exporters=("script",))
    yield Case("U-Net, batch", UNet, [(normal(2, 3, 16, 24),), (normal(3, 3, 16, 24),)], BATCH, exporters=("dynamo",))


class Detector(nn.Module):
    """A detector of torchvision on one picture."""

    def __init__(self, net):
        super().__init__()
        self.net = net.eval()
        self.spread()

    def spread(self):
        """Scales the last layers of the random heads so that scores neither tie nor saturate: their order is what is compared."""
        ends = ("cls_logits", "cls_score", "bbox_pred", "bbox_reg", "bbox_ctrness", "mask_fcn_logits", "kps_score_lowres")
        seen = set()

        def scale(module, args, out):
            if module not in seen:
                seen.add(module)
                wanted = (0.3 if "bbox" in module.name else 2.0) / max(float((out - out.mean()).std()), 1e-9)
                module.weight.data *= wanted
                module.bias.data.normal_(0, 0.1)
                return (out - out.mean()) * wanted

        for name, module in self.net.named_modules():
            if isinstance(module, (nn.Conv2d, nn.Linear, nn.ConvTranspose2d)) and (name.endswith(ends) or re.search(r"ion_head.module_list.\d+.1$", name)):
                module.name = name.replace("regression_head", "bbox")
                module.register_forward_hook(scale)
        with torch.no_grad():
            self.net([uniform(3, 96, 128, seed=9)])
        for module in self.net.modules():
            module._forward_hooks.clear()

    def forward(self, x):
        found = self.net([x])[0]
        return tuple(found[k] for k in ("boxes", "labels", "scores", "masks", "keypoints") if k in found)


class Boxes(nn.Module):
    """What a one-stage detector ends with: boxes decoded, suppressed, the best taken."""

    def forward(self, boxes, scores):
        from torchvision.ops import batched_nms, nms

        centres, sizes = boxes[:, :2] * 100, boxes[:, 2:] * 30 + 5
        corners = torch.cat([centres - sizes / 2, centres + sizes / 2], 1)
        best, label = scores.max(1)
        keep = nms(corners, best, 0.4)
        every = batched_nms(corners, best, label, 0.5)
        return corners[keep], best[keep], label[every]


def detection():
    from torchvision import ops
    from torchvision.models import detection as nets

    scripted = ("script",)
    plain = {"weights": None, "weights_backbone": None}
    small = {"min_size": 96, "max_size": 128}
    pictures = [(uniform(3, 96, 128),), (uniform(3, 96, 128, seed=3),)]
    yield Case("SSDLite", lambda: Detector(shake(nets.ssdlite320_mobilenet_v3_large(**plain, score_thresh=0.02, detections_per_img=8))), [(uniform(3, 160, 200),), (uniform(3, 160, 200, seed=3),)], exporters=scripted)
    yield Case("RetinaNet", lambda: Detector(shake(nets.retinanet_resnet50_fpn(**plain, **small, score_thresh=0.05))), pictures, exporters=scripted)
    yield Case("FCOS", lambda: Detector(shake(nets.fcos_resnet50_fpn(**plain, **small, score_thresh=0.05))), pictures, exporters=scripted)
    yield Case("Faster R-CNN", lambda: Detector(shake(nets.fasterrcnn_mobilenet_v3_large_320_fpn(**plain, **small, box_score_thresh=0.02))), pictures, exporters=scripted)
    yield Case("Mask R-CNN", lambda: Detector(shake(nets.maskrcnn_resnet50_fpn(**plain, **small, box_score_thresh=0.02, box_detections_per_img=10))), pictures, exporters=scripted)
    yield Case("Keypoint R-CNN", lambda: Detector(shake(nets.keypointrcnn_resnet50_fpn(**plain, **small, box_score_thresh=0.02, box_detections_per_img=10))), pictures, exporters=scripted)
    sets = [(uniform(n, 4, seed=n), uniform(n, 3, seed=n + 1)) for n in (40, 90)]
    yield Case("NMS", Boxes, sets, ({0: "n"}, {0: "n"}), exporters=scripted)
    yield Case("NMS, one size", Boxes, sets[:1], exporters=("dynamo",))
    rois = torch.tensor([[0, 1.5, 2, 9, 11], [1, 0, 0, 15, 15], [0, -2, 3, 30, 8.5]])
    for aligned in (True, False):
        yield Case(f"roi_align {'aligned' if aligned else 'plain'}", lambda aligned=aligned: Roi(lambda x, r: ops.roi_align(x, r, (3, 4), 0.5, 2, aligned)), [(normal(2, 3, 9, 10), rois)])
    yield Case("roi_pool", lambda: Roi(lambda x, r: ops.roi_pool(x, r, (3, 4), 0.5)), [(normal(2, 3, 9, 10), rois.abs())], exporters=scripted)
    offsets = (normal(2, 3, 6, 7), normal(2, 18, 6, 7), uniform(2, 9, 6, 7))
    yield Case("deform_conv2d", lambda: Deformable(), [offsets], opset=19, exporters=("dynamo",))


class Roi(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x, rois):
        return self.f(x, rois)


class Deformable(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3, 3, 3))

    def forward(self, x, offset, mask):
        from torchvision.ops import deform_conv2d

        return deform_conv2d(x, offset, self.weight, padding=1, mask=mask)


class Decoder(nn.Module):
    """A decoder of transformers with past keys and values as plain inputs and outputs."""

    def __init__(self, net, layers):
        super().__init__()
        self.net, self.layers = net, layers

    def forward(self, tokens, *past):
        from transformers.cache_utils import DynamicCache

        cache = DynamicCache()
        for i in range(self.layers):
            cache.update(past[2 * i], past[2 * i + 1], i)
        start = past[0].shape[2]
        positions = torch.arange(tokens.shape[1])[None] + start
        made = self.net(input_ids=tokens, position_ids=positions, past_key_values=cache, use_cache=True, return_dict=True)
        kept = made.past_key_values
        return (made.logits, *[t for layer in kept.layers for t in (layer.keys, layer.values)])


class Plain(nn.Module):
    """A network of transformers with some of its outputs as a tuple."""

    def __init__(self, net, names, arguments=("input_ids", "attention_mask")):
        super().__init__()
        self.net, self.names, self.arguments = net, names, arguments

    def forward(self, *args):
        made = self.net(**dict(zip(self.arguments, args)), return_dict=True)
        return tuple(made[n] for n in self.names)


def language():
    import transformers as t

    tokens = lambda n, w: (whole_numbers(50, n, w), torch.ones(n, w, dtype=torch.long).tril(w - 2))
    open_sizes = ({0: "n", 1: "w"}, {0: "n", 1: "w"})
    tiny = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64, "attn_implementation": "eager"}
    sets = [tokens(2, 7), tokens(3, 12)]
    for name, make in (("BERT", lambda: t.BertModel(t.BertConfig(**tiny))), ("RoBERTa", lambda: t.RobertaModel(t.RobertaConfig(**tiny, pad_token_id=1))), ("ELECTRA", lambda: t.ElectraModel(t.ElectraConfig(**tiny, embedding_size=8))),
                       ("MPNet", lambda: t.MPNetModel(t.MPNetConfig(**tiny))), ("DeBERTa v2", lambda: t.DebertaV2Model(t.DebertaV2Config(**tiny))), ("ModernBERT", lambda: t.ModernBertModel(t.ModernBertConfig(**tiny, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2)))):
        yield Case(name, lambda make=make: Plain(make(), ("last_hidden_state",)), sets, open_sizes)
    distil = {"vocab_size": 50, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "attn_implementation": "eager"}
    yield Case("DistilBERT", lambda: Plain(t.DistilBertModel(t.DistilBertConfig(**distil)), ("last_hidden_state",)), sets, open_sizes)
    yield Case("BERT sdpa", lambda: Plain(t.BertModel(t.BertConfig(**dict(tiny, attn_implementation="sdpa"))), ("last_hidden_state",)), sets, open_sizes)
    yield Case("T5 encoder", lambda: Plain(t.T5EncoderModel(t.T5Config(vocab_size=50, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)), ("last_hidden_state",)), sets, open_sizes)
    seq2seq = ("input_ids", "attention_mask", "decoder_input_ids")
    pair = [(*tokens(2, 7), whole_numbers(50, 2, 4)), (*tokens(3, 12), whole_numbers(50, 3, 6))]
    wide = (*open_sizes, {0: "n", 1: "v"})
    yield Case("T5", lambda: Plain(t.T5Model(t.T5Config(vocab_size=50, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, use_cache=False)), ("last_hidden_state",), seq2seq), pair, wide)
    bart = {"vocab_size": 50, "d_model": 16, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "max_position_embeddings": 64, "use_cache": False, "attn_implementation": "eager"}
    yield Case("BART", lambda: Plain(t.BartModel(t.BartConfig(**bart)), ("last_hidden_state",), seq2seq), pair, wide)


def decoders():
    import transformers as t

    tiny = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32, "max_position_embeddings": 64}
    grouped = dict(tiny, num_key_value_heads=2)

    def past(batch, before, now, heads):
        kept = [normal(batch, heads, before, 4, seed=i) for i in range(4)]
        return (whole_numbers(50, batch, now), *kept)

    for name, make, heads in (("GPT-2", lambda: t.GPT2LMHeadModel(t.GPT2Config(vocab_size=50, n_embd=16, n_layer=2, n_head=4, n_positions=64, attn_implementation="eager")), 4),
                              ("Llama", lambda: t.LlamaForCausalLM(t.LlamaConfig(**grouped, attn_implementation="eager")), 2),
                              ("Llama sdpa", lambda: t.LlamaForCausalLM(t.LlamaConfig(**grouped, attn_implementation="sdpa")), 2),
                              ("Mistral", lambda: t.MistralForCausalLM(t.MistralConfig(**grouped, sliding_window=None, attn_implementation="eager")), 2),
                              ("Qwen2", lambda: t.Qwen2ForCausalLM(t.Qwen2Config(**grouped, attn_implementation="eager")), 2),
                              ("Phi", lambda: t.PhiForCausalLM(t.PhiConfig(**tiny, attn_implementation="eager")), 4),
                              ("Gemma", lambda: t.GemmaForCausalLM(t.GemmaConfig(**grouped, head_dim=4, attn_implementation="eager")), 2),
                              ("GPT-NeoX", lambda: t.GPTNeoXForCausalLM(t.GPTNeoXConfig(**tiny, attn_implementation="eager")), 4),
                              ("OPT", lambda: t.OPTForCausalLM(t.OPTConfig(vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, ffn_dim=32, max_position_embeddings=64, word_embed_proj_dim=16, attn_implementation="eager")), 4)):
        sets = [past(2, 5, 3, heads), past(2, 9, 1, heads), past(3, 2, 4, heads)]
        fixed = [past(2, 5, 3, heads)]
        yield Case(f"{name} with past", lambda make=make: Decoder(make(), 2), sets, ({0: "n", 1: "now"}, *[{0: "n", 2: "past"}] * 4), exporters=("script",))
        yield Case(f"{name} with past, one size", lambda make=make: Decoder(make(), 2), fixed, exporters=("dynamo",))


def vision():
    import transformers as t

    small = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "image_size": 32, "patch_size": 8}
    picture = [(normal(2, 3, 32, 32),), (normal(3, 3, 32, 32),)]
    last = ("last_hidden_state",)
    for name, make in (("ViT", lambda: t.ViTModel(t.ViTConfig(**small))), ("DeiT", lambda: t.DeiTModel(t.DeiTConfig(**small))), ("BEiT", lambda: t.BeitModel(t.BeitConfig(**small, use_relative_position_bias=True))), ("DINOv2", lambda: t.Dinov2Model(t.Dinov2Config(**{k: v for k, v in small.items() if k != "intermediate_size"}))),
                       ("CLIP vision", lambda: t.CLIPVisionModel(t.CLIPVisionConfig(**small))), ("SegFormer", lambda: t.SegformerModel(t.SegformerConfig(hidden_sizes=[8, 16, 16, 16], depths=[1, 1, 1, 1], num_attention_heads=[1, 2, 2, 2]))), ("MobileViT", lambda: shake(t.MobileViTModel(t.MobileViTConfig(image_size=32, hidden_sizes=[8, 16, 16], neck_hidden_sizes=[4, 8, 8, 8, 8, 8, 16], initializer_range=0.2)))),
                       ("ConvNeXt V2", lambda: t.ConvNextV2Model(t.ConvNextV2Config(hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1]))), ("PoolFormer", lambda: t.PoolFormerModel(t.PoolFormerConfig(hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1])))):
        yield Case(name, lambda make=make: Plain(make(), last, ("pixel_values",)), picture, BATCH)
    yield Case("CLIP text", lambda: Plain(t.CLIPTextModel(t.CLIPTextConfig(vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=16, eos_token_id=49)), last, ("input_ids",)), [(whole_numbers(50, 2, 9),), (whole_numbers(50, 3, 9),)], BATCH)


def audio():
    import transformers as t

    tiny = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "conv_dim": [8, 8], "conv_stride": [5, 2], "conv_kernel": [10, 3], "num_feat_extract_layers": 2, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}
    sounds = [(normal(2, 800),), (normal(3, 800),)]
    for name, make in (("wav2vec2", lambda: t.Wav2Vec2ForCTC(t.Wav2Vec2Config(**tiny, vocab_size=20))), ("HuBERT", lambda: t.HubertForCTC(t.HubertConfig(**tiny, vocab_size=20)))):
        yield Case(name, lambda make=make: Plain(make(), ("logits",), ("input_values",)), sounds, BATCH)
    whisper = {"vocab_size": 50, "d_model": 16, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "num_mel_bins": 8, "max_source_positions": 20, "max_target_positions": 16, "use_cache": False, "attn_implementation": "eager", "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    yield Case("Whisper", lambda: Plain(t.WhisperForConditionalGeneration(t.WhisperConfig(**whisper)), ("logits",), ("input_features", "decoder_input_ids")), [(normal(2, 8, 40), whole_numbers(50, 2, 5)), (normal(3, 8, 40), whole_numbers(50, 3, 5))], (BATCH[0], BATCH[0]), exporters=("dynamo",))
    yield Case("M5 (raw sound)", RawSound, [(normal(2, 1, 2000),), (normal(3, 1, 2000),)], BATCH)


class RawSound(nn.Module):
    def __init__(self):
        super().__init__()
        block = lambda a, b, k, s: [nn.Conv1d(a, b, k, stride=s), nn.BatchNorm1d(b), nn.ReLU(), nn.MaxPool1d(4)]
        self.net = shake(nn.Sequential(*block(1, 16, 80, 4), *block(16, 16, 3, 1), *block(16, 32, 3, 1)))
        self.out = nn.Linear(32, 10)

    def forward(self, x):
        return self.out(self.net(x).mean(2)).log_softmax(-1)


def cases():
    for group in (classifiers, segmentation, detection, language, decoders, vision, audio):
        yield from group()
