import sys, collections, statistics

sys.path.insert(0, "tests")
from corpus import FILES
from pathlib import Path
from envls import document, check
from envls.facts import *


class W:
    def __init__(s):
        s.docs = {}

    def look(s, q):
        if isinstance(q, FileAt):
            p = Path(q.path)
            if not p.is_file():
                return Absent()
            if p not in s.docs:
                s.docs[p] = document.read(p, p.read_bytes().decode("utf-8", "replace"))
            return Known(s.docs[p])
        if isinstance(q, ProjectFiles):
            p = Path(q.near).parent
            while p.name in ("aml_config", ".azureml"):
                p = p.parent
            return Known(tuple(sorted(x for x in p.rglob("*") if x.is_file() and document.known_name(x)))[:300])
        return Unavailable("x")


w = W()
c = collections.Counter()
ex = collections.defaultdict(list)
noise = []
for p in FILES:
    d = document.read(
        p, p.read_bytes().decode("utf-8-sig" if p.read_bytes()[:2] != b"\xff\xfe" else "utf-16", "replace")
    )
    if d.content is None:
        continue
    f = check.check(d, Facts(w.look))
    noise.append(sum(x.severity.value != "error" for x in f))
    for x in f:
        c[(x.rule.code, x.severity.value)] += 1
        ln = d.lines.place(x.finding.span.start)[0]
        ex[(x.rule.code, x.severity.value)].append(
            f"{p.parent.name}/{p.name}:{ln + 1}: {x.finding.message} | {d.text[slice(*d.lines.span(ln))].strip()[:90]}"
        )
for k, n in c.most_common():
    print(k, n)
    for e in ex[k][: int(sys.argv[1]) if k[1] != "error" else 40]:
        print("    ", e)
print("median noise", statistics.median(noise), "files", len(noise))
