#!/usr/bin/env python3
"""Audiagram's hearing beside its peers: the same words? the same processor time?

Runs `audiagram transcribe`, whisper.cpp's own program and, where it is installed, faster-whisper (int8) in turn on the
same recordings and models: greedy, one thread, several rounds. Prints the median processor seconds (user), the ratio to
whisper.cpp's program and the words that differ from it.

    benches/speech/peers.py --cli DIR/bin/whisper-cli [--rounds N] [--model NAME] RECORDING...
    benches/speech/peers.py --cli DIR/bin/whisper-cli --windows DIR/windows RECORDING...

With --windows (the program of `windows.rs`) whisper.cpp's program is given, one by one, the very windows of speech that
ours cuts a recording into: what differs then is the engine's use, not where a recording was cut. Only words are compared.

Getting the peers:

  whisper-cli      clone https://github.com/ggml-org/whisper.cpp and build it for the processors that ours is built for:
                     cmake -B build -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=OFF -DGGML_SSE42=ON \\
                       -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON -DGGML_OPENMP=OFF
                     cmake --build build --target whisper-cli
                   The rest are its defaults. -DGGML_LLAMAFILE=ON, which ours is built with, makes it faster too: give a
                   program built so with a second --cli to see both.
  faster-whisper   pip install faster-whisper, into the Python that runs this script; and its weights (CTranslate2), one
                   folder a model: --weights tiny.en=DIR --weights base=DIR.
  ffmpeg           turns recordings into the 16 kHz WAV that all are given.

Recordings should be speech in --lang (default en), which all are told; --lang auto lets each find out. Processor time
swings with what else runs: rounds are interleaved, so that it hits all alike. Of whisper.cpp's program the text with
times is compared (-otxt), for told to print none (-nt) it decodes otherwise. Its flash attention (on by default; ours is
off, for it keeps no attention to time words by) can tip a word: `--flag=-nfa` turns it off.
"""
import argparse
import difflib
import importlib.util
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("AUDIAGRAM_MODELS") or Path.home() / ".local/share/audiagram/models")
FASTER = """
import sys
from faster_whisper import WhisperModel
weights, lang, recording = sys.argv[1:]
model = WhisperModel(weights, device="cpu", compute_type="int8", cpu_threads=1)
segments, _ = model.transcribe(recording, language=None if lang == "auto" else lang, beam_size=1, best_of=1)
print("".join(s.text for s in segments))
"""


def words(text):
    """Words as they are compared: lower case, without marks; hyphens part words."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower().replace("’", "'"))


def differences(theirs, ours):
    """What differs, as `theirs -> ours` with the place; and in how many words."""
    found, count = [], 0
    for kind, a, b, c, d in difflib.SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if kind != "equal":
            found.append(f"word {a + 1}: {' '.join(theirs[a:b]) or '(nothing)'} -> {' '.join(ours[c:d]) or '(nothing)'}")
            count += max(b - a, d - c)
    return found, count


def timed(command):
    """Text and user seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\nfailed:\n{done.stderr.strip()}")
    return done.stdout, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def commands(args, model, weights):
    """How each program hears a recording, by its name; the first is ours, the second whisper.cpp's."""
    file = MODELS / f"ggml-{model}.bin"
    lang = "en" if model.endswith(".en") else args.lang
    ours = [args.ours, "transcribe", "--quiet", "--force", "--threads", "1", "--model", model, "--format", "txt"]
    ours += [] if lang == "auto" else ["--lang", lang]
    found = {"audiagram": lambda wav: timed([*ours, wav])}
    for n, cli in enumerate(args.cli):
        theirs = [cli, "-m", file, "-l", lang, "-t", "1", "-bs", "1", "-bo", "1", "-np", *args.flag]
        found["whisper-cli" + (f" ({n + 1})" if n else "")] = lambda wav, theirs=theirs: written(theirs, wav)
    if folder := weights.get(model):
        found["faster-whisper int8"] = lambda wav: timed([sys.executable, "-c", FASTER, folder, lang, wav])
    return found


def written(cli, wav):
    """Text and user seconds of whisper.cpp's program, whose text comes as a file."""
    _, spent = timed([*cli, "-otxt", "-of", wav, "-f", wav])
    return Path(f"{wav}.txt").read_text(), spent


