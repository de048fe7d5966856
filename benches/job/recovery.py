#!/usr/bin/env python3
"""Bar: kill -9 at 50 random moments of a 30-minute job; it resumes, loses at most one window each time, same result.

    benches/job/recovery.py [KILLS=50] [MINUTES=30]

Joins samples to a recording of MINUTES, makes its video once undisturbed, then again while killing the program KILLS
times. The moments are drawn with a fixed seed from the undisturbed run's time and found again by the progress that the
program tells (stage and share), so they fall all over the job however fast the machine is at the time. Prints how many
kills fell into each stage, the most work that was done twice after one of them, and whether every result is the same
bytes. Needs ffmpeg, the model tiny.en and the program of `cargo build --release`.
"""
import bisect
import filecmp
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/audiagram/target")) / "release"
AUDIAGRAM = os.environ.get("AUDIAGRAM", str(TARGET / "audiagram"))
# The longest window of speech, in seconds.
WINDOW = 30


def start(recording, cache, out):
    command = [AUDIAGRAM, "make", recording, "--model", "tiny.en", "--threads", "1", "--lang", "en",
               "--progress", "json", "--out", out]
    return subprocess.Popen(command, env=dict(os.environ, XDG_CACHE_HOME=str(cache)), stderr=subprocess.PIPE, text=True)


def progress(process):
    """Stage, share, and the share that an earlier run had done, as the program tells them."""
    for line in process.stderr:
        event = json.loads(line)
        if event["event"] == "progress":
            yield event["stage"], event["share"], event.get("resumed", 0)


def main():
    kills, minutes = (int(value) for value in (sys.argv[1:] + ["50", "30"][len(sys.argv) - 1:]))
    scratch = Path(tempfile.mkdtemp())
    recording = scratch / "long.ogg"
    names = [f"file '{ROOT}/assets/samples/{('clinic', 'order', 'tram')[i % 3]}.ogg'\n" for i in range(minutes)]
    (scratch / "list.txt").write_text("".join(names))
    subprocess.run(["ffmpeg", "-v", "error", "-f", "concat", "-safe", "0", "-i", scratch / "list.txt",
                    "-t", str(minutes * 60), "-c", "copy", recording], check=True)

    began, stages, told = time.monotonic(), [], []
    process = start(recording, scratch / "cache-whole", scratch / "whole")
    for stage, share, _ in progress(process):
        if stage not in stages:
            stages.append(stage)
        told.append((time.monotonic() - began, (stages.index(stage), share)))
    whole = time.monotonic() - began
    if process.wait() != 0:
        sys.exit("the undisturbed job failed")
    print(f"undisturbed: {whole:.0f} s", flush=True)

    draw = random.Random(7)
    moments = sorted(draw.uniform(0, whole) for _ in range(kills))
    times = [at for at, _ in told]
    targets = [told[max(0, bisect.bisect(times, moment) - 1)][1] for moment in moments]
    began, fell, before, worst = time.monotonic(), {}, None, {}
    for target in targets + [None]:
        process, last, stood, went_on = start(recording, scratch / "cache-killed", scratch / "killed"), None, 0, False
        for stage, share, resumed in progress(process):
            last = (stages.index(stage), share)
            if before and last[0] == before[0]:
                # What stands is told window by window, until there is something new.
                stood, went_on = max(stood, resumed), went_on or share > resumed
            if target and last >= target:
                time.sleep(draw.uniform(0, 0.4))
                break
        if before and (went_on or last[0] > before[0]):
            # What a killed run told of, and this one did not begin behind, was done twice.
            name = stages[before[0]]
            worst[name], before = max(worst.get(name, 0), before[1] - stood), None
        if target is None or process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        name = stages[last[0]]
        fell[name] = fell.get(name, 0) + 1
        before = max(before or last, last)
    if process.wait() != 0:
        sys.exit("the job that was killed failed in the end")
    print(f"kills: {sum(fell.values())} ({', '.join(f'{count} in {stage}' for stage, count in fell.items())}); "
          f"{time.monotonic() - began:.0f} s with them")
    for stage, share in worst.items():
        print(f"most done twice in {stage}: {share:.4f} of it, {share * minutes * 60:.0f} s of the recording")
    compared = filecmp.dircmp(scratch / "whole", scratch / "killed")
    names = sorted(compared.left_list)
    _, differ, errors = filecmp.cmpfiles(scratch / "whole", scratch / "killed", names, shallow=False)
    same = not differ and not errors and names == sorted(compared.right_list)
    print("same result" if same else f"DIFFERENT: {differ or errors or compared.right_only}")
    shutil.rmtree(scratch)
    lost = worst.get("transcribe", 0) * minutes * 60
    sys.exit(0 if same and sum(fell.values()) == kills and lost <= WINDOW + 1 else 1)


main()
