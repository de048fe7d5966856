#!/usr/bin/env python3
"""What outlining costs: processor time and memory by length of the talk, beside the bars.

    benches/outline/cost.py PROGRAM TEXT...

The texts are said one after another until the talk is long enough. The start of the program, measured on one word, is taken off.
Each figure is the least of three runs: the machine's other work only adds to it.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# Words of the talk and the most milliseconds it may take.
BARS = [(1_000, 50), (10_000, None), (30_000, 3_000), (100_000, None)]


def run(program, text):
    """Processor milliseconds, MiB at most, scenes."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        child = subprocess.Popen([program, "outline", file.name], stdout=subprocess.PIPE)
        board = json.loads(child.stdout.read())
        _, status, used = os.wait4(child.pid, 0)
        assert status == 0, status
        return 1000 * (used.ru_utime + used.ru_stime), used.ru_maxrss / 1024, len(board["scenes"])


def best(program, text):
    runs = [run(program, text) for _ in range(3)]
    return min(r[0] for r in runs), max(r[1] for r in runs), runs[0][2]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program = sys.argv[1]
    words = " ".join(pathlib.Path(t).read_text() for t in sys.argv[2:]).split()
    start, base, _ = best(program, "Hello.")
    print(f"{'start':>8}: {start:7.1f} ms, {base:6.1f} MiB")
    for length, bar in BARS:
        text = " ".join((words * (length // len(words) + 1))[:length])
        for name, talk in ((f"{length}", text), (f"{length} bare", "".join(c for c in text if c not in ".,;:?!"))):
            took, memory, scenes = best(program, talk)
            took -= start
            against = f", {took / bar:.2f} of the bar of {bar} ms" if bar and talk is text else ""
            print(f"{name:>12} words: {took:8.1f} ms, {1000 * took / length:6.1f} µs a word, {memory:6.1f} MiB, {scenes} scenes{against}")


if __name__ == "__main__":
    main()
