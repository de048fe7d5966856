#!/usr/bin/env python3
"""The costs in the form of FOCUS, judged by the two validators there are, and added up by hand.

    benches/doors/run.sh PROGRAM focus.py

A tenant with priced and unpriced meters, corrections and late events of the month before has its costs exported as Parquet and as CSV.
FOCUS 1.2 is judged by the FinOps Foundation's focus-validator, which wants Python 3.12 (`AUDIAGRAM_PYTHON_312` where it is not on the
path) and has an environment of its own; 1.4, which it does not know yet, by focus-data-toolkit. The sums are those of the rate card,
worked out with decimals from the rows of usage.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import run
from exports import audiagram
from run import House, check

# What of FOCUS' conditions holds for the appliance: it prices units by the tenant's rate card, and knows resources, projects and tenants.
CRITERIA = (
    "ACCOUNT_NAMING BILLING_BASED_ON_PROVISIONED_RESOURCES MULTIPLE_BILLING_ACCOUNT_TYPES MULTIPLE_PRICING_CATEGORIES"
    " MULTIPLE_SUB_ACCOUNT_TYPES NEGOTIATED_PRICING PUBLIC_PRICE_LIST RESOURCE_TYPE_ASSIGNMENT SUB_ACCOUNT TAGGING UNIT_PRICING"
    " USAGE_MEASUREMENT").split()
# Two rules without a condition say that InvoiceId must be null and must not be; the rule above them asks for one of the two. There are no
# invoices, so it is null.
EITHER_OR = ["InvoiceId-C-005-C"]
RATES = {"mails": (10_000, 3), "calls": (250_000, 60), "traffic": (70_000, 1 << 30), "audiagram.seats": (1_000_000, 1)}


def events(now):
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begun = min(now - timedelta(days=33), month - timedelta(days=6))
    begun = max(begun, now - timedelta(days=34))
    units = {"mails": "{mail}", "calls": "s", "traffic": "By", "sms": "1"}
    step = (now - begun) / 4_000
    made = []
    for n in range(4_000):
        meter = list(units)[n % 4]
        quantity = n * 7919 % 5_000_000_000 if meter == "traffic" else n * 7919 % 97
        data = {"quantity": quantity, "unit": units[meter]}
        made.append({"specversion": "1.0", "id": f"e{n}", "source": "crm", "type": meter, "subject": f"thing-{n % 7}",
                     "time": (begun + n * step).isoformat(), "data": data})
    for n in range(0, 4_000, 37):
        taken = made[n]["data"] | {"quantity": -1 - n % 5, "corrects": f"e{n}"}
        made.append(made[n] | {"id": f"c{n}", "data": taken})
    return made


def by_hand(house):
    """What each meter costs in millionths: a line an hour, meter, resource and kind, each rounded once, away from zero."""
    lines = defaultdict(int)
    rows = house.ask("POST", "/v1/query", {"sql": "SELECT meter, unit, at, quantity, resource, corrects, received_at FROM usage", "format": "arrow"})
    for row in pa.ipc.open_stream(rows).read_all().to_pylist():
        hour = row["at"].replace(minute=0, second=0, microsecond=0)
        following = (row["at"].replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
        closed = row["received_at"] >= following + timedelta(days=3)
        kind = (closed and (row["received_at"].year, row["received_at"].month), row["corrects"] is not None or row["quantity"] < 0)
        lines[row["meter"], row["unit"], hour, row["resource"], kind] += row["quantity"]
    costs = defaultdict(int)
    for (meter, *_), quantity in lines.items():
        price, block = RATES.get(meter, (0, 1))
        costs[meter] += int((Decimal(quantity * price) / block).quantize(Decimal(1), ROUND_HALF_UP))
    return dict(costs)


def exported(house, lake, table):
    place = audiagram(house, "connector", "add-folder", f"FOCUS {table}", table)["id"]
    done = audiagram(house, "table", "export", table, "--to", place, "--by", "month")
    check(f"{table}: the export", (done.get("state"), done.get("failed")), ("done", None))
    files = sorted((next(lake.iterdir()) / table / done["folder"]).rglob("*.parquet"))
    whole = pa.concat_tables([pq.read_table(file, partitioning=None) for file in files])
    path = house.folder / f"{table}.parquet"
    pq.write_table(whole, path)
    return path


def official():
    """The FinOps Foundation's validator, in an environment of its own."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "audiagram/focus-validator"
    if not (home / "bin/focus-validator").exists():
        known = [os.environ.get("AUDIAGRAM_PYTHON_312"), *sorted((Path.home() / ".pyenv/versions").glob("3.1[2-9]*/bin/python")),
                 shutil.which("python3.13"), shutil.which("python3.12")]
        python = next((str(one) for one in known if one and subprocess.run([one, "-c", ""], capture_output=True).returncode == 0), None)
        if python is None:
            sys.exit("focus-validator needs Python 3.12 or later: name it in AUDIAGRAM_PYTHON_312")
        subprocess.run([python, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", "focus-validator==2.2.1", "pyarrow<22"], check=True)
    return home


def judged(path, criteria):
    """What the official validator finds: how many rules pass, and which do not. It ends well in any case, so its words are read."""
    home = official()
    site = next(home.glob("lib/python3*/site-packages"))
    more = ["--applicability-criteria", ",".join(f"{name}_SUPPORTED" for name in criteria)] if criteria else []
    # It looks for its list of currencies below the folder that it is started in.
    done = subprocess.run(
        [home / "bin/focus-validator", "--data-file", path, "--validate-version", "1.2.0.1", "--block-download", "--focus-dataset",
         "CostAndUsage", *more], cwd=site, capture_output=True, text=True)
    total = re.search(r"Total: (\d+) \| Pass: (\d+) \| Fail: (\d+) \| Skipped: (\d+)", done.stdout)
    if total is None:
        return done.stdout[-2000:] + done.stderr[-2000:], []
    print(f"       {total[0]}")
    return int(total[2]), re.findall(r"^❌ (\S+):", done.stdout, re.M)


def toolkit(path):
    supports = ["--supports", "SupportsUnitPricing", "--supports", "SupportsMultiplePricingCategories"]
    command = [Path(sys.executable).parent / "focus-toolkit", "validate", "--dataset", "cost-and-usage", *supports, path]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout.strip().splitlines()[:10] if done.returncode else []


def main():
    folder = Path(run.tempfile.mkdtemp(prefix="focus-"))
    lake = folder / "lake"
    lake.mkdir()
    house = House(sys.argv[1], more_settings=f"[exports]\nfolder = '{lake}'\n")
    try:
        rates = [{"meter": meter, "price_micros": price, "block": block} for meter, (price, block) in RATES.items()]
        house.ask("POST", "/v1/rate-cards", {"from": "2020-01-01T00:00:00Z", "currency": "EUR", "rates": rates})
        sent = events(datetime.now(timezone.utc))
        said = house.ask("POST", "/v1/usage/events", sent)
        check("events", said["accepted"], len(sent))

        # The appliance counts people by itself soon after it starts.
        for _ in range(120):
            if house.sql("SELECT count(*) FROM usage WHERE meter = 'audiagram.seats'")[0][0]:
                break
            time.sleep(0.5)
        latest, earlier = exported(house, lake, "cost_focus"), exported(house, lake, "cost_focus_1_2")
        (house.folder / "cost_focus.csv").write_bytes(
            house.ask("POST", "/v1/query", {"sql": "SELECT * FROM cost_focus", "format": "csv"}))
        check("FOCUS 1.4 as Parquet, focus-data-toolkit", toolkit(latest), (0, []))
        check("FOCUS 1.4 as CSV, focus-data-toolkit", toolkit(house.folder / "cost_focus.csv"), (0, []))
        for what, criteria, least in (("", [], 136), (f", {len(CRITERIA)} conditions declared", CRITERIA, 278)):
            passed, failures = judged(earlier, criteria)
            check(f"FOCUS 1.2 as Parquet, focus-validator{what}", (failures, passed >= least if isinstance(passed, int) else passed),
                  (EITHER_OR, True))

        ledger = {meter: amount for meter, amount in house.sql("SELECT meter, sum(amount_micros) FROM charges GROUP BY meter")}
        check("the ledger is what the rate card says, by hand", ledger, by_hand(house))
        for path in (latest, earlier):
            billed = duckdb.sql(f"""SELECT "SkuMeter", sum("BilledCost") * 1000000, sum("EffectiveCost" - "BilledCost"),
                max(abs("ListCost" - "BilledCost")) FROM read_parquet('{path}') GROUP BY 1""").fetchall()
            check(f"{path.stem}: billed is the ledger, to the millionth", {meter: int(amount) for meter, amount, _, _ in billed}, ledger)
            check(f"{path.stem}: list costs differ by the rounding alone", all(most <= Decimal("0.0000005") for *_, most in billed), True)
        closed = duckdb.sql(f"""SELECT count("ChargeClass"),
            count(*) FILTER (("ChargeClass" IS NOT NULL) <> ("ChargePeriodStart" < "BillingPeriodStart")) FROM read_parquet('{latest}')""").fetchall()[0]
        check("what is of a closed month is a correction in this one", (closed[0] > 0, closed[1]), (True, 0))
    finally:
        house.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"failed: {run.failed}")
    sys.exit(min(run.failed, 1))


if __name__ == "__main__":
    main()
