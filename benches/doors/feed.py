#!/usr/bin/env python3
"""The door of OData, by the schemas that OASIS has for `$metadata` and by a client that makes its classes of it.

    benches/doors/run.sh PROGRAM feed.py

The schemas, edmx.xsd and edm.xsd of OData 4.01, are those of OASIS's own package odata-csdl, which npm fetches. python-odata reflects
the entity sets, reads each, filters, sorts and follows the links from page to page.
"""
import os
import subprocess
import sys
import tarfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import requests
from lxml import etree
from odata import ODataService

import run
from run import House, check

SCHEMAS = "odata-csdl@0.11.2"
ROWS = 5_000


def schemas():
    """The folder with OASIS's schemas."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "audiagram" / SCHEMAS
    if not home.is_dir():
        home.mkdir(parents=True)
        named = subprocess.run(["npm", "pack", "--silent", SCHEMAS], cwd=home, check=True, capture_output=True, text=True).stdout.strip()
        with tarfile.open(home / named) as archive:
            archive.extractall(home, filter="data")
    return home / "package/schemas"


def fill(house):
    house.ask("POST", "/v1/rate-cards", {
        "from": "2020-01-01T00:00:00Z", "currency": "EUR", "rates": [{"meter": "mails", "price_micros": 10_000, "block": 3}]})
    house.ask("POST", "/v1/projects", {"title": "O'Brien \"x\" <y> & z"})
    now = datetime.now(timezone.utc)
    house.ask("POST", "/v1/usage/events", [
        {"specversion": "1.0", "id": f"e{n}", "source": "crm", "type": ("mails", "calls")[n % 2], "time": (now - timedelta(minutes=n)).isoformat(),
         "subject": f"thing-{n % 7}", "data": {"quantity": n, "unit": "1", "dimensions": {"floor": str(n % 3)}}} for n in range(ROWS)])


def main():
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)
    house = House(sys.argv[1], ["project:create"])
    try:
        fill(house)
        session = requests.Session()
        session.verify, session.auth = house.certificate, (house.user, house.key)
        document = session.get(house.url + "/v1/odata/$metadata").content
        judge = etree.XMLSchema(etree.parse(schemas() / "edmx.xsd"))
        judge.validate(etree.fromstring(document))
        check(f"$metadata, {len(document):,} bytes, by OASIS's schemas", [str(error) for error in judge.error_log], [])
        spoiled = etree.fromstring(document.replace(b'Type="Edm.', b'Typ="Edm.', 1))
        check("the schemas find what is wrong", judge.validate(spoiled), False)

        service = ODataService(house.url + "/v1/odata/", session=session, reflect_entities=True, quiet_progress=True)
        sets = [entry["name"] for entry in session.get(house.url + "/v1/odata").json()["value"]]
        check("python-odata, the sets", sorted(service.entities), sorted(sets))
        for name in sets:
            rows = list(service.query(service.entities[name]).limit(3))
            counted = house.sql(f'SELECT count(*) FROM "{name}"')[0][0]
            # Each question leaves a row in the trail, so that it has grown in between.
            check(f"python-odata, {name}", len(rows), min(3, counted))
        usage = service.entities["usage"]
        whole = list(service.query(usage).filter(usage.source == "crm"))
        check("python-odata, all pages", (len(whole), sum(row.quantity for row in whole)), (ROWS, ROWS * (ROWS - 1) // 2))
        found = service.query(usage).filter(usage.meter == "mails").filter(usage.quantity >= 4_990).order_by(usage.quantity.desc()).limit(3)
        check("python-odata, filtered and sorted", [row.quantity for row in found], [4_998, 4_996, 4_994])
        charges = service.entities["cost_focus"]
        billed = sum(Decimal(str(row.BilledCost)) for row in service.query(charges).filter(charges.SkuMeter == "mails"))
        ledger = house.sql("SELECT sum(amount_micros) FROM charges WHERE meter = 'mails'")[0][0]
        check("python-odata, what mails cost", int((billed * 1_000_000).to_integral_value()), ledger)
    finally:
        house.close()
    print(f"failed: {run.failed}")
    sys.exit(min(run.failed, 1))


if __name__ == "__main__":
    main()
