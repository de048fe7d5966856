#!/usr/bin/env python3
"""Bar: drawing and encoding beside the encoder alone (at least 0.7 of its speed) and beside encoding every frame.

    benches/job/render.py STORYBOARD [OPTION...]     options go to `audiagram render`, such as --size 4k --fps 60

Makes the video without its voice, with an empty cache. Then, in the same run:
  limit   x264 with the same settings on nothing but the pictures that differ from the one before, as raw YUV
  peer    ffmpeg making the same video the usual way: every frame as raw RGB, converted and encoded
Processor seconds are compared, which a busy machine disturbs least; wall seconds are for the record. The transcript lies
beside the storyboard. Needs ffmpeg and ffprobe.
"""
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/audiagram/target")) / "release"
AUDIAGRAM = os.environ.get("AUDIAGRAM", str(TARGET / "audiagram"))


def settings():
    """The settings of x264, from the code that uses them."""
    code = (ROOT / "appliance/media/src/encode/h264.rs").read_text()
    pairs = re.findall(r'^    \("([\w-]+)", "([^"]+)"\),$', code, re.M)
    return [word for name, value in pairs for word in (f"-{name}:v", value)]


def runs(numbers):
    """Rising numbers as stretches without gaps: first and last of each."""
    found = []
    for n in numbers:
        if found and found[-1][1] == n - 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return found


def timed(*commands, env=None):
    """Processor and wall seconds of the last of piped commands, and how much memory it took."""
    begun, feeds, source = time.monotonic(), [], None
    for command in commands[:-1]:
        feeds.append(subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE))
        source = feeds[-1].stdout
    last = subprocess.Popen(commands[-1], stdin=source, env=env)
    _, status, used = os.wait4(last.pid, 0)
    if status:
        sys.exit(f"{commands[-1][0]} failed")
    for feed in feeds:
        feed.stdout.close()
        feed.wait()
    return used.ru_utime + used.ru_stime, time.monotonic() - begun, used.ru_maxrss / 1024


def main():
    board, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        env = dict(os.environ, XDG_CACHE_HOME=f"{scratch}/cache")
        command = [AUDIAGRAM, "render", board, "--silent", "--out", f"{scratch}/out", "--quiet", *options]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = timed(command, env=env)
        video = str(next(Path(f"{scratch}/out").glob("*.mp4")))
        probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries"]
        probe += ["stream=width,height,avg_frame_rate:format=duration:packet=size", "-of", "json", video]
        seen = json.loads(subprocess.run(probe, check=True, capture_output=True, text=True).stdout)
        stream, seconds = seen["streams"][0], float(seen["format"]["duration"])
        size, fps = f"{stream['width']}x{stream['height']}", int(json.loads(Path(board).read_text())["canvas"]["fps"])
        fps = int(options[options.index("--fps") + 1]) if "--fps" in options else fps
        # What merely repeats is some sixty bytes.
        changes = [n for n, packet in enumerate(seen["packets"]) if int(packet["size"]) > 150]
        changing = len(changes)
        raw = ["-f", "rawvideo", "-s", size, "-i", "-"]
        decode = ["ffmpeg", "-v", "error", "-i", video, "-map", "0:v:0", "-f", "rawvideo"]
        x264 = ["-c:v", "libx264", *settings(), "-f", "h264", "-y", "/dev/null"]
        chosen = f"{scratch}/chosen"
        Path(chosen).write_text("select='" + "+".join(f"between(n,{a},{b})" for a, b in runs(changes)) + "'")
        distinct = [*decode, "-filter_script:v", chosen, "-vsync", "passthrough", "-pix_fmt", "yuv420p", "-"]
        limit = timed(distinct, ["ffmpeg", "-v", "error", "-pix_fmt", "yuv420p", "-r", str(fps), *raw, *x264])
        every = [*decode, "-vsync", "cfr", "-r", str(fps), "-pix_fmt", "rgb24", "-"]
        peer = timed(every, ["ffmpeg", "-v", "error", "-pix_fmt", "rgb24", "-r", str(fps), *raw, "-pix_fmt", "yuv420p", *x264])
    frames = round(seconds * fps)
    print(f"{size} at {fps}: {seconds:.0f} s, {frames} frames, {changing} of them ({changing / frames:.0%}) differ from the one before")
    for name, (cpu, wall, memory) in (("audiagram", ours), ("limit", limit), ("peer", peer)):
        print(f"{name:>10}: {cpu:6.2f} s of processor, {wall:6.2f} s on the clock, {memory:4.0f} MiB; "
              f"{frames / cpu:6.0f} frames a processor second, {seconds / wall:5.1f} times real time")
    print(f"beside the limit {limit[0] / ours[0]:.2f}, beside the peer {peer[0] / ours[0]:.1f} times its speed")


main()
