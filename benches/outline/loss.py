#!/usr/bin/env python3
"""What recognition costs: narrations spoken by synthetic voices, heard, outlined and held against their own text.

    benches/outline/loss.py --audiagram PROGRAM --work DIR [--gold DIR] [--scorer FILE] [--model NAME] [--voice NAME]...
                            [--every N] [--only PREFIX] [--hear PROGRAM]

Without `--gold` the passages are those of assets/language/en/corpus: they were learned from, so their own text does better
than a new one would and the loss is the upper end. With `--gold` they are narrations as JSON with a text file each.
A box is right as `audiagram eval` counts it; with `--scorer` that program counts, as on the gold set. `--every` takes
each N-th, `--hear` another program for the recognition alone. The voices are those of the samples, `hibari` (neural) and
`slt-hts` (festival), as `image/samples.sh` installs them; a file `.onnx` is a voice of piper, any other name one of flite. Sound and transcripts stay in
the work folder and are not made again; a run for each voice may work beside the other. Hearing takes one thread.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

CORPUS = pathlib.Path(__file__).resolve().parents[2] / "assets/language/en/corpus"
STOP = set("a an the of to for in on at by with and or its their our your his her this that is are be it them into "
           "from".split())
ENDINGS = ["ization", "ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "e"]
SAME = 0.6


def passages(folder):
    """Names, words and the names of the boxes of our own passages."""
    out = []
    for file in sorted(folder.glob("*.txt")):
        for part in re.split(r"^=== ", file.read_text(), flags=re.M)[1:]:
            head, body = part.split("\n", 1)
            text, annotation = re.split(r"^@ ", body, maxsplit=1, flags=re.M)
            boxes = []
            for line in annotation.splitlines():
                found = re.match(r"\w+ : (.*)", line)
                if found and not line.startswith("@ "):
                    names = re.sub(r"( = [\d.]+)?( \[\w+\])?$", "", found[1])
                    boxes.append([name.strip() for name in names.split("|")])
            out.append((head.split("|")[0].strip(), text.strip(), boxes))
    return out


def narrations(folder):
    out = []
    for file in sorted(folder.glob("*.json")):
        gold = json.loads(file.read_text())
        boxes = [[node["label"], *node.get("aliases", [])] for scene in gold["scenes"] for node in scene["nodes"]]
        out.append((file.stem, file.with_suffix(".txt").read_text(), boxes))
    return out


def stems(label):
    words = re.findall(r"[a-z0-9]+", label.lower())
    cut = lambda w: next((w[:-len(e)] for e in ENDINGS if w.endswith(e) and len(w) - len(e) >= 3), w)
    return [cut(w) for w in words if w not in STOP] or [cut(w) for w in words]


def alike(a, b):
    left, common = list(b), 0
    for word in a:
        if word in left:
            left.remove(word)
            common += 1
    return 2 * common / max(len(a) + len(b), 1)


def boxes_of(board):
    """The boxes of all scenes, those of equal stems once; containers are boxes, and so are the lanes of a swimlane."""
    out = []
    for scene in board["scenes"]:
        lanes = scene.get("actors", []) if scene["kind"] == "swimlane" else []
        for node in [*scene["nodes"], *scene.get("groups", []), *lanes]:
            if stems(node["label"]) not in out:
                out.append(stems(node["label"]))
    return out


def hits(gold, drawn):
    pairs = [(max(alike(stems(name), own) for name in names), -g, -d)
             for g, names in enumerate(gold) for d, own in enumerate(drawn)]
    left, right = set(), set()
    for score, g, d in sorted(pairs, reverse=True):
        if score >= SAME and g not in left and d not in right:
            left.add(g)
            right.add(d)
    return len(left)


def outline(program, source):
    command = [program, "outline", source, "--quiet"]
    return json.loads(subprocess.run([str(c) for c in command], check=True, capture_output=True).stdout)


def node_f1(args, sources):
    hit = drawn = wanted = 0
    for name, _, gold in args.list:
        own = boxes_of(outline(args.audiagram, sources / f"{name}{args.ending[sources.name == 'text']}"))
        unique = []
        for names in gold:
            if all(stems(names[0]) != stems(other[0]) for other in unique):
                unique.append(names)
        hit, drawn, wanted = hit + hits(unique, own), drawn + len(own), wanted + len(unique)
    return 200 * hit / max(drawn + wanted, 1)


def scored(args, sources):
    """The figure of the scorer over the chosen narrations, which lie in a folder of their own."""
    folder = args.work / "gold"
    folder.mkdir(exist_ok=True)
    for name, _, _ in args.list:
        for ending in (".json", ".txt"):
            (folder / f"{name}{ending}").write_bytes((args.gold / f"{name}{ending}").read_bytes())
    command = f"{sys.executable} {__file__} --outline {args.audiagram} {sources} {{txt}}"
    out = subprocess.run([sys.executable, args.scorer, "--gold", folder, "--cmd", command], check=True,
                         capture_output=True, text=True).stdout
    line = next(line for line in reversed(out.splitlines()) if "node F1" in line)
    print(f"{sources.name:5} {line.strip()}")
    return float(re.search(r"node F1\s+([\d.]+)", line)[1])


def speak(voice, words, wav):
    """A voice says the words of a file: those that speak the samples, or one of flite's."""
    if voice == "hibari":
        command = ["hibari", words.read_text(), "--seed", "0", "-o", wav]
    elif voice.endswith(".onnx"):
        command = ["piper", "-m", voice, "-i", words, "-f", wav]
    elif voice == "slt-hts":
        command = ["text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", wav, words]
    else:
        command = ["flite", "-voice", voice, "-f", words, "-o", wav]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def folder_of(voice, model):
    return f"{pathlib.Path(voice).stem}-{model}"


