#!/usr/bin/env python3
"""Bars: after the edit of one label of a 10-minute video the new file in 3 s; a frame to look at in 200 ms.

    benches/job/edit.py STORYBOARD RECORDING [MINUTES=10] [RUNS=5]

The transcript lies beside the storyboard. The talk is repeated until it lasts MINUTES, with other labels each time, and its
video is made once by `audiagram render`. Then, RUNS times, one label is edited (a scene further on each time) and the video made
again, its wall time taken from the start of the program to its end; and a frame is asked for with `--frame`. Needs ffmpeg and
the program of `cargo build --release`.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from long import lengthen  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/audiagram/target")) / "release"
AUDIAGRAM = os.environ.get("AUDIAGRAM", str(TARGET / "audiagram"))


def seconds(board, talk, scratch, *options):
    env = dict(os.environ, XDG_CACHE_HOME=f"{scratch}/cache")
    command = [AUDIAGRAM, "render", board, "--out", f"{scratch}/out", "--force", "--quiet", *options]
    command += [] if "--frame" in options else ["--audio", talk]
    begun = time.monotonic()
    subprocess.run(command, env=env, check=True)
    return time.monotonic() - begun


def main():
    board, recording, minutes, runs = (sys.argv[1:] + ["10", "5"][len(sys.argv) - 3 :])[:4]
    transcript = board.replace(".storyboard.", ".transcript.")
    with tempfile.TemporaryDirectory() as scratch:
        place, talk = lengthen(board, transcript, recording, int(minutes), Path(scratch))
        whole = seconds(place, talk, scratch)
        edits, frames = [], []
        for run in range(int(runs)):
            edited = json.loads(place.read_text())
            scenes = edited["scenes"]
            node = scenes[(run * 5 + 1) % len(scenes)]["nodes"][0]
            node.update(label=f"Edited {run}", by="user")
            place.write_text(json.dumps(edited))
            edits.append(seconds(place, talk, scratch))
            frames.append(seconds(place, talk, scratch, "--frame", str(60 * run % (60 * int(minutes)) + 20.5)))
    spoken = lambda times: " ".join(f"{t:.2f}" for t in times) + f" s, median {statistics.median(times):.2f} s"
    print(f"{minutes} minutes: whole {whole:.2f} s")
    print(f"  edited: {spoken(edits)} ({statistics.median(edits) / whole:.0%} of the whole)")
    print(f"  frame:  {spoken(frames)}")


main()
