#!/usr/bin/env python3
"""Bar: what is spoken of appears with its word: median 60 ms, 95th percentile 200 ms.

    benches/job/sync.py [TEXT...]          default: the samples with one speaker

Festival speaks each text in two voices and tells when each word begins. `audiagram make` (model in AUDIAGRAM_MODEL,
default base) hears the recording and makes the video. Then the frames of the video are looked at: a box or an arrow is
seen in the first frame in which its area has half of the change that its entrance makes there.

Which word that should be with is judged from outside, by what a viewer reads: the first word of the box's sentence whose
stem is in its label; where words of the label stand at several places of the sentence, that where most of them do. An arrow with words beside it is judged in the same way; one without has no word that can be read, and
is due when the later of its ends is, as is one whose words come before its ends. A box none of whose words is spoken in
its sentence is not judged, and counted. Needs festival (voices kal_diphone and cmu_us_slt_arctic_hts), sox, ffmpeg and the
programs of `cargo build --release --workspace`. VERBOSE=1 lists every element.
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


SMALL = set("a an the of to in on at by for with from and or is are be it its as".split())
IRREGULAR = {
    "took": "take", "taken": "take", "sent": "send", "went": "go", "goes": "go", "gone": "go", "made": "make", "put": "put",
    "gave": "give", "given": "give", "paid": "pay", "kept": "keep", "told": "tell", "wrote": "write", "written": "write",
    "brought": "bring", "held": "hold", "left": "leave", "found": "find", "got": "get", "people": "person",
}  # fmt: skip


def stem(word):
    """A word without the endings that labels and speech differ in."""
    word = IRREGULAR.get(word, word)
    for end, rest in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", "")):
        if word.endswith(end) and len(word) - len(end) >= 3:
            word = word[: -len(end)] + rest
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def stems(text):
    return {stem(word) for word in normal(text) if word not in SMALL}


def spoken(words, element):
    """The first word of an element's sentence that its label shows; None where there is none."""
    ends = [i for i, word in enumerate(words) if word["text"].rstrip("\"')")[-1:] in (".", "?", "!")]
    first, last = element["evidence"][0]
    start = max((end + 1 for end in ends if end < first), default=0)
    stop = min((end for end in ends if end >= last), default=len(words) - 1)
    label = stems(element.get("label", ""))
    said = [label & stems(words[i]["text"]) for i in range(start, stop + 1)]
    # Most of the label in about as many words as it has.
    reach = len(normal(element.get("label", ""))) + 1
    many = [len(set().union(*said[i : i + reach])) if one else 0 for i, one in enumerate(said)]
    return start + many.index(max(many)) if any(many) else None


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

    heard = transcript["words"]
    judge, ends = {}, {}
    for scene in board["scenes"]:
        for kind in ("nodes", "edges"):
            for element in scene.get(kind, []):
                if element.get("evidence"):
                    judge[scene["id"], element["id"]] = spoken(heard, element)
                    ends[scene["id"], element["id"]] = [element[end] for end in ("from", "to") if end in element]
    found, unjudged = [], 0
    for line in lines:
        scene, kind, name, *numbers = line.split("\t")
        if (scene, name) not in judge:
            continue
        reveal = dict(zip(("first", "full", "end"), map(int, numbers)), **dict(zip("xywh", map(float, numbers[3:]))))
        at = seen(pictures, columns, rows, reveal)
        due = [judge[scene, end] for end in ends[scene, name] if (scene, end) in judge]
        own = judge[scene, name]
        if own is not None or kind == "node":
            due.append(own)
        times = [true_onset.get(word) for word in due]
        if at is None or not times or None in times:
            unjudged += 1
            continue
        word = due[times.index(max(times))]
        off = heard[word]["start_ms"] / 1000 - true_onset[word]
        told = f"{scene}/{name}: {heard[word]['text']}, heard {off * 1000:+.0f}"
        found.append((kind, at / canvas["fps"] - max(times), told))
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
