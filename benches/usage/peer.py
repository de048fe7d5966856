#!/usr/bin/env python3
"""The same queries over the same files by the engine and by DuckDB (PyPI: duckdb, pyarrow), each with two threads; milliseconds and ratios.
More than the bars is an error.

    usage rows /tmp/rows && python3 peer.py target/release/usage /tmp/rows
"""
import math
import pathlib
import re
import subprocess
import sys
import time

import duckdb

# Of DuckDB's time: in the geometric mean over the suite, and in any of its queries.
MEAN, WORST = 0.85, 1.5


def peer(folder, queries, times):
    db = duckdb.connect()
    db.execute("SET threads = 2; SET TimeZone = 'UTC'")
    db.execute(f"CREATE VIEW usage AS SELECT * FROM read_parquet('{folder}/*.parquet')")
    found = {}
    for name, sql in queries:
        best = math.inf
        for _ in range(times):
            begun = time.perf_counter()
            # `at` is a reserved word there.
            db.execute(re.sub(r"\bat\b", '"at"', sql)).to_arrow_table()
            best = min(best, time.perf_counter() - begun)
        found[name] = best * 1000
    return found


def main():
    program, folder = sys.argv[1:3]
    times = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    lines = (pathlib.Path(__file__).parent / "queries.txt").read_text().splitlines()
    queries = [line.split("\t") for line in lines]
    theirs = peer(folder, queries, times)
    out = subprocess.run([program, "ask", folder, "--times", str(times)], check=True, capture_output=True, text=True)
    ours = {name: float(ms) for name, ms in (line.split("\t") for line in out.stdout.splitlines())}
    ratios = []
    for name, _ in queries:
        ratios.append(ours[name] / theirs[name])
        print(f"{name:22} {ours[name]:10.1f} ms  DuckDB {theirs[name]:10.1f} ms  ratio {ratios[-1]:.2f}")
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"geometric mean {mean:.2f} (bar {MEAN}), worst {max(ratios):.2f} (bar {WORST})")
    sys.exit(mean > MEAN or max(ratios) > WORST)


if __name__ == "__main__":
    main()
