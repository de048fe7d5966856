#!/usr/bin/env python3
"""Reads an MP4 box by box and holds what it says against itself: boxes.py FILE.mp4

A reader of its own (ISO/IEC 14496-12, -14, -15), so that no library is kind to what it reads. Prints every check; ends with 1 when
one fails.
"""
import struct
import sys
from pathlib import Path

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"dinf", b"tref", b"ilst"}
failed = 0


def check(name, holds, why=""):
    global failed
    failed += not holds
    print(f"{'ok  ' if holds else 'FAIL'} {name}{f': {why}' if why and not holds else ''}")


class Box:
    """A box: kind, where it and its content begin, where it ends, and the boxes in it."""

    def __init__(self, data, at, limit):
        size, self.kind = struct.unpack_from(">I4s", data, at)
        self.start, self.body = at, at + 8
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
            self.body = at + 16
        self.end = limit if size == 0 else at + size
        if self.end > limit or self.end < self.body:
            raise ValueError(f"{self.kind} at {at} goes beyond what holds it")
        first = self.body + (4 if self.kind == b"meta" else 0)
        self.inside = boxes(data, first, self.end) if self.kind in HOLDERS or self.kind == b"meta" else []
        self.data = data

    def all(self, *path):
        found = [self]
        for kind in path:
            found = [inner for box in found for inner in box.inside if inner.kind == kind]
        return found

    def one(self, *path):
        found = self.all(*path)
        return found[0] if found else None

    def unpack(self, form, skip=0):
        return struct.unpack_from(">" + form, self.data, self.body + skip)

    def rows(self, form, skip=4):
        """Rows of a table whose count stands after version and flags."""
        (count,) = self.unpack("I", skip)
        size = struct.calcsize(">" + form)
        if self.body + skip + 4 + count * size > self.end:
            raise ValueError(f"{self.kind} holds less than its {count} rows")
        return [self.unpack(form, skip + 4 + i * size) for i in range(count)]


def boxes(data, at, end):
    found = []
    while at < end:
        found.append(Box(data, at, end))
        at = found[-1].end
    return found


class Bits:
    """Bits of a sequence parameter set, emulation prevention taken out."""

    def __init__(self, nal):
        self.bits = "".join(f"{byte:08b}" for byte in nal.replace(b"\0\0\3", b"\0\0"))
        self.at = 0

    def take(self, n):
        self.at += n
        return int(self.bits[self.at - n:self.at] or "0", 2)

    def golomb(self):
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + (self.take(zeros) if zeros else 0)


def sequence(sps):
    """Profile, level, size and colours of a sequence parameter set (H.264, 7.3.2.1)."""
    bits = Bits(sps[1:])
    profile, _, level = bits.take(8), bits.take(8), bits.take(8)
    bits.golomb()
    if profile in (100, 110, 122, 244):
        chroma = bits.golomb()
        assert chroma == 1, "not 4:2:0"
        bits.golomb(), bits.golomb(), bits.take(1)
        assert not bits.take(1), "scaling lists"
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    bits.golomb(), bits.take(1)
    wide, high, whole = bits.golomb() + 1, bits.golomb() + 1, bits.take(1)
    if not whole:
        bits.take(1)
    bits.take(1)
    crop = [bits.golomb() for _ in range(4)] if bits.take(1) else [0] * 4
    size = wide * 16 - 2 * (crop[0] + crop[1]), high * 16 * (2 - whole) - 2 * (2 - whole) * (crop[2] + crop[3])
    colours = None
    if bits.take(1):
        if bits.take(1) and bits.take(8) == 255:
            bits.take(32)
        if bits.take(1):
            bits.take(1)
        if bits.take(1):
            _, full = bits.take(3), bits.take(1)
            if bits.take(1):
                colours = (bits.take(8), bits.take(8), bits.take(8), full)
    return profile, level, size, colours


