#!/usr/bin/env python3
"""How well Audiagram hears: word error rate, word onsets and processor time.

Needs festival (voices kal_diphone and cmu_us_slt_arctic_hts), sox, cargo, and the folder of models in AUDIAGRAM_MODELS.

    AUDIAGRAM_MODELS=DIR benches/speech/measure.py onsets TEXT        word onsets against times the synthesiser knows
    AUDIAGRAM_MODELS=DIR benches/speech/measure.py words WAV=TEXT...  word error rate of recordings with transcripts
    AUDIAGRAM_MODELS=DIR benches/speech/measure.py time WAV           processor seconds with 1 and 2 threads

AUDIAGRAM_MODEL chooses the model file (default ggml-tiny.en.bin).
"""
import difflib
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VOICES = {"kal": "kal_diphone", "slt": "cmu_us_slt_arctic_hts"}
NUMBERS = {n: str(i) for i, n in enumerate("zero one two three four five six seven eight nine ten".split())}
PAUSE = 0.6


def probe(recordings, threads=1):
    """The transcripts of recordings, heard by the probe among the tests of `media`."""
    env = dict(os.environ, AUDIAGRAM_RECORDINGS=":".join(map(str, recordings)), AUDIAGRAM_THREADS=str(threads))
    command = os.environ.get("AUDIAGRAM_PROBE")
    command = [command] if command else ["cargo", "test", "-q", "-p", "media", "--test", "it", "--"]
    command += ["measure::", "--nocapture"]
    out = subprocess.run(command, env=env, cwd=HERE, check=True, capture_output=True, text=True).stdout
    found = re.findall(r"HEARD (.*?)\t(.*?)\t(.*)", out)
    if len(found) != len(recordings):
        sys.exit("the probe heard nothing; is AUDIAGRAM_MODELS set?\n" + out)
    return [json.loads(transcript) for _, _, transcript in found]


def normal(text):
    """Words as they are compared: lower case, no punctuation, small numbers as digits."""
    text = text.lower().replace("%", " percent").replace("-", " ")
    words = re.sub(r"[^a-z0-9' ]+", " ", text).replace("'", "").split()
    return [NUMBERS.get(w, w) for w in words]


def errors(truth, heard):
    """Edit distance between two lists of words."""
    row = list(range(len(heard) + 1))
    for i, t in enumerate(truth, 1):
        last, row[0] = row[0], i
        for j, h in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (t != h))
    return row[-1]


def speak(voice, text, folder):
    """Speaks a text sentence by sentence; returns one recording and its words with their true onsets."""
    sentences = re.split(r"(?<=[.?!])\s+", " ".join(text.split()).replace('"', ""))
    (folder / "text").write_text("".join(f'"{s}"\n' for s in sentences))
    scheme = f'(begin (set! sentences "{folder}/text") (set! out "{folder}") (set! voice voice_{voice}) (load "words.scm"))'
    subprocess.run(["festival", "-b", scheme], cwd=HERE, check=True)
    parts, truth, at = [], [], PAUSE
    for n in range(len(sentences)):
        wav = folder / f"{n:02}.wav"
        for line in (folder / f"{n:02}.words").read_text().splitlines():
            start, end, word = line.split()
            truth += [(w, at + float(start)) for w in normal(word)]
        at += float(subprocess.run(["soxi", "-D", wav], check=True, capture_output=True, text=True).stdout) + PAUSE
        parts += [f"|sox -n -r 16000 -p trim 0 {PAUSE}", f"|sox {wav} -r 16000 -p"]
    talk = folder / "talk.wav"
    subprocess.run(["sox", *parts, "-b", "16", talk], check=True)
    return talk, truth


def onsets(text):
    for name, voice in VOICES.items():
        with tempfile.TemporaryDirectory() as folder:
            talk, truth = speak(voice, Path(text).read_text(), Path(folder))
            heard = []
            for word in probe([talk])[0]["words"]:
                heard += [(w, word["start_ms"] / 1000) for w in normal(word["text"])[:1]]
        matcher = difflib.SequenceMatcher(None, [w for w, _ in truth], [w for w, _ in heard], autojunk=False)
        off = [
            (heard[b + i][1] - truth[a + i][1], truth[a + i][0])
            for a, b, size in matcher.get_matching_blocks()
            for i in range(size)
        ]
        size = sorted(abs(e) for e, _ in off)
        print(
            f"{name}: {len(off)} of {len(truth)} words, |onset error| median {statistics.median(size) * 1000:.0f} ms, "
            f"p90 {size[len(size) * 9 // 10] * 1000:.0f} ms, p95 {size[len(size) * 19 // 20] * 1000:.0f} ms, "
            f"bias {statistics.median(e for e, _ in off) * 1000:+.0f} ms"
        )
        if os.environ.get("VERBOSE"):
            print(" ".join(f"{w}:{e * 1000:+.0f}" for e, w in off))


def words(pairs):
    names, texts = zip(*(p.split("=", 1) for p in pairs))
    for name, text, transcript in zip(names, texts, probe([Path(n).resolve() for n in names])):
        heard = " ".join(w["text"] for w in transcript["words"])
        truth = normal(Path(text).read_text() if Path(text).is_file() else text)
        wrong = errors(truth, normal(heard))
        print(f"{Path(name).name}: WER {100 * wrong / len(truth):.1f} % ({wrong} of {len(truth)})")
        if wrong:
            print("   " + heard)


def time(wav):
    for threads in (1, 2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        probe([Path(wav).resolve()], threads)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{threads} thread(s): {after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.1f} CPU s")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("onsets", "words", "time"):
        sys.exit(__doc__)
    {"onsets": lambda a: onsets(a[0]), "words": words, "time": lambda a: time(a[0])}[sys.argv[1]](sys.argv[2:])
