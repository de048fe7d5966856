#!/usr/bin/env python3
"""Bar: what is spoken of appears with its word: median 100 ms, 95th percentile 300 ms.

    benches/job/sync.py [TEXT...]          default: the samples with one speaker

Festival speaks each text in two voices and tells when each word begins. `audiagram make` (model in AUDIAGRAM_MODEL,
default base) hears the recording and makes the video. Then the frames of the video are looked at: a box or an arrow is
seen in the first frame in which its area has half of the change that its entrance makes there. That moment less the
true onset of the first word that the element cites is its error; an arrow, which cannot come before its ends, is
compared with the last of its own word and theirs. Needs festival (voices kal_diphone and cmu_us_slt_arctic_hts), sox,
ffmpeg and the programs of `cargo build --release --workspace`. VERBOSE=1 lists every element.
"""
import difflib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benches/speech"))
from measure import VOICES, normal, speak  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/audiagram/target")) / "release"
AUDIAGRAM = os.environ.get("AUDIAGRAM", str(TARGET / "audiagram"))
REVEALS = os.environ.get("REVEALS", str(TARGET / "reveals"))
MODEL = os.environ.get("AUDIAGRAM_MODEL", "base")
# Frames are looked at as means of squares of this many pixels.
CELL = 8


def frames(video, width, height, fps):
    """Brightness of the cells of every frame at a constant rate."""
    columns, rows = width // CELL, height // CELL
    scale = f"fps={fps},scale={columns}:{rows}:flags=area,format=gray"
    command = ["ffmpeg", "-v", "error", "-i", video, "-map", "0:v:0", "-vf", scale, "-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    size = columns * rows
    return [raw[i : i + size] for i in range(0, len(raw), size)], columns, rows


def seen(pictures, columns, rows, reveal):
    """The first frame in which the area of an element has half of its change; None when nothing is seen of it."""
    first, full = reveal["first"], reveal["full"]
    left, top = int(reveal["x"]) // CELL, int(reveal["y"]) // CELL
    right = min(columns, int(reveal["x"] + reveal["w"]) // CELL + 1)
    bottom = min(rows, int(reveal["y"] + reveal["h"]) // CELL + 1)
    before, after = pictures[max(first - 1, 0)], pictures[min(full + 1, len(pictures) - 1)]
    if first == 0 or pictures[first - 1] == pictures[first]:
        before = None

    def distance(a, b):
        cells = (y * columns + x for y in range(top, bottom) for x in range(left, right))
        return sum(abs((a[i] if a else 255) - b[i]) for i in cells)

    whole = distance(before, after)
    if whole == 0:
        return None
    halves = (n for n in range(first, full + 2) if distance(pictures[n], after) <= whole / 2)
    return next(halves, None)


def onsets_of(transcript, truth):
    """True onsets of the words of a transcript, as far as they were heard right."""
    tokens = [(w, i) for i, word in enumerate(transcript["words"]) for w in normal(word["text"])[:1]]
    matcher = difflib.SequenceMatcher(None, [w for w, _ in truth], [w for w, _ in tokens], autojunk=False)
    blocks = matcher.get_matching_blocks()
    return {tokens[b + i][1]: truth[a + i][1] for a, b, size in blocks for i in range(size)}


def errors_of(text, voice, folder):
    """Errors of the reveals of one talk in seconds, as (kind, error, what it is), and how many could not be judged."""
    talk, truth = speak(voice, text, folder)
    env = dict(os.environ, XDG_CACHE_HOME=f"{folder}/cache")
    command = [AUDIAGRAM, "make", talk, "--model", MODEL, "--lang", "en", "--out", f"{folder}/out", "--quiet"]
    subprocess.run(command, env=env, check=True)
    made = {kind: f"{folder}/out/talk.{kind}" for kind in ("mp4", "storyboard.json", "transcript.json")}
    board = json.loads(Path(made["storyboard.json"]).read_text())
    transcript = json.loads(Path(made["transcript.json"]).read_text())
    true_onset = onsets_of(transcript, truth)
    command = [REVEALS, made["storyboard.json"], made["transcript.json"]]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    canvas = board["canvas"]
    pictures, columns, rows = frames(made["mp4"], canvas["w"], canvas["h"], canvas["fps"])

    heard = {i: word["start_ms"] / 1000 for i, word in enumerate(transcript["words"])}
    first_words, words, ends, off = {}, {}, {}, {}
    for scene in board["scenes"]:
        for kind in ("nodes", "edges"):
            for element in scene.get(kind, []):
                if element.get("evidence"):
                    first = first_words[scene["id"], element["id"]] = element["evidence"][0][0]
                    words[scene["id"], element["id"]] = true_onset.get(first)
                    off[scene["id"], element["id"]] = heard[first] - true_onset.get(first, 0)
                    ends[scene["id"], element["id"]] = [element[end] for end in ("from", "to") if end in element]
    found, unjudged = [], 0
    for line in lines:
        scene, kind, name, *numbers = line.split("\t")
        if (scene, name) not in words:
            continue
        reveal = dict(zip(("first", "full", "end"), map(int, numbers)), **dict(zip("xywh", map(float, numbers[3:]))))
        at = seen(pictures, columns, rows, reveal)
        due = [words[scene, name]] + [words.get((scene, end), 0) for end in ends[scene, name]]
        if at is None or None in due:
            unjudged += 1
            continue
        told = f"{scene}/{name}: {transcript['words'][first_words[scene, name]]['text']}, heard {off[scene, name] * 1000:+.0f}"
        found.append((kind, at / canvas["fps"] - max(due), told))
    return found, unjudged


def report(name, errors, unjudged):
    size = sorted(abs(e) for e in errors)
    print(
        f"{name}: {len(size)} reveals ({unjudged} not judged), median {statistics.median(size) * 1000:.0f} ms, "
        f"p95 {size[(len(size) * 95 + 99) // 100 - 1] * 1000:.0f} ms, worst {size[-1] * 1000:.0f} ms, "
        f"bias {statistics.median(errors) * 1000:+.0f} ms",
        flush=True,
    )


def main():
    texts = sys.argv[1:] or [str(ROOT / f"assets/samples/{name}.txt") for name in ("clinic", "order", "tram")]
    everything, missed = {"node": [], "edge": []}, 0
    for voice in VOICES.values():
        for text in texts:
            with tempfile.TemporaryDirectory() as folder:
                found, unjudged = errors_of(Path(text).read_text(), voice, Path(folder))
            report(f"{voice} {Path(text).stem}", [e for _, e, _ in found], unjudged)
            missed += unjudged
            for kind, error, told in found:
                everything[kind].append(error)
                if os.environ.get("VERBOSE"):
                    print(f"   {error * 1000:+5.0f} {told}")
    report("boxes", everything["node"], missed)
    report("arrows", everything["edge"], missed)
    report("all", everything["node"] + everything["edge"], missed)


main()
