#!/usr/bin/env python3
"""The operators of the default domain on random cases against onnx's ReferenceEvaluator, with ONNX Runtime as second opinion.

    tests/interop/standard_operators.py --samoyed build/release/bin/samoyed --work build/interop/standard [--only OP...] [--cases N] [--seed S] [--case I]
"""
import sys

import standard_elementwise
import standard_layers
import standard_movement
from standard import main

GENERATORS = {**standard_elementwise.GENERATORS, **standard_movement.GENERATORS, **standard_layers.GENERATORS}
REFERENCE_DIFFERS = {**standard_elementwise.REFERENCE_DIFFERS, **standard_movement.REFERENCE_DIFFERS, **standard_layers.REFERENCE_DIFFERS}

if __name__ == "__main__":
    sys.exit(main(__doc__, GENERATORS, REFERENCE_DIFFERS))
