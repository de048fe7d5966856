#!/usr/bin/env python3
"""Ingestion over HTTPS, killed without a warning again and again: what was accepted is there, and nothing is there twice.

    benches/doors/run.sh PROGRAM kills.py [ROUNDS]

In each round the appliance is started, takes batches from three senders (CloudEvents and Arrow) as fast as it can, and is killed by
SIGKILL at a random moment: one time in eight while it starts, else up to 0.6 s into the load (or twice as long as it takes to start,
where that is more), so that it hits the commit of events, the sealing into Parquet and the merging of files. After the next start
 - every batch that was answered is there in SQL, row for row and unit for unit,
 - every batch without an answer is sent again, and is then there once,
 - some that were answered are sent again too, and are duplicates to the last row,
 - one more is sent, and SQL is asked for it at once, as for some while the load goes on.
Every 100 rounds all that was ever sent is sent once more and counted, and a fresh folder is begun. Times mean something with a release
on a machine that does nothing else.
"""
import http.client
import json
import random
import re
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone

import pyarrow as pa

from run import House

SMALL, LARGE = 500, 4_000
SENDERS = 3
RENEW = 100
KINDS = {True: "application/vnd.apache.arrow.stream", False: "application/cloudevents-batch+json"}


class Batch:
    """Events that are the same whenever they are made."""

    def __init__(self, number):
        self.number, self.source = number, f"batch-{number}"
        self.columns = number % 2 == 0
        self.rows = LARGE if self.columns else SMALL
        self.moment = datetime.now(timezone.utc)
        self.ids = [f"{number}-{row}" for row in range(self.rows)]
        self.quantities = [(number * 31 + row * 7919) % 1000 for row in range(self.rows)]
        self.total = sum(self.quantities)

    def body(self):
        if not self.columns:
            head = {"specversion": "1.0", "source": self.source, "type": "orders", "time": self.moment.isoformat()}
            return json.dumps([head | {"id": one, "data": {"quantity": n}} for one, n in zip(self.ids, self.quantities)]).encode()
        same = {"source": self.source, "type": "orders", "time": pa.scalar(self.moment, pa.timestamp("ms", "UTC"))}
        table = pa.table({"id": self.ids, "quantity": self.quantities} | {name: pa.repeat(value, self.rows) for name, value in same.items()})
        out = pa.BufferOutputStream()
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
        return out.getvalue().to_pybytes()


def send(connection, house, batch):
    """What the appliance says of a batch; an error where it says nothing."""
    connection.request("POST", "/v1/usage/events", batch.body(), house.headers | {"content-type": KINDS[batch.columns]})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {said}")
    return said["accepted"], said["duplicate"], said["rejected"]


def connect(house):
    return http.client.HTTPSConnection("localhost", house.port, context=house.tls, timeout=60)


