"""Real clients of the doors of HTTP, beside a Prometheus with the same samples."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as xml
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

PASSWORD = "correct horse battery staple"
RIGHTS = ["query:run", "chargeback:manage", "cost:read", "project:read", "asset:read", "render:read", "member:read", "audit:read"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class House:
    """An appliance with one tenant, in a folder that is removed at the end."""

    def __init__(self, program, more_rights=(), more_settings=""):
        self.folder = Path(tempfile.mkdtemp(prefix="doors-"))
        data = str(self.folder / "data")
        self.metrics = free_port()
        (self.folder / "a.toml").write_text(f"[metrics]\nlisten = '127.0.0.1:{self.metrics}'\n[requests]\nburst_s = 10000\n{more_settings}")
        made = subprocess.run(
            [program, "tenant", "create", "acme", "--owner", "ada@acme.example", "--json", "--data", data],
            check=True, capture_output=True, cwd=self.folder)
        code = json.loads(made.stdout)["invitation"]["code"]
        self.command = [program, "serve", "--data", data, "--listen", "127.0.0.1:0", "--config", "a.toml"]
        self.start()
        self.certificate = str(self.folder / "data/tls/cert.pem")
        self.tls = ssl.create_default_context(cafile=self.certificate)
        try:
            self.sign_in(code, more_rights)
        except BaseException:
            self.close()
            raise

    def start(self):
        """Starts it, once more too, and waits until it says where it listens."""
        self.child = subprocess.Popen(self.command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.child.stderr:
            said.append(line)
            if found := re.search(r"https://\S+", line):
                self.port = urllib.parse.urlsplit(found[0]).port
                break
        else:
            self.child.wait()
            raise RuntimeError("".join(said))
        self.url = f"https://localhost:{self.port}"
        with open(self.folder / "log", "ab") as log:
            subprocess.Popen(["cat"], stdin=self.child.stderr, stdout=log)

    def sign_in(self, code, more_rights):
        self.headers = {"sec-fetch-site": "same-origin"}
        self.ask("POST", "/v1/invitations/accept", {"tenant": "acme", "code": code, "name": "Ada", "password": PASSWORD})
        self.ask("POST", "/v1/session", {"tenant": "acme", "email": "ada@acme.example", "password": PASSWORD})
        expires = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
        key = self.ask("POST", "/v1/me/api-keys", {"name": "doors", "permissions": [*RIGHTS, *more_rights], "expires": expires})
        self.user, self.key = key["id"], key["secret"]
        self.headers = {"authorization": f"Bearer {self.key}"}

    def ask(self, method, path, body=None, kind="application/json"):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=self.headers | {"content-type": kind})
        try:
            with urllib.request.urlopen(request, context=self.tls) as answer:
                if cookie := answer.headers.get("set-cookie"):
                    self.headers["cookie"] = cookie.split(";")[0]
                read = answer.read()
                return json.loads(read or b"null") if "json" in answer.headers.get("content-type", "json") else read
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from error

    def sql(self, sql):
        return self.ask("POST", "/v1/query", {"sql": sql})["rows"]

    def close(self):
        self.child.terminate()
        self.child.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


failed = 0


def check(what, found, expected):
    global failed
    right = found == expected
    failed += not right
    print(("ok     " if right else "FAILED ") + what + ("" if right else f": {found!r} instead of {expected!r}"), flush=True)


def telemetry(house):
    """The exporter of OpenTelemetry's SDK: what it sends twice is counted once."""
    os.environ["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT"] = "10"
    for name, temporality in (("cumulative", AggregationTemporality.CUMULATIVE), ("delta", AggregationTemporality.DELTA)):
        exporter = OTLPMetricExporter(
            endpoint=house.url + "/v1/usage/otlp/v1/metrics", certificate_file=house.certificate, compression=Compression.Gzip,
            headers={"authorization": f"Bearer {house.key}"}, preferred_temporality={Counter: temporality, Histogram: temporality})
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
        resource = Resource.create({"service.name": "shop", "service.instance.id": name})
        provider = MeterProvider([reader], resource=resource)
        counter = provider.get_meter("orders").create_counter(f"otel.{name}", unit="{order}")
        gauge = provider.get_meter("orders").create_gauge("temperature")
        histogram = provider.get_meter("orders").create_histogram(f"latency.{name}", unit="ms")
        total = 0
        for amount in (3, 4, 5):
            counter.add(amount, {"land": "DE"})
            counter.add(1, {"land": "FR"})
            gauge.set(20 + amount)
            for value in (1, 30, 99_999):
                histogram.record(value)
            total += amount + 1
            provider.force_flush()
        provider.shutdown()
        rows = house.sql(f"SELECT sum(quantity), count(DISTINCT dimensions['land']), max(source), max(unit) FROM usage WHERE meter = 'otel.{name}'")
        check(f"OpenTelemetry, {name}", rows, [[total, 2, "shop", "{order}"]])
        rows = house.sql(f"SELECT meter, sum(quantity), max(unit) FROM usage WHERE meter LIKE 'latency.{name}.%' GROUP BY meter ORDER BY meter")
        told = [[f"latency.{name}.{part}", number, unit] for part, number, unit in (("bucket", 9, "1"), ("count", 9, "1"), ("sum", 300_090, "ms"))]
        check(f"OpenTelemetry, a histogram, {name}", rows, told)
    rows = house.sql("SELECT max(quantity), count(DISTINCT dimensions['otlp.kind']) FROM usage WHERE meter = 'temperature'")
    check("OpenTelemetry, a gauge", rows, [[25, 1]])