class Track:
    def __init__(self, box):
        self.box, table = box, box.one(b"mdia", b"minf", b"stbl")
        self.table = table
        head = box.one(b"tkhd")
        long = head.unpack("B")[0]
        self.flags = head.unpack("I")[0] & 0xFFFFFF
        self.id, = head.unpack("I", 20 if long else 12)
        self.length, = head.unpack("Q" if long else "I", 28 if long else 20)
        self.size = tuple(n >> 16 for n in head.unpack("II", 88 if long else 76))
        media = box.one(b"mdia", b"mdhd")
        long = media.unpack("B")[0]
        self.scale, = media.unpack("I", 20 if long else 12)
        self.media, = media.unpack("Q" if long else "I", 24 if long else 16)
        self.handler = box.one(b"mdia", b"hdlr").unpack("4s", 8)[0].decode()
        (fixed, count) = table.one(b"stsz").unpack("II", 4)
        self.sizes = [fixed] * count if fixed else [n for (n,) in table.one(b"stsz").rows("I", 8)]
        self.durations = [length for n, length in table.one(b"stts").rows("II") for _ in range(n)]
        offsets = table.one(b"stco") or table.one(b"co64")
        self.chunks = [at for (at,) in offsets.rows("I" if offsets.kind == b"stco" else "Q")]
        runs = table.one(b"stsc").rows("III")
        self.in_chunk = []
        for i, (first, n, _) in enumerate(runs):
            last = runs[i + 1][0] if i + 1 < len(runs) else len(self.chunks) + 1
            self.in_chunk += [n] * (last - first)
        self.entry = Box(table.data, table.one(b"stsd").body + 8, table.one(b"stsd").end)

    def places(self):
        """Where each sample lies."""
        found, left = [], iter(self.sizes)
        for at, n in zip(self.chunks, self.in_chunk):
            for _ in range(n):
                size = next(left)
                found.append((at, size))
                at += size
        return found

    def name(self):
        return f"track {self.id} {self.handler}"


def whole(track, timescale, payload):
    """What holds for every track."""
    name, n = track.name(), len(track.sizes)
    check(f"{name}: {n} samples in stsz, stts and stsc", n == len(track.durations) == sum(track.in_chunk) and len(track.in_chunk) == len(track.chunks),
          f"{len(track.durations)} {sum(track.in_chunk)}")
    check(f"{name}: stts adds up to mdhd", sum(track.durations) == track.media, f"{sum(track.durations)} {track.media}")
    check(f"{name}: no sample but the last without length", all(length > 0 for length in track.durations[:-1]))
    lasts = [at + size for at, size in track.places()]
    check(f"{name}: samples lie in mdat", all(payload[0] <= at and at + size <= payload[1] for at, size in track.places()), str(max(lasts, default=0)))
    offsets = track.table.one(b"ctts")
    if offsets:
        rows = offsets.rows("Ii")
        check(f"{name}: ctts for each sample", sum(row[0] for row in rows) == n)
    edits = track.box.one(b"edts", b"elst")
    if edits:
        long = edits.unpack("B")[0]
        rows = edits.rows("QqI" if long else "IiI")
        check(f"{name}: edits add up to tkhd", sum(row[0] for row in rows) == track.length, f"{rows} {track.length}")
        beyond = [row for row in rows if row[1] >= 0 and row[1] / track.scale + row[0] / timescale > track.media / track.scale + 1.5 / timescale]
        check(f"{name}: edits stay within the media, at speed 1 ({[row[:2] for row in rows][:3]})", not beyond and all(row[2] == 1 << 16 for row in rows), str(beyond))
    else:
        check(f"{name}: tkhd is as long as mdhd", abs(track.length / timescale - track.media / track.scale) <= 1.5 / timescale)


def pictures(track, data):
    entry, name = track.entry, track.name()
    check(f"{name}: avc1", entry.kind == b"avc1", str(entry.kind))
    wide, high = entry.unpack("HH", 24)
    parts = {box.kind: box for box in boxes(data, entry.body + 78, entry.end)}
    config = parts[b"avcC"]
    version, profile, _, level, lengths, sets = config.unpack("6B")
    size, = config.unpack("H", 6)
    sps = data[config.body + 8:config.body + 8 + size]
    said = sequence(sps)
    check(f"{name}: avcC version 1, lengths of 4 bytes, one SPS and PPS", (version, lengths & 3, sets & 31) == (1, 3, 1) and data[config.body + 8 + size] == 1)
    check(f"{name}: avcC says profile {profile} level {level} as the SPS", said[:2] == (profile, level), str(said))
    check(f"{name}: {wide}x{high} in stsd, tkhd and SPS", (wide, high) == track.size == said[2], f"{track.size} {said[2]}")
    colours = parts.get(b"colr")
    kind, *numbers = colours.unpack("4sHHHB") if colours else (None,)
    check(f"{name}: colr nclx as in the SPS {said[3]}", kind == b"nclx" and said[3] == (*numbers[:3], numbers[3] >> 7), f"{kind} {numbers}")
    keys = [n for (n,) in track.table.one(b"stss").rows("I")]
    instant, broken = [], 0
    for i, (at, size) in enumerate(track.places(), 1):
        end, kinds = at + size, []
        while at < end:
            length, = struct.unpack_from(">I", data, at)
            kinds.append(data[at + 4] & 31)
            at += 4 + length
        broken += at != end
        if 5 in kinds:
            instant.append(i)
    check(f"{name}: units fill every sample", not broken, f"{broken} do not")
    check(f"{name}: stss names the {len(instant)} instant pictures, the first among them", keys == instant and keys[:1] == [1], f"{keys[:5]} {instant[:5]}")
    apart, at = [], 0
    starts = [sum(track.durations[:n - 1]) / track.scale for n in keys] + [track.media / track.scale]
    apart = max(b - a for a, b in zip(starts, starts[1:]))
    print(f"     at most {apart:.1f} s between instant pictures; longest picture {max(track.durations) / track.scale:.2f} s")


