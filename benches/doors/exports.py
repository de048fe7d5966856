#!/usr/bin/env python3
"""Tables as Parquet files: into a folder and into a real S3 server (moto's, which checks every signature), read again by DuckDB.

    benches/doors/run.sh target/release/audiagram exports.py [BATCHES]

The same rows are asked over HTTPS and counted in the files. Times are those of the whole export, by the wall.
"""
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import duckdb

import run
from run import House, check, free_port
from reports import spread


class Storage:
    """An S3 server over TLS that lets nobody in whose signature is wrong."""

    def __init__(self, folder):
        self.port = free_port()
        self.folder = folder
        self.certificate, key = str(folder / "s3.pem"), str(folder / "s3-key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
             "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", self.certificate],
            check=True, capture_output=True)
        # The first calls set up who may sign; from then on moto judges signatures and rights.
        server = str(Path(sys.executable).parent / "moto_server")
        environment = os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": "3"}
        self.child = subprocess.Popen(
            [server, "-H", "127.0.0.1", "-p", str(self.port), "-c", self.certificate, "-k", key],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"https://127.0.0.1:{self.port}"
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    break
            except OSError:
                time.sleep(0.1)
        iam = self.client("iam", "any", "any")
        iam.create_user(UserName="lake")
        made = iam.create_access_key(UserName="lake")["AccessKey"]
        self.key, self.secret = made["AccessKeyId"], made["SecretAccessKey"]
        rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        iam.put_user_policy(UserName="lake", PolicyName="all", PolicyDocument=json.dumps(rights))
        self.s3 = self.client("s3", self.key, self.secret)
        self.s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def client(self, what, key, secret):
        return boto3.client(
            what, endpoint_url=self.url, region_name="eu-central-1", aws_access_key_id=key, aws_secret_access_key=secret, verify=self.certificate)

    def names(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket="lake")
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def fetch(self, prefix, to):
        for name in self.names():
            if name.startswith(prefix):
                place = to / name[len(prefix) + 1:]
                place.parent.mkdir(parents=True, exist_ok=True)
                self.s3.download_file("lake", name, str(place))

    def close(self):
        self.child.terminate()
        self.child.wait(20)


def audiagram(house, *arguments):
    """A command of the operator's, at the console of the machine."""
    data = str(house.folder / "data")
    done = subprocess.run([sys.argv[1], *arguments, "--tenant", "acme", "--data", data, "--json"], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr}


def whole(folder):
    """Whether the files are those of the manifest, and what it says."""
    manifest = json.loads((folder / "_manifest.json").read_text())
    good = all(hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest() == file["sha256"] for file in manifest["files"])
    there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.parquet"))
    return good and there == [file["path"] for file in manifest["files"]], manifest


def read_again(what, house, folder):
    right, manifest = whole(folder)
    check(f"{what}: the files are those of the manifest", right, True)
    # The day of the folder is a column of the reader's, and says what the rows say.
    days = duckdb.sql(f"""SELECT CAST(day AS VARCHAR), count(*), sum(quantity) FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true)
        WHERE CAST(make_timestamp(epoch_us("at")) AS DATE) = CAST(day AS DATE) GROUP BY 1 ORDER BY 1""").fetchall()
    asked = house.sql("SELECT CAST(date_trunc('day', at) AS DATE), count(*), sum(quantity) FROM usage GROUP BY 1 ORDER BY 1")
    check(f"{what}: DuckDB finds the rows of each day", [[str(day), count, int(total)] for day, count, total in days], asked)
    check(f"{what}: and the manifest counts them", manifest["rows"], sum(row[1] for row in asked))


def main():
    batches = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    folder = Path(run.tempfile.mkdtemp(prefix="exports-"))
    (folder / "lake").mkdir()
    storage = Storage(folder)
    more = (f"[exports]\nfolder = '{folder}/lake'\ns3_hosts = ['127.0.0.1:{storage.port}']\n"
            f"[outbound]\nallow = ['127.0.0.0/8']\nports = [{storage.port}]\nca = '{storage.certificate}'\n")
    house = House(sys.argv[1], more_settings=more)
    try:
        for batch in range(batches):
            house.ask("POST", "/v1/usage/events", spread(batch), "application/vnd.apache.arrow.stream")
        rows = house.sql("SELECT count(*) FROM usage")[0][0]
        place = audiagram(house, "connector", "add-folder", "Lake", "bi")["id"]
        begun = time.perf_counter()
        done = audiagram(house, "table", "export", "usage", "--to", place, "--by", "day")
        took = time.perf_counter() - begun
        check("a folder", (done.get("state"), done.get("failed"), done.get("made", {}).get("rows")), ("done", None, rows))
        print(f"folder: {rows:,} rows, {done['made']['bytes'] / 1e6:.1f} MB in {done['made']['files']} files, {took:.1f} s, {rows / took:,.0f} rows a second")
        tenant = next((folder / "lake").iterdir())
        read_again("a folder", house, tenant / "bi" / done["folder"])

        secret = folder / "secret"
        secret.write_text(storage.secret + "\n")
        bucket = ["connector", "add-bucket", "Bucket", "--url", storage.url, "--region", "eu-central-1", "--bucket", "lake", "--key-id", storage.key]
        place = audiagram(house, *bucket, "--prefix", "acme/bi", "--secret-file", str(secret))["id"]
        begun = time.perf_counter()
        done = audiagram(house, "table", "export", "usage", "--to", place, "--by", "day")
        took = time.perf_counter() - begun
        check("S3", (done.get("state"), done.get("made", {}).get("rows")), ("done", rows))
        print(f"S3: {rows:,} rows in {done['made']['files']} files, {took:.1f} s, {rows / took:,.0f} rows a second")
        storage.fetch(f"acme/bi/{done['folder']}", folder / "fetched")
        read_again("S3", house, folder / "fetched")

        secret.write_text("not-the-key")
        place = audiagram(house, *bucket, "--prefix", "wrong", "--secret-file", str(secret))["id"]
        refused = audiagram(house, "table", "export", "usage", "--to", place)
        check("S3, signed with another key", "check the key" in refused.get("failed", ""), True)
        check("S3, nothing is left of it", [name for name in storage.names() if name.startswith("wrong")], [])
        secret.write_text(storage.secret)
        place = audiagram(house, *bucket[:-4], "--bucket", "none", "--key-id", storage.key, "--secret-file", str(secret))["id"]
        refused = audiagram(house, "table", "export", "usage", "--to", place)
        check("S3, no such bucket", "no such bucket" in refused.get("failed", ""), True)
        elsewhere = [word if word != storage.url else "https://s3.elsewhere.example" for word in bucket]
        refused = audiagram(house, *elsewhere, "--secret-file", str(secret))
        check("S3 outside of the zone", "residency zone" in refused.get("failed", ""), True)
    finally:
        house.close()
        storage.close()
        run.shutil.rmtree(folder, ignore_errors=True)
    sys.exit(run.failed > 0)


if __name__ == "__main__":
    main()
