#!/usr/bin/env python3
"""Statements that would never end, by HTTP and by the door of PostgreSQL, and what others notice of them.

    benches/doors/run.sh PROGRAM runaway.py [ROUNDS]

A tenant asks what has no end: rows with each other, a sort of what fits nowhere, an expression for every pair, a recursion, numbers
without number. Each must be over within its time and 250 ms with an error that says why, and the memory must come back. Meanwhile
another tenant asks something small: its 95th percentile may be twice what it is without them, both taken in turns in one run. With 0 rounds
that alone is taken. Needs psql.
"""
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

from run import PASSWORD, RIGHTS, House, check, free_port
import run

LIMIT_S = 2
OVER_MS = 250
ROWS = 40_000
SMALL = "SELECT meter, count(*), sum(quantity) FROM usage GROUP BY meter ORDER BY meter"
STATEMENTS = {
    "rows with each other": "SELECT count(*) FROM usage a CROSS JOIN usage b CROSS JOIN usage c WHERE a.quantity + b.quantity + c.quantity = -1",
    "a sort": "SELECT a.event_id, b.event_id FROM usage a CROSS JOIN usage b ORDER BY concat(b.event_id, a.event_id) DESC",
    "an expression": "SELECT count(*) FROM usage a CROSS JOIN usage b WHERE concat(a.event_id, b.event_id, a.event_id) ~ '(.*0){12}x(.*1){12}$'",
    "a recursion": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "a series": "SELECT sum(value % 7) FROM generate_series(1, 1000000000000)",
}
# What an end may be called: out of time, or out of memory.
ENDS = {"query_timed_out": "57014", "query_too_large": "54000", "query_memory": "53200"}


class Neighbours(House):
    """An appliance with a second tenant, and the door of PostgreSQL."""

    def __init__(self, program):
        self.wire, self.others = free_port(), None
        settings = f"[postgres]\nlisten = '127.0.0.1:{self.wire}'\n[query]\ntimeout_s = {LIMIT_S}\ntenant_memory_mib = 128\n"
        super().__init__(program, more_settings=settings)
        self.first = self.headers, self.key, self.user
        self.fill()
        self.headers = {"sec-fetch-site": "same-origin"}
        self.ask("POST", "/v1/invitations/accept", {"tenant": "other", "code": self.others, "name": "Eve", "password": PASSWORD})
        self.ask("POST", "/v1/session", {"tenant": "other", "email": "eve@other.example", "password": PASSWORD})
        expires = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
        key = self.ask("POST", "/v1/me/api-keys", {"name": "doors", "permissions": RIGHTS, "expires": expires})
        self.headers = {"authorization": f"Bearer {key['secret']}"}
        self.fill()
        self.second = self.headers

    def start(self):
        if self.others is None:
            made = subprocess.run(
                [self.command[0], "tenant", "create", "other", "--owner", "eve@other.example", "--json", "--data", self.command[3]],
                check=True, capture_output=True, cwd=self.folder)
            self.others = json.loads(made.stdout)["invitation"]["code"]
        super().start()

    def fill(self):
        now = datetime.now(timezone.utc)
        for batch in range(0, ROWS, 10_000):
            events = [
                {"specversion": "1.0", "id": str(number), "source": "shop", "type": ("orders", "mails", "calls")[number % 3],
                 "time": (now - timedelta(seconds=number)).isoformat(), "data": {"quantity": number % 1000}}
                for number in range(batch, batch + 10_000)
            ]
            said = self.ask("POST", "/v1/usage/events", events, "application/cloudevents-batch+json")
            assert said["accepted"] == 10_000, said

    def resident(self):
        """MiB in memory."""
        status = open(f"/proc/{self.child.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def by_http(house, sql, headers):
    """Milliseconds until the answer is there as a whole, and its code."""
    connection = http.client.HTTPSConnection("localhost", house.port, context=house.tls, timeout=60)
    connection.connect()
    begun = time.perf_counter()
    connection.request("POST", "/v1/query", json.dumps({"sql": sql}), headers | {"content-type": "application/json"})
    said = json.loads(connection.getresponse().read())
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    return took, said.get("code", "answered")


def by_postgresql(house, sql):
    """The same as psql says it."""
    _, key, user = house.first
    place = f"host=localhost port={house.wire} dbname=acme user={user} sslmode=verify-ca sslrootcert={house.certificate}"
    script = f"\\set VERBOSITY sqlstate\n\\timing on\n{sql};\n"
    said = subprocess.run(["psql", "-X", "-q", place], input=script, capture_output=True, text=True, env=os.environ | {"PGPASSWORD": key})
    took = re.search(r"Time: ([\d.]+) ms", said.stdout)
    ended = re.search(r"ERROR:\s+(\w{5})", said.stderr)
    assert took, (said.stdout, said.stderr)
    return float(took[1]), ended[1] if ended else "answered"


def ends(house, rounds):
    ways = {"HTTP": lambda sql: by_http(house, sql, house.first[0]), "PostgreSQL": lambda sql: by_postgresql(house, sql)}
    for ask in ways.values():
        ask(SMALL)
    time.sleep(1)
    before, after = house.resident(), []
    for turn in range(rounds):
        for what, sql in STATEMENTS.items():
            for door, ask in ways.items():
                took, end = ask(sql)
                late = took - LIMIT_S * 1000
                known = end in (ENDS if door == "HTTP" else ENDS.values())
                print(f"{what:22} {door:12} {took:8.0f} ms  {end}", flush=True)
                check(f"{what} by {door} is over in time, and says why", (late <= OVER_MS, known), (True, True))
        time.sleep(2)
        after.append(house.resident())
    print(f"resident memory: {before:.0f} MiB before, {' then '.join(f'{one:.0f}' for one in after)} MiB after each round")
    check("the memory comes back, and does not grow from round to round",
          (after[0] - before < 96, after[-1] - after[0] < 32), (True, True))


def percentile(times, share):
    return statistics.quantiles(times, n=100)[share - 1]


def neighbours(house, blocks=4, questions=25):
    """What the other tenant notices, in turns without and with statements that do not end."""
    alone, beside = [], []
    for _ in range(blocks):
        alone += [by_http(house, SMALL, house.second)[0] for _ in range(questions)]
        over = threading.Event()

        def run_away(sql):
            while not over.is_set():
                by_http(house, sql, house.first[0])

        away = [threading.Thread(target=run_away, args=(sql,)) for sql in STATEMENTS.values()]
        for one in away:
            one.start()
        time.sleep(0.5)
        beside += [by_http(house, SMALL, house.second)[0] for _ in range(questions)]
        over.set()
        for one in away:
            one.join()
        print(f"medians so far: alone {statistics.median(alone):.1f} ms, beside {statistics.median(beside):.1f} ms", flush=True)
    ratio = percentile(beside, 95) / percentile(alone, 95)
    for name, times in (("alone", alone), ("beside five runaways", beside)):
        print(f"{name:22} median {statistics.median(times):6.1f} ms, 95th percentile {percentile(times, 95):6.1f} ms")
    print(f"the 95th percentile is {ratio:.2f} times what it is alone (bar: 2)")
    check("another tenant's questions take at most twice as long", ratio <= 2, True)


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
    house = Neighbours(program)
    try:
        if rounds:
            ends(house, rounds)
        neighbours(house)
    finally:
        house.close()
    print(f"failed: {run.failed}")
    sys.exit(run.failed > 0)


if __name__ == "__main__":
    main()