def compare(args, model, weights, recordings):
    """Hears all recordings with all programs and prints what came out."""
    runs = commands(args, model, weights)
    seconds = {name: [] for name in runs}
    texts = {}
    for _ in range(args.rounds):
        for name, command in runs.items():
            total = 0
            for recording, wav in recordings:
                text, spent = command(wav)
                texts[name, recording] = words(text)
                total += spent
            seconds[name].append(total)
    print(f"{model}: user seconds, median of {args.rounds} (all)")
    theirs = list(runs)[1]
    for name, all_seconds in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(all_seconds, seconds[theirs]))
        listed = " ".join(f"{s:.1f}" for s in all_seconds)
        print(f"  {name:20} {statistics.median(all_seconds):7.2f}  {ratio:5.2f} of {theirs}  ({listed})")
    total = wrong = 0
    for recording, _ in recordings:
        found, count = differences(texts[theirs, recording], texts["audiagram", recording])
        total += len(texts[theirs, recording])
        wrong += count
        for difference in found:
            print(f"  {Path(recording).name}: {difference}")
    print(f"  words: {total - wrong} of {total} are those of {theirs}")


def compare_windows(args, model, recordings, folder):
    """Gives whisper.cpp's program the windows that ours hears, and prints which words differ."""
    folder = Path(folder) / model
    weights = [MODELS / f"ggml-{name}.bin" for name in (model, "silero-v6.2.0")]
    heard, _ = timed([args.windows, *weights, folder, *(wav for _, wav in recordings)])
    names = {str(wav): Path(recording).name for recording, wav in recordings}
    theirs = [args.cli[0], "-m", weights[0], "-l", "en", "-t", "1", "-bs", "1", "-bo", "1", "-np", *args.flag]
    total = wrong = 0
    for line in heard.splitlines():
        number, _, recording = line.split(maxsplit=2)
        wav = folder / f"{number}.wav"
        samples = ["-f", "f32le", "-ar", "16000", "-ac", "1", "-i", folder / f"{number}.f32"]
        timed(["ffmpeg", "-v", "error", *samples, "-c:a", "pcm_f32le", wav])
        cli = words(re.sub(r"\[.*?\]", " ", written(theirs, wav)[0]))
        found, count = differences(cli, words((folder / f"{number}.txt").read_text()))
        total += len(cli)
        wrong += count
        for difference in found:
            print(f"  {names[recording]}, window {number}: {difference}")
    print(f"{model}: {total - wrong} of {total} words in {len(heard.splitlines())} windows are those of whisper-cli")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="+", metavar="RECORDING")
    parser.add_argument("--cli", action="append", required=True, help="whisper-cli; may be given again")
    parser.add_argument("--flag", action="append", default=[], help="for whisper-cli, such as -nfa; may be given again")
    parser.add_argument("--windows", help="the program of windows.rs: `cargo build --release -p benches --bin windows`")
    parser.add_argument("--ours", default=str(HOME / "target/release/audiagram"), help="audiagram, a release build")
    parser.add_argument("--model", action="append", help="may be given again; default: tiny.en and base")
    parser.add_argument("--weights", action="append", default=[], metavar="MODEL=DIR", help="for faster-whisper")
    parser.add_argument("--lang", default="en")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, help="hear only so much of each recording")
    args = parser.parse_args()
    for tool, remedy in [
        (args.windows or args.ours, "build it with `cargo build --release`, or name it with --ours"),
        *((cli, "see --help for how to build it") for cli in args.cli),
        ("ffmpeg", "install it"),
    ]:
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: {remedy}")
    models = args.model or ["tiny.en", "base"]
    for model in models:
        if not (MODELS / f"ggml-{model}.bin").is_file():
            sys.exit(f"model {model} is not in {MODELS}: `audiagram model fetch {model}`, or set AUDIAGRAM_MODELS")
    weights = dict(w.split("=", 1) for w in args.weights)
    if args.windows:
        pass
    elif not importlib.util.find_spec("faster_whisper"):
        print("faster-whisper is not installed in this Python: left out (see --help)")
        weights = {}
    elif not weights:
        print("faster-whisper has no weights: left out (see --help)")
    with tempfile.TemporaryDirectory() as folder:
        recordings = []
        for n, recording in enumerate(args.recordings):
            wav = Path(folder) / f"{n}.wav"
            length = ["-t", str(args.seconds)] if args.seconds else []
            timed(["ffmpeg", "-v", "error", "-i", recording, *length, "-ar", "16000", "-ac", "1", wav])
            recordings.append((recording, wav))
        for model in models:
            if args.windows:
                compare_windows(args, model, recordings, folder)
                continue
            compare(args, model, weights, recordings)


if __name__ == "__main__":
    main()
