#!/usr/bin/env python3
"""How long the tiles of a dashboard take over many rows of one tenant.

    benches/doors/run.sh target/release/audiagram tiles.py [MILLIONS]

Rows of thirty days are sent, ten million without a word, and are sealed and merged as they are in service. Then tiles of six kinds are asked
for, one after the other, over 24 hours, seven and thirty days. Once the rows come in the order of time, as use is told; and once each batch
is scattered over all thirty days, as nothing but an import of old rows would: no row group lies within the range then.
"""
import http.client
import json
import sys
import time
from datetime import timedelta

import pyarrow as pa

from ingest import ROWS, columns, moment
from reports import CHARTS, DAYS, SINCE, spread
from run import House


def in_order(batches):
    """What makes each batch of rows that come in the order of time, as Arrow."""
    begun, step = moment() - timedelta(days=DAYS), timedelta(days=DAYS) / (batches * ROWS)

    def batch(number):
        cells = columns(number, "r")
        cells["time"] = pa.array([begun + step * (number * ROWS + row) for row in range(ROWS)], pa.timestamp("ms", "UTC"))
        out = pa.BufferOutputStream()
        table = pa.table(cells)
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
        return out.getvalue().to_pybytes()

    return batch


def fill(house, batches, rows):
    connection = http.client.HTTPSConnection("localhost", house.port, context=house.tls)
    headers = house.headers | {"content-type": "application/vnd.apache.arrow.stream"}
    for batch in range(batches):
        body = rows(batch)
        while True:
            connection.request("POST", "/v1/usage/events", body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            if answer.status == 200 and said["accepted"] == ROWS:
                break
            # So many wait to be sealed that no more are taken.
            assert said.get("code") == "exhausted", said
            time.sleep(0.5)


def rest(house):
    """Waits until the files are merged: nothing has been worked for three seconds."""
    def worked():
        fields = open(f"/proc/{house.child.pid}/stat").read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    quiet = 0
    while quiet < 3:
        before = worked()
        time.sleep(1)
        quiet = quiet + 1 if worked() - before < 10 else 0


def asked(program, batches, rows):
    """Milliseconds of each tile, by range."""
    house = House(program, ["dashboard:read", "dashboard:manage"])
    try:
        begun = time.perf_counter()
        fill(house, batches, rows)
        print(f"  {batches * ROWS:,} rows sent in {time.perf_counter() - begun:.0f} s", flush=True)
        rest(house)
        tile = lambda at, kind, sql: {"id": f"t{at}", "x": 0, "y": at, "w": 6, "h": 1, "chart": {
            "type": kind, "title": f"Chart {at}", "query": {"sql": sql.format(SINCE)}}}
        tiles = [tile(at, kind, sql) for at, (kind, sql) in enumerate(CHARTS)]
        board = house.ask("POST", "/v1/dashboards", {"title": "Tiles", "range": "30d", "tiles": tiles})["id"]
        times = {}
        for span in ("24h", "7d", "30d"):
            times[span] = []
            for _ in range(8):
                for at in range(len(CHARTS)):
                    begun = time.perf_counter()
                    house.ask("GET", f"/v1/dashboards/{board}/tiles/t{at}?range={span}")
                    times[span].append((time.perf_counter() - begun) * 1000)
        return times
    finally:
        house.close()


def p95(times):
    return sorted(times)[len(times) * 95 // 100]


def main():
    program, millions = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    batches = millions * 1_000_000 // ROWS
    for name, rows, bar in (("in the order of time", in_order(batches), 300), ("scattered", spread, None)):
        print(name)
        times = asked(program, batches, rows)
        for span, some in times.items():
            print(f"  {span}: median {sorted(some)[len(some) // 2]:.0f} ms, p95 {p95(some):.0f} ms", flush=True)
        every = sum(times.values(), [])
        told = f" (bar: {bar} ms) {'ok' if p95(every) <= bar else 'MISSED'}" if bar else ""
        print(f"  all: p95 {p95(every):.0f} ms of {len(every)}{told}", flush=True)


if __name__ == "__main__":
    main()
