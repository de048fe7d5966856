#!/usr/bin/env python3
"""How long reports take: one of twelve charts as PDF, one of 100,000 rows as XLSX; and how many a day that makes.

    benches/doors/run.sh target/release/audiagram reports.py [RUNS]

A million rows of usage over ninety days lie in the tenant's files. A report is run and taken as a file by one caller after the other,
as its owner would. Memory is the most that the appliance held, beside what it held before.
"""
import statistics
import sys
import time
from datetime import timedelta

import pyarrow as pa

from ingest import ROWS, columns, moment, over_https
from run import House

DAYS = 30
SINCE = "at >= $from AND at < $to"
CHARTS = [
    ("line", "SELECT date_trunc($bucket, at) AS day, sum(quantity) AS n FROM usage WHERE {} GROUP BY 1 ORDER BY 1"),
    ("stacked_bar", "SELECT date_trunc($bucket, at) AS day, meter, sum(quantity) AS n FROM usage WHERE {} GROUP BY 1, 2 ORDER BY 1"),
    ("bar", "SELECT meter, count(*) AS n FROM usage WHERE {} GROUP BY 1 ORDER BY 2 DESC"),
    ("donut", "SELECT meter, sum(quantity) AS n FROM usage WHERE {} GROUP BY 1"),
    ("heat_map", "SELECT CAST(extract(hour FROM at) AS VARCHAR) AS hour, CAST(extract(dow FROM at) AS VARCHAR) AS day, count(*) AS n FROM usage WHERE {} GROUP BY 1, 2"),
    ("value", "SELECT sum(quantity) AS n FROM usage WHERE {}"),
]


def spread(batch):
    """Rows over the days of the report, as Arrow."""
    cells, now = columns(batch, "r"), moment()
    cells["time"] = pa.array([now - timedelta(minutes=number * 13 % (DAYS * 1440)) for number in range(ROWS)], pa.timestamp("ms", "UTC"))
    out = pa.BufferOutputStream()
    table = pa.table(cells)
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue().to_pybytes()


def held(house, what):
    for line in open(f"/proc/{house.child.pid}/status"):
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    return 0.0


def timed(house, report, form, runs):
    found, length = [], 0
    for _ in range(runs):
        begun = time.perf_counter()
        run = house.ask("POST", f"/v1/reports/{report}/runs")
        length = len(house.ask("GET", f"/v1/report-runs/{run['id']}/file?form={form}"))
        found.append(time.perf_counter() - begun)
    return sorted(found), length


def told(what, times, length, bar):
    p95 = times[max(0, -(-len(times) * 95 // 100) - 1)]
    state = "ok" if p95 <= bar else "MISSED"
    print(f"{what}: median {statistics.median(times):.2f} s, p95 {p95:.2f} s of {len(times)}, {length / 1e6:.1f} MB (bar: {bar} s) {state}", flush=True)


def main():
    program, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    house = House(program, ["report:read", "report:create", "report:export", "dashboard:manage"])
    try:
        over_https(house, "a million rows", spread, "application/vnd.apache.arrow.stream", 100)
        until = moment().date() + timedelta(days=1)
        period = f"{until - timedelta(days=DAYS)}/{until}"
        head = {"period": period, "zone": "Europe/Berlin", "language": "en"}
        section = lambda number, kind, sql: {"id": f"s{number}", "chart": {"type": kind, "title": f"Chart {number}", "query": {"sql": sql}}}
        charts = [section(number, kind, sql.format(SINCE)) for number, (kind, sql) in enumerate(CHARTS * 2)]
        standard = house.ask("POST", "/v1/reports", head | {"title": "Standard", "sections": charts})["id"]
        for kind, sql in CHARTS:
            draft = {"chart": section(0, kind, sql.format(SINCE))["chart"], "range": "30d"}
            assert house.ask("POST", "/v1/charts", draft)["table"]["rows"], kind
        times, length = timed(house, standard, "pdf", runs)
        told("12 charts as PDF", times, length, 2)
        print(f"that is {86_400 / statistics.mean(times):,.0f} reports a day, one after the other (bar: 5,000)", flush=True)
        rows = "SELECT event_id, meter, quantity, at FROM usage WHERE at >= $from AND at < $to ORDER BY event_id LIMIT 100000"
        long = house.ask("POST", "/v1/reports", head | {"title": "Long", "sections": [section(0, "table", rows)]})["id"]
        before = held(house, "VmRSS")
        with open(f"/proc/{house.child.pid}/clear_refs", "w") as peak:
            peak.write("5")
        times, length = timed(house, long, "xlsx", max(3, runs // 4))
        told("100,000 rows as XLSX", times, length, 5)
        more = held(house, "VmHWM") - before
        print(f"memory: {before:.0f} MiB before, {more:.0f} MiB more at most (bar: 256 MiB) {'ok' if more <= 256 else 'MISSED'}")
    finally:
        house.close()


if __name__ == "__main__":
    main()
