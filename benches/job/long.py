"""Storyboards for the benches beside: a sample's, repeated to a length or under a camera that never rests."""
import copy
import hashlib
import json
import subprocess
from pathlib import Path


def lengthen(board, transcript, recording, minutes, folder):
    """A talk of so many minutes in `folder`, made of one that is repeated: storyboard, transcript, recording."""
    board, transcript = (json.loads(Path(p).read_text()) for p in (board, transcript))
    length, words = transcript["duration_ms"], len(transcript["words"])
    times = -(-minutes * 60_000 // length)
    scenes, spoken = [], []
    for n in range(times):
        for word in transcript["words"]:
            spoken.append(dict(word, start_ms=word["start_ms"] + n * length, end_ms=word["end_ms"] + n * length))
        for scene in copy.deepcopy(board["scenes"]):
            shift(scene, n * words)
            # Each repeat has names of its own: no two takes are alike.
            scene.update(id=f"{scene['id']}r{n}", title=f"{scene['title']} {n + 1}")
            for node in scene["nodes"]:
                node["label"] = f"{node['label']} {n + 1}"
            scenes.append(scene)
    talk = folder / "talk.wav"
    command = ["ffmpeg", "-v", "error", "-stream_loop", str(times - 1), "-i", str(recording), "-t", str(times * length / 1000)]
    subprocess.run([*command, "-ac", "1", "-ar", "16000", str(talk)], check=True)
    digest = hashlib.sha256(talk.read_bytes()).hexdigest()
    source = {"audio_sha256": digest, "duration_ms": times * length, "words": times * words}
    board.update(id="talk", scenes=scenes, review=[], source=source)
    transcript.update(words=spoken, duration_ms=times * length, audio_sha256=digest)
    return write(board, transcript, folder), talk


def restless(board, transcript, folder):
    """The storyboard of a talk under a camera that moves in every frame."""
    board, transcript = (json.loads(Path(p).read_text()) for p in (board, transcript))
    words = transcript["words"]
    starts = [words[scene["words"][0]]["start_ms"] for scene in board["scenes"]] + [transcript["duration_ms"]]
    starts[0] = 0
    for scene, start, end in zip(board["scenes"], starts, starts[1:]):
        nodes = [node["id"] for node in scene["nodes"]]
        cues = range(start, end, 4_000)
        scene["timeline"] = [
            {"at": {"ms": at}, "do": "camera", "dur_ms": 4_000, "ease": "linear",
             "fit": [] if n % 2 else [nodes[n % len(nodes)], nodes[(n + 1) % len(nodes)]]}
            for n, at in enumerate(cues)
        ]
    return write(board, transcript, folder)


def write(board, transcript, folder):
    """Puts both beside each other; returns the storyboard's place."""
    (folder / "talk.transcript.json").write_text(json.dumps(transcript))
    place = folder / "talk.storyboard.json"
    place.write_text(json.dumps(board))
    return place


def shift(value, by):
    """Moves every reference to a word."""
    if isinstance(value, list):
        for each in value:
            shift(each, by)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "words":
                value[key] = [word + by for word in each]
            elif key == "evidence":
                value[key] = [[word + by for word in pair] for pair in each]
            elif key == "word":
                value[key] = each + by
            else:
                shift(each, by)