def arrow(house, samples):
    """pyarrow: rows in, rows out."""
    columns = {
        "id": pa.array([str(n) for n in range(len(samples))]),
        "source": pa.array(["crm"] * len(samples)).dictionary_encode(),
        "type": pa.array([meter for meter, _, _ in samples]).dictionary_encode(),
        "time": pa.array([moment for _, moment, _ in samples], pa.timestamp("ms", "UTC")),
        "quantity": pa.array([quantity for _, _, quantity in samples], pa.int32()),
        "dimensions": pa.array([[("floor", str(n % 3))] for n in range(len(samples))], pa.map_(pa.string(), pa.string())),
    }
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=500)
    stream = sink.getvalue().to_pybytes()
    for word in ("accepted", "duplicate"):
        verdicts = house.ask("POST", "/v1/usage/events", stream, "application/vnd.apache.arrow.stream")
        check(f"pyarrow, {word}", verdicts[word], len(samples))
    sql = "SELECT meter, sum(quantity) AS total FROM usage WHERE source = 'crm' GROUP BY meter ORDER BY meter"
    answer = house.ask("POST", "/v1/query", {"sql": sql, "format": "arrow"})
    read = pa.ipc.open_stream(answer).read_all().to_pydict()
    check("pyarrow, the answer", dict(zip(read["meter"], read["total"])), sums(samples))


def sums(samples):
    found = {}
    for meter, _, quantity in sorted(samples):
        found[meter] = found.get(meter, 0) + quantity
    return found


def promtool(house, *arguments):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, env=os.environ | {"SSL_CERT_FILE": house.certificate})


def oracle(house, samples, base):
    """A Prometheus with the counters as they were every minute."""
    lines, totals = ["# TYPE audiagram_usage counter"], {}
    end = int(base.timestamp()) + 4 * 3600
    events = sorted((int(moment.timestamp() * 1000), meter, quantity) for meter, moment, quantity in samples)
    by_meter = {}
    for second in range(int(base.timestamp()), end + 1, 60):
        while events and events[0][0] <= second * 1000:
            _, meter, quantity = events.pop(0)
            totals[meter] = totals.get(meter, 0) + quantity
        for meter, total in totals.items():
            by_meter.setdefault(meter, []).append(f'audiagram_usage_total{{meter="{meter}",source="crm",unit="1"}} {total} {second}')
    for meter in sorted(by_meter):
        lines.extend(by_meter[meter])
    text = house.folder / "samples.txt"
    text.write_text("\n".join(lines) + "\n# EOF\n")
    store, port = house.folder / "oracle", free_port()
    made = subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", text, store], capture_output=True, text=True)
    check("promtool makes blocks of the samples", (made.returncode, made.stderr), (0, ""))
    config = house.folder / "prometheus.yml"
    config.write_text(
        "scrape_configs:\n- job_name: audiagram\n  scrape_interval: 1s\n  static_configs:\n"
        f"  - targets: ['127.0.0.1:{house.metrics}']\n")
    child = subprocess.Popen(
        ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={store}", "--storage.tsdb.retention.time=10y",
         f"--web.listen-address=127.0.0.1:{port}", "--query.lookback-delta=1m"], stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready")
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    return child, f"http://127.0.0.1:{port}"


def points(text):
    """promtool's own words, with series and points in one order; numbers to twelve digits, for means are put together in another order."""
    return sorted(re.sub(r"[0-9]+\.[0-9]+(?= @)", lambda number: f"{float(number[0]):.12g}", line) for line in text.strip().splitlines())