def hear(args, voice, name, text):
    transcript = args.work / folder_of(voice, args.model) / f"{name}.transcript.json"
    if not transcript.exists():
        transcript.parent.mkdir(parents=True, exist_ok=True)
        wav, words = transcript.with_suffix(".wav"), transcript.with_suffix(".txt")
        # Names of speakers before their turns are not said.
        words.write_text(re.sub(r"^[A-Z][\w .-]{0,24}:\s+", "", text, flags=re.M))
        speak(voice, words, wav)
        # The open narrations are spelled as in Britain.
        command = [args.hear or args.audiagram, "transcribe", wav, "--lang", "en-GB", "--threads", "1", "--model", args.model,
                   "--out", transcript]
        subprocess.run([str(c) for c in command], check=True, stderr=subprocess.DEVNULL)
        wav.unlink()


def main():
    if sys.argv[1:2] == ["--outline"]:
        # Called by the scorer: the outline of what was heard, or of the text.
        program, folder, text = sys.argv[2:]
        heard = pathlib.Path(folder) / f"{pathlib.Path(text).stem}.transcript.json"
        sys.exit(subprocess.run([program, "outline", heard if heard.exists() else text]).returncode)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("audiagram", "work"):
        parser.add_argument(f"--{name}", required=True, type=lambda p: pathlib.Path(p).resolve())
    for name in ("gold", "scorer", "hear"):
        parser.add_argument(f"--{name}", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--model", default="base")
    parser.add_argument("--voice", action="append")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    if args.scorer and not args.gold:
        parser.error("a scorer needs --gold")
    everything = narrations(args.gold) if args.gold else passages(CORPUS)
    args.list = [p for p in everything if p[0].startswith(args.only)][::args.every]
    args.ending = [".transcript.json", ".txt"]
    texts = args.work / "text"
    texts.mkdir(parents=True, exist_ok=True)
    for name, text, _ in args.list:
        (texts / f"{name}.txt").write_text(text)
    figure = (lambda sources: scored(args, sources)) if args.scorer else (lambda sources: node_f1(args, sources))
    text = figure(texts)
    print(f"{len(args.list)} texts: node F1 {text:.1f}", flush=True)
    for voice in args.voice or ["hibari", "slt-hts"]:
        for name, words, _ in args.list:
            hear(args, voice, name, words)
        heard = figure(args.work / folder_of(voice, args.model))
        print(f"{voice}, {args.model}: node F1 {heard:.1f}, loss {text - heard:.1f} points", flush=True)


if __name__ == "__main__":
    main()