def main():
    data = Path(sys.argv[1]).read_bytes()
    top = boxes(data, 0, len(data))
    kinds = [box.kind.decode() for box in top]
    check(f"boxes fill the file: {' '.join(kinds)}", top[-1].end == len(data))
    check("ftyp first, moov before mdat", kinds[0] == "ftyp" and kinds.index("moov") < kinds.index("mdat"))
    major, _, *brands = struct.unpack_from(f">4sI{'4s' * ((top[0].end - top[0].body - 8) // 4)}", data, top[0].body)
    check(f"brands {major.decode()} of {b' '.join(brands).decode()}", major in brands and b"avc1" in brands)
    moov = next(box for box in top if box.kind == b"moov")
    mdat = [box for box in top if box.kind == b"mdat"]
    payload = (mdat[0].body, mdat[-1].end)
    long = moov.one(b"mvhd").unpack("B")[0]
    timescale, = moov.one(b"mvhd").unpack("I", 20 if long else 12)
    length, = moov.one(b"mvhd").unpack("Q" if long else "I", 24 if long else 16)
    tracks = [Track(box) for box in moov.all(b"trak")]
    ids = [track.id for track in tracks]
    check(f"tracks {[track.name() for track in tracks]} by different numbers", len(set(ids)) == len(ids) and min(ids) > 0)
    check(f"mvhd is as long as the longest track: {length / timescale:.3f} s", length == max(track.length for track in tracks))
    for track in tracks:
        whole(track, timescale, payload)
    spans = sorted(place for track in tracks for place in track.places() if place[1])
    check("no two samples share bytes", all(a + size <= b for (a, size), (b, _) in zip(spans, spans[1:])))
    used, room = sum(size for _, size in spans), sum(box.end - box.body for box in mdat)
    check(f"samples fill mdat: {used} of {room} bytes", used == room)
    pictures(next(track for track in tracks if track.handler == "vide"), data)
    sound = next((track for track in tracks if track.handler == "soun"), None)
    if sound:
        config = next((box for box in boxes(data, sound.entry.body + 28, sound.entry.end) if box.kind == b"esds"), None)
        check("sound: mp4a with esds, object type 0x40", sound.entry.kind == b"mp4a" and config is not None and b"\x04\x80\x80\x80" in data[config.body:config.end] and b"\x40\x15" in data[config.body:config.end])
        check(f"sound: frames of 1024 at {sound.scale} Hz", set(sound.durations[:-1]) == {1024})
    captions = [track for track in tracks if track.handler == "sbtl"]
    check("captions: tx3g, offered and not shown", all(track.entry.kind == b"tx3g" and not track.flags & 1 for track in captions) and len(captions) == 1)
    check("pictures and sound are enabled", all(track.flags & 1 for track in tracks if track.handler in ("vide", "soun")))
    named = [struct.unpack(f">{(box.end - box.body) // 4}I", data[box.body:box.end]) for track in tracks for box in track.box.all(b"tref", b"chap")]
    chapters = [track for track in tracks if track.handler == "text"]
    check("chapters: a text track that tref names", len(chapters) == 1 and all(track.id in {n for row in named for n in row} for track in chapters))
    if chapters:
        titles = [data[at + 2:at + 2 + struct.unpack_from(">H", data, at)[0]].decode() for at, _ in chapters[0].places()]
        listed = moov.one(b"udta", b"chpl")
        check(f"chapters: {titles} in chpl too", listed is not None and all(title.encode() in data[listed.body:listed.end] for title in titles))
    meta = moov.one(b"udta", b"meta", b"ilst")
    check("title and cover in udta", meta is not None and {b"\xa9nam", b"covr"} <= {box.kind for box in meta.inside})
    print(f"{failed} failed")
    sys.exit(failed > 0)


main()
