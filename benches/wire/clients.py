"""What each client does, against us and, where it can be compared, against PostgreSQL."""

import subprocess
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyodbc

HERE = Path(__file__).parent
JDBC = "/usr/share/java/postgresql.jar"


def questions():
    lines = (HERE / "questions.sql").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("--")]


def connections(house):
    ours = psycopg.connect(host="localhost", hostaddr="127.0.0.1", port=house.wire, user=house.ours.user, dbname="acme",
                           password=house.ours.password, sslmode="verify-full", sslrootcert=house.certificate)
    theirs = psycopg.connect(host="127.0.0.1", port=house.oracle, user="postgres", dbname="postgres")
    ours.autocommit = theirs.autocommit = True
    return ours, theirs


def load(house):
    """The rows of the oracle, copied out of us in binary and into it."""
    ours, theirs = connections(house)
    columns = "number, event_id, meter, quantity, unit, at, source, user_id, job_id, corrects"
    theirs.execute("CREATE TABLE usage (number bigint, event_id text, meter text, quantity bigint, unit text, at timestamptz,"
                   " source text, user_id text, job_id text, corrects text)")
    with ours.cursor().copy(f"COPY (SELECT {columns} FROM usage WHERE source LIKE 'crm-%') TO STDOUT (FORMAT binary)") as out:
        with theirs.cursor().copy(f"COPY usage ({columns}) FROM STDIN (FORMAT binary)") as into:
            for piece in out:
                into.write(piece)
    count = theirs.execute("SELECT count(*) FROM usage").fetchone()[0]
    assert count == len(house.rows), count
    ours.close()
    theirs.close()


def psql(house):
    """psql: \\dt, \\d, \\dv, \\l, \\du, \\dn, \\x, variables, copies, errors."""
    def run(*arguments, fails=False, **more):
        done = subprocess.run(["psql", "-X", "-v", "ON_ERROR_STOP=1", *arguments], capture_output=True, text=True,
                              env=house.environment(**more))
        assert (done.returncode != 0) == fails, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr
    tables = run("-c", "\\dt")
    assert "usage" in tables and "projects" in tables, tables
    described = run("-c", "\\d usage")
    assert "timestamp with time zone" in described and "quantity" in described, described
    assert "what was used" in run("-c", "\\dt+")
    assert "when it was used" in run("-c", "\\d+ usage")
    assert "charges" in run("-c", "\\dv")
    for command in ["\\d", "\\l", "\\du", "\\dn", "\\df", "\\di", "\\dT", "\\conninfo", "\\d+ cost_focus", "\\dp", "\\ds", "\\dx"]:
        run("-c", command)
    assert "acme" in run("-c", "\\l") and "other" not in run("-c", "\\l")
    assert run("-Atc", "SELECT count(*) FROM usage WHERE source LIKE 'crm-%'").strip() == str(len(house.rows))
    assert run("-At", "-c", "\\copy (SELECT 1, 'a,b') TO STDOUT WITH (FORMAT csv)").strip() == '1,"a,b"'
    assert "25006" in run("-v", "VERBOSITY=verbose", "-c", "DROP TABLE usage", fails=True)
    assert "57014" in run("-v", "VERBOSITY=verbose", "-c", "SET statement_timeout=500", "-c",
                          "SELECT count(*) FROM generate_series(1, 1000000000000)", fails=True)
    run("-c", "SELECT 1", fails=True, PGPASSWORD="wrong")
    assert "encrypted" in run("-c", "SELECT 1", fails=True, PGSSLMODE="disable")
    run("-c", "SELECT 1", fails=True, PGDATABASE="other")
    return subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout.split()[2]


def differential(house):
    """Every question in text and in binary, of us and of PostgreSQL 15: names, types and values."""
    ours, theirs = connections(house)
    wrong = []
    for sql in questions():
        for binary in (False, True):
            answers = []
            for connection in (theirs, ours):
                try:
                    cursor = connection.cursor(binary=binary)
                    # Prepared, so that it goes in steps.
                    cursor.execute(sql, prepare=binary)
                    answers.append(([(c.name, c.type_code) for c in cursor.description], cursor.fetchall()))
                except psycopg.Error as error:
                    answers.append(repr(error))
            same = repr(answers[0]) == repr(answers[1])
            if not same:
                wrong.append(f"{sql} ({'binary' if binary else 'text'})\n  PostgreSQL {str(answers[0])[:300]}\n  ours       {str(answers[1])[:300]}")
    ours.close()
    theirs.close()
    assert not wrong, "\n".join(wrong)
    return f"{2 * len(questions())} answers"


