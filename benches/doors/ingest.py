#!/usr/bin/env python3
"""How fast usage is counted over HTTPS: batches of 10,000 events as Arrow and as CloudEvents, by two senders, beside PostgreSQL.

    benches/doors/run.sh target/release/audiagram ingest.py [BATCHES]

Bodies are made before the clock starts. Where
PostgreSQL's programs are installed (Debian: postgresql), it takes the same rows, each once by its id, in the same run. Less than the bars,
or less than PostgreSQL, is an error.
"""
import http.client
import io
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa

from run import House

ROWS = 10_000
# Rows a second: as Arrow, and as CloudEvents.
ARROW, CLOUD_EVENTS = 300_000, 120_000


def moment():
    return datetime.now(timezone.utc)


def columns(batch, prefix):
    numbers = range(batch * ROWS, (batch + 1) * ROWS)
    return {
        "id": [f"{prefix}{number}" for number in numbers],
        "source": ["shop"] * ROWS,
        "type": [("orders", "mails", "calls")[number % 3] for number in numbers],
        "quantity": [number * 7919 % 1000 for number in numbers],
        "unit": ["1"] * ROWS,
    }


def arrow(batch):
    cells = columns(batch, "a")
    cells["time"] = pa.array([moment()] * ROWS, pa.timestamp("ms", "UTC"))
    table = pa.table(cells)
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def cloud_events(batch):
    cells, at = columns(batch, "j"), moment().isoformat()
    events = [
        {"specversion": "1.0", "id": one, "source": "shop", "type": kind, "time": at, "data": {"quantity": quantity, "unit": "1"}}
        for one, kind, quantity in zip(cells["id"], cells["type"], cells["quantity"])
    ]
    return json.dumps(events).encode()


def send(house, bodies, kind, faults):
    connection = http.client.HTTPSConnection("localhost", house.port, context=house.tls)
    for body in bodies:
        connection.request("POST", "/v1/usage/events", body, house.headers | {"content-type": kind})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200 or said["accepted"] != ROWS:
            faults.append((answer.status, {name: said.get(name) for name in ("accepted", "duplicate", "rejected", "detail")}))


def over_https(house, what, make, kind, batches):
    bodies = [make(batch) for batch in range(batches)]
    faults = []
    senders = [threading.Thread(target=send, args=(house, bodies[turn::2], kind, faults)) for turn in range(2)]
    begun = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took = time.perf_counter() - begun
    assert not faults, faults[:3]
    print(f"{what:34} {batches * ROWS / took:10,.0f} rows a second, {sum(map(len, bodies)) / took / 1e6:.0f} MB a second", flush=True)
    return batches * ROWS / took


def reference(batches):
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        print("PostgreSQL is not installed: nothing to compare with")
        return None
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))
    shutil.chown(folder, "postgres", "postgres")
    at = ["runuser", "-u", "postgres", "--"]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    data = folder / "data"
    subprocess.run([*at, programs[-1] / "initdb", "-D", data], **quiet)
    options = f"-k {folder} -c listen_addresses= -c max_wal_size=4GB"
    subprocess.run([*at, programs[-1] / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], **quiet)
    try:
        psql = [*at, "psql", "-q", "-h", folder, "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
        form = "(id text, source text, type text, quantity bigint, unit text, at timestamptz)"
        subprocess.run([*psql, "-c", f"CREATE TABLE usage {form}; ALTER TABLE usage ADD PRIMARY KEY (source, id)"], **quiet)
        scripts = []
        for turn in range(2):
            lines = [f"CREATE TEMP TABLE batch {form};"]
            for batch in range(turn, batches, 2):
                cells, now = columns(batch, "a"), moment().isoformat()
                lines.append("TRUNCATE batch; COPY batch FROM stdin;")
                lines += [f"{a}\t{b}\t{c}\t{d}\t{e}\t{now}" for a, b, c, d, e in zip(*cells.values())]
                lines += ["\\.", "INSERT INTO usage SELECT * FROM batch ON CONFLICT DO NOTHING;"]
            scripts.append("\n".join(lines).encode())
        begun = time.perf_counter()
        senders = [subprocess.Popen(psql, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in scripts]
        threads = [threading.Thread(target=sender.communicate, args=(script,)) for sender, script in zip(senders, scripts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - begun
        assert not any(sender.wait() for sender in senders)
    finally:
        subprocess.run([*at, programs[-1] / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)
    print(f"{'PostgreSQL, COPY and ON CONFLICT':34} {batches * ROWS / took:10,.0f} rows a second", flush=True)
    return batches * ROWS / took


def main():
    program, batches = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60
    house = House(program)
    try:
        ours = over_https(house, "Arrow over HTTPS", arrow, "application/vnd.apache.arrow.stream", batches)
        events = over_https(house, "CloudEvents over HTTPS", cloud_events, "application/cloudevents-batch+json", batches)
        rows = house.sql("SELECT count(*), count(DISTINCT event_id) FROM usage WHERE source = 'shop'")
        assert rows == [[2 * batches * ROWS] * 2], rows
        theirs = reference(batches)
        if theirs:
            print(f"Arrow over HTTPS is {ours / theirs:.1f} times PostgreSQL")
    finally:
        house.close()
    short = [name for name, found, bar in (("Arrow", ours, ARROW), ("CloudEvents", events, CLOUD_EVENTS)) if found < bar]
    short += ["beside PostgreSQL"] if theirs and ours < theirs else []
    print(f"bars: {ARROW:,} as Arrow, {CLOUD_EVENTS:,} as CloudEvents; short of them: {', '.join(short) or 'none'}")
    sys.exit(bool(short))


if __name__ == "__main__":
    main()
