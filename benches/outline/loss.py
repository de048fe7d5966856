#!/usr/bin/env python3
"""What recognition costs: gold narrations spoken by synthetic voices, heard, outlined and scored beside their own text.

    benches/outline/loss.py --gold DIR --scorer score_outline.py --audiagram PROGRAM --work DIR [--model NAME] [--only PREFIX]

Needs flite (voices rms and slt). Sound and transcripts stay in the work folder and are not made again. Hearing takes one thread.
"""
import argparse
import pathlib
import re
import subprocess
import sys

VOICES = ["rms", "slt"]


def spoken(text):
    """The words that somebody says: names of speakers before their turns are not."""
    return re.sub(r"^[A-Z][\w .-]{0,24}:\s+", "", text, flags=re.M)


def hear(program, model, voice, narration, work):
    transcript = work / voice / f"{narration.stem}.transcript.json"
    if not transcript.exists():
        transcript.parent.mkdir(parents=True, exist_ok=True)
        wav, text = transcript.with_suffix(".wav"), transcript.with_suffix(".txt")
        text.write_text(spoken(narration.read_text()))
        subprocess.run(["flite", "-voice", voice, "-f", text, "-o", wav], check=True)
        command = [program, "transcribe", wav, "--lang", "en", "--threads", "1", "--model", model, "--out", transcript]
        subprocess.run([str(c) for c in command], check=True, stderr=subprocess.DEVNULL)
        wav.unlink()
    return transcript


def figures(scorer, gold, only, command):
    out = subprocess.run([sys.executable, scorer, "--gold", gold, "--only", only, "--cmd", command],
                         check=True, capture_output=True, text=True).stdout
    line = next(line for line in reversed(out.splitlines()) if "node F1" in line)
    return line.strip(), float(re.search(r"node F1\s+([\d.]+)", line)[1])


def main():
    if sys.argv[1:2] == ["--outline"]:
        # Called by the scorer: the outline of what was heard instead of the text.
        program, folder, text = sys.argv[2:]
        heard = pathlib.Path(folder) / f"{pathlib.Path(text).stem}.transcript.json"
        sys.exit(subprocess.run([program, "outline", heard]).returncode)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("gold", "scorer", "audiagram", "work"):
        parser.add_argument(f"--{name}", required=True, type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    narrations = sorted(n for n in args.gold.glob("*.txt") if n.name.startswith(args.only))
    line, text = figures(args.scorer, args.gold, args.only, f"{args.audiagram} outline {{txt}}")
    print(f"text      {line}")
    for voice in VOICES:
        for narration in narrations:
            hear(args.audiagram, args.model, voice, narration, args.work)
        command = f"{sys.executable} {__file__} --outline {args.audiagram} {args.work / voice} {{txt}}"
        line, heard = figures(args.scorer, args.gold, args.only, command)
        print(f"{voice:9} {line}\n{voice:9} loss {text - heard:.1f} points of node F1")


if __name__ == "__main__":
    main()
