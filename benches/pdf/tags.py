#!/usr/bin/env python3
"""Holds tagged PDFs against what of PDF/UA-1 (ISO 14289-1) a program can tell: tags.py FILE...

Beside `pdfua` of PyPI, which evaluates a part of the rules, this reads pages operator by operator and the tree of tags element by
element. Names of rules are those of the Matterhorn protocol 1.1 where it has one. Needs pikepdf. Ends with 1 when a check fails.
"""
import re
import sys
from collections import Counter

import pikepdf
from pikepdf import Array, Dictionary, Name

PAINTS = set("f F f* B B* b b* S s Do sh EI Tj TJ ' \"".split())
# What an element may hold (ISO 32000-1, tables 333 to 338), where it is told.
HOLDS = {
    "TOC": {"TOC", "TOCI", "Caption"}, "TOCI": {"Lbl", "Reference", "NonStruct", "P", "TOC"},
    "L": {"L", "LI", "Caption"}, "LI": {"Lbl", "LBody"},
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"}, "THead": {"TR"}, "TBody": {"TR"}, "TFoot": {"TR"}, "TR": {"TH", "TD"},
}
WITHIN = {"TOCI": {"TOC"}, "LI": {"L"}, "TR": {"Table", "THead", "TBody", "TFoot"}, "TH": {"TR"}, "TD": {"TR"},
          "THead": {"Table"}, "TBody": {"Table"}, "TFoot": {"Table"}}
STANDARD = set("Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody "
               "Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form".split())
failed = 0


def check(rule, what, wrong):
    global failed
    wrong = list(wrong)
    failed += bool(wrong)
    print(f"{'FAIL' if wrong else 'ok  '} {rule:6} {what}" + (f": {wrong[:3]} ({len(wrong)})" if wrong else ""))


def kids(element):
    held = element.get("/K")
    if held is None:
        return []
    return list(held) if isinstance(held, Array) else [held]


def tree(element, parent, found):
    """All elements with their parents, in reading order."""
    found.append((element, parent))
    for kid in kids(element):
        if isinstance(kid, Dictionary) and "/S" in kid:
            tree(kid, element, found)
    return found


def kind(element):
    return str(element.S)[1:]


def said(text):
    return str(text or "").strip()


def marked(page):
    """Numbers of marked content of a page, paints outside of it, tags within artifacts, nesting that does not end."""
    stack, numbers, loose, mixed = [], [], [], []
    for operands, operator in pikepdf.parse_content_stream(page):
        operator = str(operator)
        if operator in ("BDC", "BMC"):
            facts = operands[1] if len(operands) > 1 and isinstance(operands[1], Dictionary) else {}
            name = str(operands[0])
            if "/MCID" in facts:
                numbers.append((int(facts["/MCID"]), name))
                if "/Artifact" in stack:
                    mixed.append(f"tag {name} within an artifact")
            if name == "/Artifact" and any(other != "/Artifact" for other in stack):
                mixed.append("artifact within a tag")
            stack.append(name)
        elif operator == "EMC":
            stack.pop()
        elif operator in PAINTS and not stack:
            loose.append(operator)
    return numbers, loose, mixed + [f"{name} does not end" for name in stack]


def fonts_of(resources, seen):
    for font in resources.get("/Font", {}).values():
        seen[font.objgen] = font
    for form in resources.get("/XObject", {}).values():
        if "/Resources" in form:
            fonts_of(form.Resources, seen)


