#!/usr/bin/env python3
"""Bar: the whole job on about 60 s of speech takes at most 1.5 times what transcription alone takes.

    benches/job/whole.py RECORDING [MODEL=base] [RUNS=3]

Runs `audiagram transcribe` and `audiagram make` in turn, each with an empty cache, on all cores; prints wall seconds and
the ratio of the medians.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/audiagram/target")
AUDIAGRAM = os.environ.get("AUDIAGRAM", f"{TARGET}/release/audiagram")


def seconds(command):
    with tempfile.TemporaryDirectory() as scratch:
        env = dict(os.environ, XDG_CACHE_HOME=f"{scratch}/cache")
        begun = time.monotonic()
        subprocess.run([AUDIAGRAM, *command, "--out", f"{scratch}/out", "--quiet"], env=env, check=True)
        return time.monotonic() - begun


def main():
    recording, model, runs = (sys.argv[1:] + ["base", "3"][len(sys.argv) - 2 :])[:3]
    cores = str(os.cpu_count())
    hearing = ["--model", model, "--lang", "en", "--threads", cores]
    alone, whole = [], []
    for _ in range(int(runs)):
        alone.append(seconds(["transcribe", recording, *hearing, "--format", "json"]))
        whole.append(seconds(["make", recording, *hearing]))
    for name, times in (("transcribe", alone), ("make", whole)):
        print(f"{name}: " + " ".join(f"{t:.2f}" for t in times) + " s")
    print(f"ratio of medians: {statistics.median(whole) / statistics.median(alone):.2f}")


main()