def python(house):
    """psycopg: parameters, server-side cursors, pipelines, copies, cancelling, time zones."""
    connection, _ = connections(house)
    got = connection.execute("SELECT meter, quantity FROM usage WHERE quantity > %s AND meter = %s ORDER BY number LIMIT %s",
                             (900, "mails", 3)).fetchall()
    assert len(got) == 3 and all(quantity > 900 for _, quantity in got), got
    assert connection.execute("SELECT count(*) FROM usage WHERE meter = ANY(%s)", (["mails", "sms"],)).fetchone()[0] > 3000
    connection.autocommit = False
    with connection.cursor("reader") as cursor:
        cursor.itersize = 500
        cursor.execute("SELECT number FROM usage ORDER BY number")
        assert sum(1 for _ in cursor) >= len(house.rows)
    connection.rollback()
    connection.autocommit = True
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int", (n,)) for n in range(10)]
        assert [cursor.fetchone()[0] for cursor in cursors] == list(range(10))
    with connection.cursor().copy("COPY (SELECT number, meter FROM usage ORDER BY number LIMIT 3) TO STDOUT") as copy:
        assert len(list(copy.rows())) == 3
    import threading
    timer = threading.Timer(0.5, connection.cancel_safe)
    timer.start()
    try:
        connection.execute("SELECT count(*) FROM generate_series(1, 1000000000000)")
        raise AssertionError("it was not cancelled")
    except psycopg.errors.QueryCanceled:
        pass
    connection.execute("DISCARD ALL")
    connection.close()
    return psycopg.__version__


def jdbc(house):
    """pgjdbc: metadata, prepared statements past the threshold, fetch size, cancelling."""
    url = (f"jdbc:postgresql://localhost:{house.wire}/acme?sslmode=verify-full&sslrootcert={house.certificate}")
    done = subprocess.run(["java", "-cp", JDBC, str(HERE / "Probe.java"), url, house.ours.user, house.ours.password,
                           str(len(house.rows))], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def odbc(house):
    """psqlODBC by way of pyodbc: tables, columns, types, parameters."""
    connection = pyodbc.connect(
        f"Driver={{PostgreSQL Unicode}};Server=localhost;Port={house.wire};Database=acme;Uid={house.ours.user};"
        f"Pwd={house.ours.password};SSLmode=require", autocommit=True)
    cursor = connection.cursor()
    tables = {row.table_name for row in cursor.tables()}
    assert {"usage", "projects", "charges"} <= tables, tables
    columns = {row.column_name: row.type_name for row in cursor.columns(table="usage")}
    assert columns["quantity"] == "int8" and columns["at"] == "timestamptz", columns
    cursor.primaryKeys(table="usage").fetchall()
    cursor.statistics(table="usage").fetchall()
    row = cursor.execute("SELECT meter, quantity, at FROM usage WHERE quantity > ? AND meter = ? ORDER BY number LIMIT 1",
                         (900, "mails")).fetchone()
    assert row[0] == "mails" and row[1] > 900 and row[2].year >= 2020, row
    assert cursor.execute("SELECT count(*) FROM usage WHERE source LIKE 'crm-%'").fetchone()[0] == len(house.rows)
    version = connection.getinfo(pyodbc.SQL_DRIVER_VER)
    connection.close()
    return version


def arrow(house):
    """ADBC: whole answers as Arrow by way of a binary copy."""
    from importlib.metadata import version
    url = (f"postgresql://{house.ours.user}:{house.ours.password}@localhost:{house.wire}/acme"
           f"?sslmode=verify-full&sslrootcert={house.certificate}")
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT number, meter, quantity, at FROM usage WHERE source LIKE 'crm-%'")
        table = cursor.fetch_arrow_table()
        assert table.num_rows == len(house.rows), table.num_rows
        cursor.execute("SELECT sum(quantity) FROM usage WHERE meter = $1", ("mails",))
        assert cursor.fetchone()[0] is not None
        names = connection.adbc_get_objects(depth="tables").read_all().to_pylist()
        assert "usage" in str(names), names
    return version("adbc-driver-postgresql")


def fdw(house):
    """postgres_fdw of PostgreSQL 15, which reads us by cursors."""
    _, theirs = connections(house)
    theirs.execute("CREATE EXTENSION postgres_fdw")
    theirs.execute(f"CREATE SERVER ours FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', hostaddr '127.0.0.1',"
                   f" port '{house.wire}', dbname 'acme', sslmode 'require')")
    theirs.execute(f"CREATE USER MAPPING FOR postgres SERVER ours OPTIONS (user '{house.ours.user}', password '{house.ours.password}')")
    theirs.execute("CREATE SCHEMA ours")
    theirs.execute("IMPORT FOREIGN SCHEMA public LIMIT TO (projects, usage) FROM SERVER ours INTO ours")
    assert theirs.execute("SELECT title FROM ours.projects").fetchone()[0] == "Orders"
    both = theirs.execute("SELECT count(*) FROM ours.usage o JOIN usage t ON t.event_id = o.event_id AND t.quantity = o.quantity").fetchone()[0]
    assert both == len(house.rows), both
    return "15"


def shapes(house):
    """What Grafana, Metabase, DBeaver and Power BI (Npgsql) ask, as their sources say."""
    connection, _ = connections(house)
    wrong = []
    for block in (HERE / "shapes.sql").read_text().split(";\n"):
        sql = "\n".join(line for line in block.splitlines() if not line.startswith("--")).strip()
        if not sql:
            continue
        try:
            connection.execute(sql)
        except psycopg.Error as error:
            wrong.append(f"{sql}\n  {error}")
    assert not wrong, "\n".join(wrong)
    return "replayed"


ALL = [load, psql, differential, python, jdbc, odbc, arrow, fdw, shapes]