def prometheus(house, samples, base):
    server = f"https://{house.user}:{house.key}@localhost:{house.port}/v1/prometheus"
    child, other = oracle(house, samples, base)
    try:
        for _ in range(100):
            up = promtool(house, "query", "instant", other, 'up{job="audiagram"}').stdout
            if up.strip().endswith("]") and " => 1 " in up:
                break
            time.sleep(0.2)
        check("prometheus scrapes /metrics", " => 1 " in up, True)
        page = urllib.request.urlopen(f"http://127.0.0.1:{house.metrics}/metrics").read()
        linted = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True)
        check("promtool check metrics", (linted.returncode, linted.stderr.decode()), (0, ""))
        at = str(int(base.timestamp()) + 2 * 3600)
        start, end = at, str(int(base.timestamp()) + 4 * 3600)
        crm = '{source="crm"}'
        queries = [
            "1 + 1", f"audiagram_usage_total{crm}", f"sum(audiagram_usage_total{crm})", f"sum by (meter) (audiagram_usage_total{crm})",
            f"avg without (meter) (audiagram_usage_total{crm})", f"topk(1, audiagram_usage_total{crm}) / 2",
            f"count(audiagram_usage_total{crm} > 100)", "sum(audiagram_usage_total{meter=~\"ma.*\",source!=\"shop\"}) % 7",
            f"min(audiagram_usage_total{crm} offset 30m)", f"(-max by (source, unit) (audiagram_usage_total{crm}) ^ 2)",
            "sum(audiagram_usage_total{meter=\"nothing\"})",
        ]
        for query in queries:
            ours, theirs = (promtool(house, "query", "instant", f"--time={at}", to, query) for to in (server, other))
            check(f"promtool query instant {query}", (ours.returncode, points(ours.stdout)), (0, points(theirs.stdout)))
            ours, theirs = (promtool(house, "query", "range", f"--start={start}", f"--end={end}", "--step=7m", to, query) for to in (server, other))
            check(f"promtool query range   {query}", (ours.returncode, points(ours.stdout)), (0, points(theirs.stdout)))
        # Prometheus extrapolates, so that only what is exact is compared: the sum of increases is what there is more.
        grown = f"sum(increase(audiagram_usage_total{crm}[1h]))"
        first = sum(quantity for _, moment, quantity in samples if moment <= base + timedelta(hours=1))
        then = sum(quantity for _, moment, quantity in samples if moment <= base + timedelta(hours=2))
        ours = promtool(house, "query", "instant", f"--time={at}", server, grown).stdout
        check("promtool query instant increase", ours.strip().split(" => ")[1].split(" @")[0], str(then - first))
        series = promtool(house, "query", "series", f"--match=audiagram_usage_total{crm}", server)
        check("promtool query series", len(points(series.stdout)), len(sums(samples)))
        labels = promtool(house, "query", "labels", server, "meter")
        check("promtool query labels", set(sums(samples)) <= set(labels.stdout.split()), True)
        refused = promtool(house, "query", "instant", server, "quantile(0.5, up)")
        check("promtool is told what is not understood", "bad_data: `quantile`" in refused.stderr, True)
    finally:
        child.terminate()
        child.wait(20)


def odata(house, samples):
    session = requests.Session()
    session.verify, session.auth = house.certificate, (house.user, house.key)
    answer = session.get(house.url + "/v1/odata/$metadata")
    check("OData $metadata", (answer.status_code, answer.headers["odata-version"]), (200, "4.0"))
    names = {"e": "http://docs.oasis-open.org/odata/ns/edm"}
    schema = xml.fromstring(answer.content)
    types = {kind.get("Name") for kind in schema.iterfind(".//e:EntityType", names)}
    sets = {entry["name"] for entry in session.get(house.url + "/v1/odata").json()["value"]}
    check("OData sets and types", sets == types and "usage" in sets, True)
    rows, link = [], house.url + "/v1/odata/usage?$filter=source eq 'crm'&$select=meter,quantity,at"
    while link:
        page = session.get(link, headers={"prefer": "odata.maxpagesize=700"}).json()
        rows += page["value"]
        link = page.get("@odata.nextLink")
    found = {}
    for row in rows:
        found[row["meter"]] = found.get(row["meter"], 0) + row["quantity"]
    check("OData pages", (len(rows), found), (len(samples), sums(samples)))
    applied = session.get(house.url + "/v1/odata/usage", params={
        "$apply": "filter(source eq 'crm')/groupby((meter),aggregate(quantity with sum as total))"}).json()["value"]
    check("OData $apply", {row["meter"]: row["total"] for row in applied}, sums(samples))


def main():
    # What this machine trusts beside is no matter here.
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)
    house = House(sys.argv[1])
    try:
        base = (datetime.now(timezone.utc) - timedelta(hours=6)).replace(minute=0, second=0, microsecond=0)
        samples = [(["mails", "calls", "sms"][n % 3], base + timedelta(seconds=7 * n), n * 7919 % 50) for n in range(2000)]
        telemetry(house)
        arrow(house, samples)
        prometheus(house, samples, base)
        odata(house, samples)
    finally:
        house.close()
    print(f"failed: {failed}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
