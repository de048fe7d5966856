#!/usr/bin/env python3
"""The same queries over the same files by a cluster: Spark with a master and two workers, each a process of its own, beside DuckDB.

    usage rows /tmp/rows && python3 cluster.py /tmp/rows [TIMES]    # or a folder that `audiagram table export usage --by day` wrote

Wants Java 17 and from PyPI pyspark, duckdb and pyarrow. An answer that differs is an error; times are the best of three (or of as many as
are named), the first of which compiles. What the columns are called and how moments are written is Spark's own; the files are read as they are.
"""
import math
import os
import pathlib
import re
import sys
import time
from datetime import datetime, timezone

import duckdb

HERE = pathlib.Path(__file__).parent


def in_spark(sql):
    """Spark counts days of the week from 1, and its timestamps have a zone without being called so."""
    return sql.replace("extract(dow FROM at)", "extract(dow FROM at) - 1").replace("TIMESTAMPTZ", "TIMESTAMP")


def plain(rows):
    """Rows that can be compared: moments in UTC to the second, numbers as numbers, in any order."""
    def cell(value):
        if isinstance(value, datetime):
            return value.astimezone(timezone.utc).isoformat()
        return value if value is None or isinstance(value, str) else int(value)
    return sorted((tuple(map(cell, row)) for row in rows), key=repr)


def rows_of(table):
    return list(zip(*(column.to_pylist() for column in table.columns)))


def judge(folder):
    """DuckDB with a view of the files."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    db.execute(f"CREATE VIEW usage AS SELECT * FROM read_parquet('{folder}/{'*/' if any(folder.glob('*=*')) else ''}*.parquet')")
    return db


def best(run, times):
    found, answer = math.inf, None
    for _ in range(times):
        begun = time.perf_counter()
        answer = run()
        found = min(found, time.perf_counter() - begun)
    return found * 1000, answer


def held_against(db, engine, ask, times, more=lambda: ""):
    """Asks both each query and says how many answers differ; `ask` gives rows, `more` what else is to be told of a query."""
    wrong = 0
    for line in (HERE / "queries.txt").read_text().splitlines():
        name, sql = line.split("\t")
        theirs, expected = best(lambda: rows_of(db.sql(re.sub(r"\bat\b", '"at"', sql)).to_arrow_table()), times)
        ours, found = best(lambda: ask(sql), times)
        same = plain(found) == plain(expected)
        wrong += not same
        print(f"{'ok    ' if same else 'FAILED'} {name:22} {engine} {ours:10.1f} ms  DuckDB {theirs:10.1f} ms  {len(expected)} rows{more()}", flush=True)
        if not same:
            print(f"  {plain(found)[:3]}\n  {plain(expected)[:3]}")
    return wrong


def main():
    from pyspark.sql import SparkSession

    folder, times = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    os.environ["TZ"] = "UTC"
    time.tzset()
    spark = (SparkSession.builder.master("local-cluster[2,1,1024]").appName("usage").config("spark.ui.enabled", "false")
             .config("spark.worker.timeout", "600").config("spark.network.timeout", "600s").config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "4").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    spark.sql(f"CREATE TEMPORARY VIEW usage USING parquet OPTIONS (path '{folder.absolute()}')")
    wrong = held_against(judge(folder), "Spark", lambda sql: spark.sql(in_spark(sql)).collect(), times)
    workers = spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    print(f"{len(workers) - 1} executors, failed: {wrong}")
    spark.stop()
    sys.exit(min(wrong, 1))


if __name__ == "__main__":
    main()