class Trial:
    def __init__(self, program, chance):
        self.house = House(program, more_settings="[log]\nfilter = 'warn,audiagram::serve::usage=info'\n")
        self.chance = chance
        self.sent, self.answered, self.open = [], [], []
        self.lock, self.next = threading.Lock(), 0
        self.lags, self.starts, self.faults = [], [], []

    def take(self):
        with self.lock:
            batch = Batch(self.next)
            self.next += 1
            self.sent.append(batch)
            return batch

    def there(self, batches):
        """Of each batch, how many rows are in SQL and what they come to."""
        names = ", ".join(f"'{batch.source}'" for batch in batches)
        rows = self.house.sql(f"SELECT source, count(*), sum(quantity) FROM usage WHERE source IN ({names}) GROUP BY source")
        return {source: (count, total) for source, count, total in rows}

    def sender(self, number, fresh):
        chance = random.Random(self.next * SENDERS + number)
        connection = connect(self.house)
        while True:
            batch = self.take()
            try:
                said = send(connection, self.house, batch)
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.open.append(batch)
                return
            with self.lock:
                fresh.append(batch)
                if said != (batch.rows, 0, 0):
                    self.faults.append(f"{batch.source}: {said}")
            if chance.random() < 0.4:
                begun = time.perf_counter()
                try:
                    seen = self.there([batch]).get(batch.source)
                except (OSError, RuntimeError, http.client.HTTPException):
                    return
                lag = time.perf_counter() - begun
                with self.lock:
                    self.lags.append(lag)
                    if seen != (batch.rows, batch.total):
                        self.faults.append(f"{batch.source}: accepted, and SQL finds {seen} at once")

    def kill(self):
        self.house.child.kill()
        self.house.child.wait()

    def start(self):
        begun = time.perf_counter()
        self.house.start()
        self.starts.append(time.perf_counter() - begun)

    def round(self):
        if self.chance.random() < 1 / 8:
            # While it stands up after the kill before.
            self.kill()
            child = subprocess.Popen(self.house.command, cwd=self.house.folder, stderr=subprocess.DEVNULL)
            time.sleep(self.chance.uniform(0, 0.12))
            child.kill()
            child.wait()
            self.start()
            self.look(self.answered[-5:])
            return
        fresh = []
        senders = [threading.Thread(target=self.sender, args=(number, fresh)) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        time.sleep(self.chance.uniform(0.02, max([0.6, *(2 * start for start in self.starts[-1:])])))
        self.kill()
        for sender in senders:
            sender.join()
        self.start()
        self.look(fresh)

    def look(self, fresh):
        """After a kill: what was answered is there; what was not is sent again."""
        connection, waiting = connect(self.house), self.open
        again = self.chance.sample(self.answered, min(1, len(self.answered)))
        if fresh:
            found = self.there(fresh)
            self.faults += [f"{batch.source}: accepted, and after a kill there is {found.get(batch.source)} of {(batch.rows, batch.total)}"
                            for batch in fresh if found.get(batch.source) != (batch.rows, batch.total)]
        for batch in waiting + again:
            accepted, duplicate, rejected = send(connection, self.house, batch)
            # A batch is one commit: all of it is there already, or none.
            if rejected or accepted not in (0, batch.rows) or accepted + duplicate != batch.rows or (batch in again and accepted):
                self.faults.append(f"{batch.source}, sent again: {accepted} accepted, {duplicate} duplicate, {rejected} rejected")
        if waiting:
            found = self.there(waiting)
            self.faults += [f"{batch.source}: sent again, and there is {found.get(batch.source)} of {(batch.rows, batch.total)}"
                            for batch in waiting if found.get(batch.source) != (batch.rows, batch.total)]
        self.time_one(connection)
        self.answered += [batch for batch in fresh if batch not in self.answered[-5:]] + waiting
        self.open = []

    def time_one(self, connection):
        """From the answer until SQL knows."""
        batch = self.take()
        said, begun = send(connection, self.house, batch), time.perf_counter()
        seen = self.there([batch]).get(batch.source)
        self.lags.append(time.perf_counter() - begun)
        if (said, seen) != ((batch.rows, 0, 0), (batch.rows, batch.total)):
            self.faults.append(f"{batch.source}: {said}, and SQL finds {seen}")
        self.answered.append(batch)

    def count(self):
        """Sends everything once more and counts: each event once."""
        connection = connect(self.house)
        for batch in self.sent:
            said = send(connection, self.house, batch)
            if said != (0, batch.rows, 0):
                self.faults.append(f"{batch.source}, sent again at the end: {said}")
        expected = [sum(batch.rows for batch in self.sent)] * 2 + [sum(batch.total for batch in self.sent)]
        # In ten parts: telling that many ids apart at once takes more memory than a tenant has.
        count = "SELECT count(*), count(DISTINCT event_id), sum(quantity) FROM usage WHERE source LIKE 'batch-%{}'"
        found = [sum(part) for part in zip(*(self.house.sql(count.format(digit))[0] for digit in range(10)))]
        if found != expected:
            self.faults.append(f"in the end {found} instead of {expected}")
        return expected[0]

    def sealed(self):
        """How often rows were sealed into files, and how many of these were merged, as the appliance told."""
        rounds = [line for line in (self.house.folder / "log").read_text().splitlines() if "usage was sealed" in line]
        return len(rounds), sum(int(found[1]) for line in rounds if (found := re.search(r"merged_files\S*=\S*?(\d+)", line)))


def at(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    chance, begun = random.Random(20261123), time.perf_counter()
    lags, starts, faults, kills, events, batches, sealings, merged = [], [], [], 0, 0, 0, 0, 0
    while kills < rounds and not faults:
        trial = Trial(program, chance)
        try:
            for _ in range(min(RENEW, rounds - kills)):
                trial.round()
                kills += 1
                if trial.faults:
                    break
            events += trial.count()
            found = trial.sealed()
            sealings, merged = sealings + found[0], merged + found[1]
        finally:
            trial.house.close()
        batches += len(trial.sent)
        lags, starts, faults = lags + trial.lags, starts + trial.starts, faults + trial.faults
        print(f"{kills} kills in {time.perf_counter() - begun:.0f} s, {events:,} events in {batches:,} batches, {sealings} sealings, {merged} files merged, {len(faults)} wrong", flush=True)
    for fault in faults[:20]:
        print("FAILED " + fault)
    print(f"ready again: median {at(starts, 0.5):.2f} s, slowest {max(starts):.2f} s")
    print(f"in SQL after its answer: p99 {at(lags, 0.99):.2f} s, slowest {max(lags, default=0):.2f} s of {len(lags)} (bar: 2 s)")
    late = at(lags, 0.99) > 2
    print(f"failed: {len(faults) + late}")
    sys.exit(min(len(faults) + late, 1))


if __name__ == "__main__":
    main()
