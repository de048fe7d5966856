#!/usr/bin/env python3
"""Writes what the outliner knows of English words from WordNet's dictionary, beside its own lists in assets/language/en.

    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb wordnet
    benches/outline/wordnet.py wordnet/usr/share/wordnet assets/language/en

`verbs-wordnet.txt`: what WordNet knows as nothing but a verb is one wherever it stands. What is a noun too, and is used as a verb
more often in WordNet's tagged texts, gets `*`; of all others only the past is taken for a verb, and gets `~`: "binned" is
done, a bin is not.

`people-wordnet.txt`: nouns whose first sense is somebody, and those that end as such words do and are something else.
"""

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

NOTICE = "WordNet 3.0, Copyright 2006 by Princeton University. All rights reserved."
VERBS = f"""\
# Further verbs, from WordNet by benches/outline/wordnet.py. `*` after a verb: as common as a noun. `~`: a verb in the past only.
# Irregular forms follow in order: past, participle. {NOTICE}
"""
PEOPLE = f"""\
# Nouns by their first sense, from WordNet by benches/outline/wordnet.py, one sort a line. {NOTICE}
"""
# Number of the lexicographers' file of people.
PERSON = "18"
# Usages of what nobody should find in a list of ours.
RUDE = {"ethnic_slur", "disparagement", "derogation", "obscenity", "vulgarism", "dirty_word"}
# Endings by which a word that no list has is taken for somebody.
ENDINGS = ("er", "or", "ist", "ian", "man")
WIDTH = 120


def lemmas(folder, part):
    """The single words of a part of speech, each with its senses."""
    lines = (folder / f"index.{part}").read_text().splitlines()
    fields = [line.split() for line in lines if not line.startswith(" ")]
    return {f[0]: f[-int(f[2]) :] for f in fields if re.fullmatch("[a-z]{3,}", f[0])}


def listed(file):
    """The words of one of our own lists."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    return {entry.split(",")[0].rstrip("*!~:") for line in lines for entry in line.split()}


def wrapped(words, start=""):
    """Words in lines; each line begins with `start`."""
    lines = [start]
    for word in words:
        if len(lines[-1]) + len(word) >= WIDTH:
            lines.append(start)
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines) + "\n"


def synsets(wordnet, part):
    """Every sense of a part of speech: what its line says, and whether it is rude."""
    lines = {kind: (wordnet / f"data.{kind}").read_text().splitlines() for kind in ("noun", part)}
    lines = {kind: [line.split("|")[0].split() for line in all if line[0] != " "] for kind, all in lines.items()}
    usages = [fields for fields in lines["noun"] if RUDE.intersection(fields)]
    # "-u": a sense of that usage.
    rude = {to for fields in usages for mark, to in zip(fields, fields[1:]) if mark == "-u"}
    return [(fields, fields[0] in rude) for fields in lines[part]]


def people(wordnet):
    """Nouns that are somebody, and nouns that only end so."""
    file = {fields[0]: None if rude else fields[1] for fields, rude in synsets(wordnet, "noun")}
    somebody, something = [], []
    for line in (wordnet / "index.noun").read_text().splitlines():
        fields = line.split()
        if line.startswith(" ") or not re.fullmatch("[a-z]{3,}", fields[0]):
            continue
        first = file[fields[-int(fields[2])]]
        if first == PERSON:
            somebody.append(fields[0])
        elif first and len(fields[0]) > 4 and fields[0].endswith(ENDINGS):
            something.append(fields[0])
    return PEOPLE + wrapped(somebody, "person:") + wrapped(something, "thing:")


def verbs(wordnet, own):
    senses, nouns = lemmas(wordnet, "verb"), set(lemmas(wordnet, "noun"))
    others = set(lemmas(wordnet, "adj")) | set(lemmas(wordnet, "adv"))
    rude = {fields[0] for fields, rude in synsets(wordnet, "verb") if rude}
    every = {word for word in senses if not rude.intersection(senses[word])}
    known = listed(own / "verbs.txt") | listed(own / "closed.txt") | listed(own / "adjectives.txt")
    tagged = Counter()
    for line in (wordnet / "cntlist.rev").read_text().splitlines():
        sense, _, count = line.split()
        word, rest = sense.split("%")
        tagged[word, "noun" if rest[0] == "1" else "verb" if rest[0] == "2" else "other"] += int(count)
    forms = defaultdict(list)
    for line in (wordnet / "verb.exc").read_text().splitlines():
        form, word = line.split()[:2]
        # "Stove" is no past that anybody says.
        if not form.endswith(("ing", "s")) and form not in nouns | others | every:
            forms[word].append(form)
    entries = []
    for word in sorted(every - known):
        if word not in nouns | others:
            mark = ""
        elif word not in others and tagged[word, "verb"] > max(2, tagged[word, "noun"]):
            mark = "*"
        else:
            mark = "~"
        # A participle ends like "given", a past does not.
        participle = [form for form in forms[word] if form.endswith("n")]
        past = [form for form in forms[word] if form not in participle] or participle
        entries.append(",".join([word + mark, *([past[0], (participle or past)[0]] if past else [])]))
    return VERBS + wrapped(entries)


def main():
    wordnet, own = Path(sys.argv[1]), Path(sys.argv[2])
    (own / "verbs-wordnet.txt").write_text(verbs(wordnet, own))
    (own / "people-wordnet.txt").write_text(people(wordnet))


main()
