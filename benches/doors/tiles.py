#!/usr/bin/env python3
"""How long the tiles of a dashboard take over many rows of one tenant.

    benches/doors/run.sh target/release/audiagram tiles.py [MILLIONS]

Rows over thirty days are sent, ten million without a word, and are sealed as they are in service. Then tiles of six kinds are asked for,
one after the other, over 24 hours, seven and thirty days.
"""
import http.client
import json
import sys
import time

from ingest import ROWS
from reports import CHARTS, SINCE, spread
from run import House


def fill(house, batches):
    connection = http.client.HTTPSConnection("localhost", house.port, context=house.tls)
    headers = house.headers | {"content-type": "application/vnd.apache.arrow.stream"}
    for batch in range(batches):
        body = spread(batch)
        while True:
            connection.request("POST", "/v1/usage/events", body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            if answer.status == 200 and said["accepted"] == ROWS:
                break
            # So many wait to be sealed that no more are taken.
            assert said.get("code") == "exhausted", said
            time.sleep(0.5)


def main():
    program, millions = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    house = House(program, ["dashboard:read", "dashboard:manage"])
    try:
        begun = time.perf_counter()
        fill(house, millions * 1_000_000 // ROWS)
        print(f"{millions} million rows sent in {time.perf_counter() - begun:.0f} s", flush=True)
        tile = lambda at, kind, sql: {"id": f"t{at}", "x": 0, "y": at, "w": 6, "h": 1, "chart": {
            "type": kind, "title": f"Chart {at}", "query": {"sql": sql.format(SINCE)}}}
        tiles = [tile(at, kind, sql) for at, (kind, sql) in enumerate(CHARTS)]
        board = house.ask("POST", "/v1/dashboards", {"title": "Tiles", "range": "30d", "tiles": tiles})["id"]
        every = []
        for span in ("24h", "7d", "30d"):
            times = []
            for _ in range(8):
                for at in range(len(CHARTS)):
                    begun = time.perf_counter()
                    house.ask("GET", f"/v1/dashboards/{board}/tiles/t{at}?range={span}")
                    times.append((time.perf_counter() - begun) * 1000)
            times.sort()
            every += times
            print(f"{span}: median {times[len(times) // 2]:.0f} ms, p95 {times[len(times) * 95 // 100]:.0f} ms", flush=True)
        every.sort()
        p95 = every[len(every) * 95 // 100]
        print(f"all: p95 {p95:.0f} ms of {len(every)} (bar: 300 ms) {'ok' if p95 <= 300 else 'MISSED'}")
    finally:
        house.close()


if __name__ == "__main__":
    main()
