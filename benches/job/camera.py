#!/usr/bin/env python3
"""Bar: 60 frames a second at 1080p while the camera moves in every frame.

    benches/job/camera.py STORYBOARD [OPTION...]     options as of render.py

Gives each scene cues of the camera that follow one another without a rest, and measures with render.py: the limit is x264 with
the same settings on the same pictures.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

from long import restless

board, *options = sys.argv[1:]
with tempfile.TemporaryDirectory() as scratch:
    place = restless(board, board.replace(".storyboard.", ".transcript."), Path(scratch))
    subprocess.run([sys.executable, Path(__file__).parent / "render.py", place, *options], check=True)
