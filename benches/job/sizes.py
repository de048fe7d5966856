#!/usr/bin/env python3
"""Bar: 4K at 30 frames a second in 2.5 times real time or faster.

    benches/job/sizes.py STORYBOARD [SIZExFPS...]     such as 1080p@30 4k@30 4k@60

Makes the video without its voice, with an empty cache, from the start of the program to the finished file, on the clock.
"""
import os
import sys
import tempfile
import time
from pathlib import Path
from subprocess import run

AUDIAGRAM = os.environ.get("AUDIAGRAM", "audiagram")

board, *wanted = sys.argv[1:]
for what in wanted or ["1080p@30", "4k@30"]:
    size, fps = what.split("@")
    with tempfile.TemporaryDirectory() as scratch:
        begun = time.monotonic()
        run([AUDIAGRAM, "render", board, "--silent", "--size", size, "--fps", fps, "--out", f"{scratch}/out", "--quiet"],
            check=True, env=dict(os.environ, XDG_CACHE_HOME=f"{scratch}/cache"))
        took = time.monotonic() - begun
        video = next(Path(f"{scratch}/out").glob("*.mp4"))
        asked = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height:format=duration", "-of", "csv=p=0", video]
        picture, length = run(asked, check=True, capture_output=True, text=True).stdout.split()
        print(f"{what}: {picture.replace(',', 'x')}, {float(length):.0f} s of film in {took:.2f} s: {float(length) / took:.1f} times real time,"
              f" {float(length) * int(fps) / took:.0f} frames a second, {video.stat().st_size / 1e6:.1f} MB", flush=True)
