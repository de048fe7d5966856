"""A scheduler and two executors of Ballista, and the queries of `queries.txt` over the same files in a folder and in S3; `ballista.sh` starts it.

The files lie by day as `audiagram table export usage --by day` puts them: what `usage rows` wrote is laid so first, what was exported is taken as
it is. The storage is moto's server, over TLS, which checks every signature. An answer that is not DuckDB's is an error, and so is an executor
without work. Times are the best of three (or of as many as are named).

DataFusion 55 takes `_manifest.json` for a file of the table where it lists a bucket. So a table is the folders of its days, or lies in a folder
without the manifest, where `day` is a column besides: both are tried.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from adbc_driver_flightsql import dbapi

from cluster import held_against, judge, plain, rows_of

sys.path.insert(0, str(Path(__file__).parent.parent / "doors"))
from exports import Storage  # noqa: E402
from run import free_port  # noqa: E402

EXECUTORS = ["one", "two"]
EXPORTED, BARE = "acme/bi/usage", "acme/bare/usage"
HERE = "127.0.0.1"


def by_day(folder, to):
    """The rows of a folder, as an export lays them."""
    to.mkdir()
    rows = 'SELECT *, CAST(CAST("at" AS DATE) AS VARCHAR) AS day FROM usage'
    judge(folder).execute(f"COPY ({rows}) TO '{to}' (FORMAT parquet, PARTITION_BY (day), FILENAME_PATTERN 'part-0000{{i}}')")
    (to / "_manifest.json").write_text("{}")
    return to


class Cluster:
    """Processes of their own; whatever they say goes into a file each. They know the storage by their environment: no secret is in any SQL."""

    def __init__(self, programs, folder, storage):
        self.folder, self.children = folder, []
        known = {
            "AWS_ENDPOINT_URL": storage.url, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": storage.key,
            "AWS_SECRET_ACCESS_KEY": storage.secret, "SSL_CERT_FILE": storage.certificate, "RUST_LOG": "info"}
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | known
        self.port = free_port()
        self.start("scheduler", programs / "ballista-scheduler", "--external-host", HERE, "--bind-port", str(self.port), "--flight-sql")
        health = {}
        for name in EXECUTORS:
            health[name] = free_port()
            self.start(
                name, programs / "ballista-executor", "--id", name, "--external-host", HERE, "--scheduler-host", HERE,
                "--scheduler-port", str(self.port), "--scheduler-connect-timeout-seconds", "60", "--bind-port", str(free_port()), "--bind-grpc-port", str(free_port()),
                "--bind-health-port", str(health[name]), "--vcores", "1", "--memory-pool-size", "1GiB", "--work-dir", str(folder / f"work-{name}"))
        for name, port in health.items():
            self.wait(name, f"http://{HERE}:{port}/readyz")

    def start(self, name, program, *arguments):
        (self.folder / f"work-{name}").mkdir()
        with open(self.folder / name, "wb") as log:
            self.children.append(subprocess.Popen([program, "--bind-host", HERE, *arguments], env=self.environment, stdout=log, stderr=log))

    def wait(self, name, url):
        for _ in range(600):
            try:
                urllib.request.urlopen(url, timeout=1).close()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"{name} has no scheduler: {(self.folder / name).read_text()[-2000:]}")

    def tasks(self):
        """How many tasks each executor has brought to an end."""
        return [(self.folder / name).read_text(errors="replace").count("Finished task") for name in EXECUTORS]

    def close(self):
        # The executors first: they take leave of the scheduler.
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def asked(cluster, db, place, table, times):
    """Asks about the files at a place; how many answers are wrong, and whether an executor had nothing to do."""
    before = last = cluster.tasks()

    def more():
        nonlocal last
        now, was = cluster.tasks(), last
        last = now
        return f", tasks {' + '.join(str(count - then) for count, then in zip(now, was))}"

    with dbapi.connect(f"grpc://{HERE}:{cluster.port}", autocommit=True) as connection, connection.cursor() as cursor:
        def ask(sql):
            cursor.execute(sql)
            return rows_of(cursor.fetch_arrow_table())

        # Of a job that the adaptive planner plans, Ballista 55 tells the schema of any stage, and ADBC refuses a result of another.
        ask("SET ballista.planner.adaptive.enabled = false")
        ask("DROP TABLE IF EXISTS usage")
        begun = time.perf_counter()
        ask(f"CREATE EXTERNAL TABLE usage STORED AS PARQUET {table}")
        print(f"{place}: the table in {time.perf_counter() - begun:.1f} s", flush=True)
        wrong = held_against(db, "Ballista", ask, times, more)
        if table.startswith("PARTITIONED"):
            # As a text: ADBC refuses the dictionary that the column is.
            days = "SELECT CAST(day AS VARCHAR) AS folder, count(*) FROM usage GROUP BY 1"
            same = plain(ask(days)) == plain(rows_of(db.sql(days).to_arrow_table()))
            wrong += not same
            print(f"{'ok    ' if same else 'FAILED'} the days of the folders{more()}")
    done = [now - then for now, then in zip(cluster.tasks(), before)]
    print(f"{place}: " + ", ".join(f"executor {name} ran {count} tasks" for name, count in zip(EXECUTORS, done)), flush=True)
    return wrong + done.count(0)


def main():
    programs, files, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 3
    os.environ["TZ"] = "UTC"
    time.tzset()
    folder = Path(tempfile.mkdtemp(prefix="ballista-"))
    storage = cluster = None
    try:
        if not any(files.glob("day=*")):
            files = by_day(files, folder / "usage")
        storage = Storage(folder)
        all_files = [path for path in files.rglob("*") if path.is_file()]
        for path in all_files:
            for prefix in [EXPORTED, BARE] if path.suffix == ".parquet" else [EXPORTED]:
                storage.s3.upload_file(str(path), "lake", f"{prefix}/{path.relative_to(files)}")
        db = judge(files)
        rows = db.sql("SELECT count(*) FROM usage").fetchall()[0][0]
        print(f"{rows:,} rows, {sum(path.stat().st_size for path in all_files) / 1e6:.1f} MB in {len(all_files)} files", flush=True)
        cluster = Cluster(programs, folder, storage)
        days = ", ".join(f"'s3://lake/{EXPORTED}/{path.name}/'" for path in sorted(files.glob("day=*")))
        failed = asked(cluster, db, "a folder", f"PARTITIONED BY (day) LOCATION '{files}/*.parquet'", times)
        failed += asked(cluster, db, "S3, the folders of the days", f"LOCATION ({days})", times)
        failed += asked(cluster, db, "S3 without the manifest", f"PARTITIONED BY (day) LOCATION 's3://lake/{BARE}/'", times)
    finally:
        for process in (cluster, storage):
            if process:
                process.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"failed: {failed}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
