#!/usr/bin/env python3
"""Every operator of the standard (the default domain, ai.onnx.ml and the preview domains) on random cases against onnx's
ReferenceEvaluator, ONNX Runtime, or where these have none or a wrong one against another library's function.

    tests/interop/standard_operators.py --samoyed build/release/bin/samoyed --work build/interop/standard [--only OP...] [--cases N] [--seed S] [--case I]

Ends with a table of operator, versions drawn, cases, differences, seed and reference (--json FILE writes it too), and fails where a
case differs without a reason or an operator of onnx's schemas, or of `samoyed ops`, has neither a generator nor a reason in WITHOUT.
"""
import argparse
import json
import subprocess
import sys

import ml_operators
import property
import standard
import standard_elementwise
import standard_layers
import standard_movement
import standard_random
import standard_sequences
import standard_signal
import standard_spatial
import standard_text

FAMILIES = (standard_elementwise, standard_movement, standard_layers, standard_sequences, standard_spatial, standard_signal, standard_text, standard_random)
GENERATORS = {name: make for family in FAMILIES for name, make in family.GENERATORS.items()}
REFERENCE_DIFFERS = {name: why for family in FAMILIES for name, why in family.REFERENCE_DIFFERS.items()}
ORACLES = {name: what for family in FAMILIES for name, what in getattr(family, "ORACLES", {}).items()}
ML = {f"ai.onnx.ml.{name}": name for name in ml_operators.GENERATORS}

# Operators that are not drawn at random, and why.
WITHOUT = {}


def uncovered(samoyed):
    """The operators that nothing here draws."""
    wanted = {f"{domain}.{name}" if domain else name for domain, name in standard.schemas()}
    for op in json.loads(subprocess.run([samoyed, "ops", "--json"], capture_output=True, text=True, check=True).stdout):
        if op["domain"].startswith("ai.onnx"):
            wanted.add(op["name"] if op["domain"] == "ai.onnx" else f"{op['domain']}.{op['name']}")
    return sorted(wanted - set(GENERATORS) - set(ML) - set(WITHOUT))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samoyed", required=True)
    parser.add_argument("--work", required=True, help="folder for the cases (emptied first)")
    parser.add_argument("--only", nargs="*", help="operators")
    parser.add_argument("--cases", type=int, default=200, help="cases an operator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="this case alone")
    parser.add_argument("--provider", nargs="*", default=["reference", "cpu,reference"])
    parser.add_argument("--json", help="write the table to this file")
    args = parser.parse_args()
    rows = []
    for name in args.only or sorted([*GENERATORS, *ML]):
        rows.append(property.compare(args, ML[name], ml_operators.GENERATORS[ML[name]], name) if name in ML
                    else standard.compare(args, name, GENERATORS[name], REFERENCE_DIFFERS, ORACLES))
        if args.json:
            with open(args.json, "w") as f:
                json.dump(rows, f, indent=1)
    standard.print_table(rows)
    missing = [] if args.only else uncovered(args.samoyed)
    few = [] if args.case is not None else [row["operator"] for row in rows if row["cases"] < args.cases]
    broken = [row["operator"] for row in rows if row["differences"]]
    print(f"{len(rows)} operators, {sum(row['cases'] for row in rows)} cases, {sum(row['explained'] for row in rows)} of them as ONNX Runtime and not as the ReferenceEvaluator")
    for what, names in (("differ", broken), ("have fewer cases than asked", few), ("have neither a generator nor a reason", missing)):
        if names:
            print(f"{len(names)} operators {what}: {' '.join(names)}")
    for name, why in WITHOUT.items():
        print(f"{name} is not drawn: {why}")
    return 1 if broken or few or missing else 0


if __name__ == "__main__":
    sys.exit(main())