def file(path):
    print(path)
    with pikepdf.open(path) as pdf:
        root = pdf.Root
        xmp = root.Metadata.read_bytes().decode()
        check("06-002", "metadata names PDF/UA-1", [] if re.search(r"pdfuaid:part[>=\"]+1", xmp) else ["no"])
        check("06-003", "metadata has a title", [] if re.search(r"<dc:title>.*<rdf:li[^>]*>[^<]+<", xmp, re.S) else ["no"])
        check("07-001", "the title is shown", [] if root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") else ["no"])
        check("11-006", "the language is named", [] if said(root.get("/Lang")) else ["no"])
        check("28-", "marked, nothing suspect", [] if root.MarkInfo.get("/Marked") and not root.MarkInfo.get("/Suspects") else ["no"])
        elements = [found for top in kids(root.StructTreeRoot) for found in tree(top, None, [])]
        check("02-001", "tags are standard ones", {kind(e) for e, _ in elements} - STANDARD)
        check("", "elements name their parents", [kind(e) for e, parent in elements if parent is not None and e.P.objgen != parent.objgen])
        pairs = [(kind(e), kind(parent) if parent is not None else "") for e, parent in elements]
        check("09-", "elements hold what they may", {f"{p} holds {e}" for e, p in pairs if p in HOLDS and e not in HOLDS[p]})
        check("09-", "elements are where they may be", {f"{e} in {p}" for e, p in pairs if e in WITHIN and p not in WITHIN[e]})
        levels = [int(kind(e)[1]) for e, _ in elements if re.fullmatch(r"H[1-6]", kind(e))]
        check("14-003", f"headings begin with H1 and skip none ({''.join(map(str, levels))[:30]})",
              [f"{a} then {b}" for a, b in zip([0, *levels], levels) if b > a + 1])
        check("13-004", "figures say what they show", [kind(e) for e, _ in elements if kind(e) in ("Figure", "Formula") and not said(e.get("/Alt")) and not said(e.get("/ActualText"))])
        boxes = lambda e: [a for a in (e.get("/A") if isinstance(e.get("/A"), Array) else [e.get("/A")]) if a is not None and "/BBox" in a]
        check("", "figures have a box on their page", [kind(e) for e, _ in elements if kind(e) == "Figure" and not boxes(e)])
        scope = lambda e: [a for a in (e.get("/A") if isinstance(e.get("/A"), Array) else [e.get("/A")]) if a is not None and "/Scope" in a]
        check("15-003", "heads of tables say what they head", [kind(e) for e, _ in elements if kind(e) == "TH" and not scope(e)])
        tables = [e for e, _ in elements if kind(e) == "Table"]
        rows = lambda table: [row for part in kids(table) for row in (kids(part) if kind(part) != "TR" else [part])]
        check("15-", "rows of a table are as long as one another", [sorted({len(kids(row)) for row in rows(t)}) for t in tables if len({len(kids(row)) for row in rows(t)}) > 1])

        # Pages against the tree.
        numbers = {int(n): value for n, value in zip(list(root.StructTreeRoot.ParentTree.Nums)[::2], list(root.StructTreeRoot.ParentTree.Nums)[1::2])}
        own = {}
        for element, _ in elements:
            for kid in kids(element):
                if isinstance(kid, Dictionary) and "/S" not in kid:
                    if kid.get("/Type") == Name.MCR:
                        own.setdefault((kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)), []).append(element)
                elif not isinstance(kid, Dictionary):
                    own.setdefault((element.Pg.objgen, int(kid)), []).append(element)
        loose, mixed, lost, wrong, tabs, links = [], [], [], [], [], []
        fonts, used = {}, Counter()
        for at, page in enumerate(pdf.pages, 1):
            found, outside, odd = marked(page)
            loose += [f"page {at}: {operator}" for operator in outside]
            mixed += [f"page {at}: {what}" for what in odd]
            entries = numbers.get(int(page.obj.StructParents), [])
            for number, name in found:
                used[(at, number)] += 1
                holders = own.get((page.obj.objgen, number), [])
                if len(holders) != 1 or str(holders[0].S) != name:
                    lost.append(f"page {at}: {name} {number} in {[kind(e) for e in holders]}")
                elif number >= len(entries) or entries[number].objgen != holders[0].objgen:
                    wrong.append(f"page {at}: {number}")
            fonts_of(page.obj.get("/Resources", {}), fonts)
            for note in page.obj.get("/Annots", []):
                if page.obj.get("/Tabs") != Name.S:
                    tabs.append(at)
                holder = numbers.get(int(note.get("/StructParent", -1)))
                nested = holder is not None and kind(holder) == ("Link" if note.Subtype == Name.Link else "Annot") and any(
                    isinstance(kid, Dictionary) and kid.get("/Type") == Name.OBJR and kid.Obj.objgen == note.objgen for kid in kids(holder))
                if not nested or not said(note.get("/Contents")):
                    links.append(f"page {at}: {note.Subtype}")
        check("01-005", "everything painted is tagged or an artifact", loose)
        check("01-003", "tags and artifacts are apart, and end", mixed)
        check("", "each mark of a page belongs to one element of its name", lost)
        check("", "the tree of parents leads back to it", wrong)
        check("", "no number of a mark comes twice on a page", [key for key, n in used.items() if n > 1])
        check("28-008", "pages with links go by the tags", tabs)
        check("28-011", "links are within Link, and say where they lead", links)
        check("10-001", f"{len(fonts)} fonts lead to characters", [str(f.get("/BaseFont", f.Subtype)) for f in fonts.values() if "/ToUnicode" not in f])
        check("31-009", "fonts are in the file", [str(f.BaseFont) for f in fonts.values() if f.Subtype not in (Name.Type3, Name.Type0) and not any(k in f.get("/FontDescriptor", {}) for k in ("/FontFile", "/FontFile2", "/FontFile3"))])
        units = [unit for f in fonts.values() for unit in re.findall(r"^<\w+> <(\w+)>", f.ToUnicode.read_bytes().decode(), re.M)]
        check("10-", "no character is 0, FEFF or FFFE", [unit for unit in units if unit in ("0000", "FEFF", "FFFE")])
        entries = root.get("/Outlines")
        check("", "there are bookmarks, with names", [] if entries is not None and "/First" in entries and said(entries.First.get("/Title")) else ["none"])
        check("", "no scripts, no files within", [key for key in ("/OpenAction", "/AA", "/AcroForm") if key in root])


for path in sys.argv[1:]:
    file(path)
print(f"{failed} failed")
sys.exit(failed > 0)
