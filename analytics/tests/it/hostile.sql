-- What someone sends who wants what is not theirs. A line is a statement; {other} is the id of another tenant, {file} a file of it.
CREATE TABLE t (a int)
CREATE TABLE t AS SELECT * FROM usage
CREATE TEMPORARY TABLE t AS SELECT 1
CREATE OR REPLACE TABLE usage AS SELECT 1
CREATE VIEW v AS SELECT * FROM usage
CREATE OR REPLACE VIEW usage AS SELECT 1
CREATE MATERIALIZED VIEW v AS SELECT 1
CREATE SCHEMA s
CREATE SCHEMA "{other}"
CREATE DATABASE d
CREATE EXTERNAL TABLE passwd (line VARCHAR) STORED AS CSV LOCATION '/etc/passwd'
CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION 'shelf://usage/{file}.parquet'
CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION 's3://bucket/{file}.parquet'
CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION 'http://127.0.0.1:80/x.parquet'
CREATE UNBOUNDED EXTERNAL TABLE x STORED AS CSV LOCATION '/dev/zero'
CREATE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE SQL
CREATE FUNCTION f() RETURNS int AS '/tmp/evil.so', 'f' LANGUAGE C
CREATE INDEX i ON usage (meter)
CREATE ROLE evil SUPERUSER
CREATE EXTENSION dblink
CREATE TRIGGER t BEFORE INSERT ON usage EXECUTE FUNCTION f()
CREATE SEQUENCE s
CREATE TYPE t AS (a int)
DROP TABLE usage
DROP VIEW charges
DROP SCHEMA public CASCADE
DROP DATABASE audiagram
DROP FUNCTION count
ALTER TABLE usage ADD COLUMN a int
ALTER TABLE usage RENAME TO x
ALTER ROLE postgres PASSWORD 'x'
ALTER SYSTEM SET x = 1
TRUNCATE usage
INSERT INTO usage VALUES (1)
INSERT INTO projects SELECT * FROM projects
INSERT INTO information_schema.tables VALUES ('a')
INSERT OVERWRITE usage SELECT 1
UPDATE usage SET quantity = 0
UPDATE projects SET project_id = 'x' WHERE true
DELETE FROM usage
DELETE FROM projects WHERE project_id = 'x'
MERGE INTO usage USING projects ON true WHEN MATCHED THEN DELETE
COPY usage TO '/tmp/out.parquet'
COPY usage TO '/tmp/out.csv' STORED AS CSV
COPY (SELECT * FROM usage) TO 's3://bucket/out.parquet'
COPY (SELECT * FROM usage) TO STDOUT
COPY usage FROM '/etc/passwd'
COPY usage FROM PROGRAM 'id'
COPY (SELECT 1) TO PROGRAM 'sh -c id'
WITH x AS (INSERT INTO usage VALUES (1) RETURNING *) SELECT * FROM x
WITH x AS (DELETE FROM usage RETURNING *) SELECT * FROM x
WITH x AS (UPDATE usage SET quantity = 1 RETURNING *) SELECT * FROM x
SELECT * INTO t FROM usage
SELECT * INTO TEMP t FROM usage
SELECT * FROM usage FOR UPDATE
SELECT * FROM usage FOR SHARE
SELECT * FROM (SELECT * FROM usage FOR UPDATE) AS x
EXPLAIN ANALYZE SELECT * FROM usage
EXPLAIN ANALYZE VERBOSE SELECT * FROM usage
EXPLAIN (ANALYZE) SELECT * FROM usage
EXPLAIN DELETE FROM usage
EXPLAIN INSERT INTO usage VALUES (1)
EXPLAIN CREATE TABLE t (a int)
EXPLAIN COPY usage TO '/tmp/x'
EXPLAIN EXPLAIN SELECT 1
EXPLAIN SELECT * FROM usage
EXPLAIN VERBOSE SELECT * FROM usage
EXPLAIN FORMAT TREE SELECT * FROM usage
EXPLAIN FORMAT GRAPHVIZ SELECT * FROM charges
EXPLAIN FORMAT PGJSON SELECT * FROM cost_focus
SELECT * FROM cost_focus_1_2
EXPLAIN VERBOSE SELECT * FROM projects, charges
SET datafusion.execution.target_partitions = 1000
SET datafusion.catalog.information_schema = false
SET search_path TO "{other}"
SET ROLE postgres
SET SESSION AUTHORIZATION DEFAULT
SET TIME ZONE 'UTC'
RESET datafusion.execution.batch_size
RESET ALL
SHOW ALL
SHOW TABLES
SHOW COLUMNS FROM usage
SHOW COLUMNS FROM "{other}".public.usage
SHOW FUNCTIONS
SHOW datafusion.runtime.temp_directory
SHOW CREATE TABLE usage
SHOW CREATE VIEW charges
SHOW DATABASES
SHOW SCHEMAS
SHOW CATALOGS
DESCRIBE usage
DESCRIBE "{other}".public.usage
DESCRIBE information_schema.tables
BEGIN
COMMIT
ROLLBACK
SAVEPOINT a
START TRANSACTION READ WRITE
PREPARE p AS SELECT * FROM usage
EXECUTE p
DEALLOCATE ALL
DISCARD ALL
CLOSE ALL
LISTEN x
NOTIFY x, 'y'
UNLISTEN *
LOCK TABLE usage
VACUUM
ANALYZE usage
CALL f()
DO $$ BEGIN PERFORM 1; END $$
GRANT ALL ON usage TO public
REVOKE ALL ON usage FROM public
COMMENT ON TABLE usage IS 'x'
KILL 1
USE "{other}"
ATTACH DATABASE '/tmp/x.db' AS x
DETACH DATABASE audiagram
INSTALL httpfs
LOAD '/tmp/evil.so'
PRAGMA database_list
CACHE TABLE usage
REFRESH MATERIALIZED VIEW charges
DECLARE c CURSOR FOR SELECT * FROM usage
FETCH ALL FROM c
SELECT 1; SELECT 2
SELECT 1; DROP TABLE usage
SELECT 1;;
;
SELECT * FROM "{other}".public.usage
SELECT * FROM "{other}".usage
SELECT * FROM "{other}"
SELECT * FROM audiagram."{other}".usage
SELECT * FROM "tenant={other}".public.usage
SELECT * FROM datafusion.public.usage
SELECT * FROM postgres.public.usage
SELECT * FROM system.public.tenants
SELECT * FROM tenants
SELECT * FROM users
SELECT * FROM audit
SELECT * FROM api_keys
SELECT * FROM sessions
SELECT * FROM secrets
SELECT * FROM sealed
SELECT * FROM waiting
SELECT * FROM audiagram.public.sealed
SELECT * FROM information_schema.tables
SELECT * FROM information_schema.columns
SELECT * FROM information_schema.schemata
SELECT * FROM information_schema.views
SELECT * FROM information_schema.df_settings
SELECT * FROM information_schema.routines
SELECT * FROM information_schema.parameters
SELECT * FROM information_schema.tables WHERE table_catalog <> 'audiagram'
SELECT * FROM information_schema.columns WHERE table_name LIKE '%canary%'
SELECT * FROM "{other}".information_schema.tables
SELECT * FROM pg_catalog.pg_class
SELECT * FROM pg_catalog.pg_database
SELECT * FROM pg_class c, pg_namespace n
SELECT * FROM pg_shadow
SELECT * FROM pg_stat_activity
SELECT * FROM pg_settings
SELECT * FROM sqlite_master
SELECT * FROM duckdb_tables()
SELECT * FROM sys.objects
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM '/etc/hostname.csv'
SELECT * FROM "file:///etc/passwd"
SELECT * FROM "../../../../etc/passwd"
SELECT * FROM 'shelf://usage/{file}.parquet'
SELECT * FROM "shelf://usage/{file}.parquet"
SELECT * FROM "{file}.parquet"
SELECT * FROM '{file}.parquet'
SELECT * FROM 's3://bucket/key.parquet'
SELECT * FROM "http://169.254.169.254/latest/meta-data"
SELECT * FROM './data/system.redb'
SELECT * FROM '*.parquet'
SELECT * FROM read_parquet('{file}.parquet')
SELECT * FROM read_parquet('/etc/passwd')
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_csv_auto('/etc/passwd')
SELECT * FROM read_json('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/proc/self/environ')
SELECT * FROM parquet_scan('{file}.parquet')
SELECT * FROM parquet_metadata('{file}.parquet')
SELECT * FROM glob('/**')
SELECT * FROM csv_scan('/etc/passwd')
SELECT * FROM url('http://127.0.0.1/x')
SELECT * FROM file('/etc/passwd')
SELECT * FROM remote('127.0.0.1', 'x', 'y')
SELECT * FROM numbers(10)
SELECT pg_read_file('/etc/passwd')
SELECT pg_ls_dir('/')
SELECT pg_read_binary_file('/etc/shadow')
SELECT lo_import('/etc/passwd')
SELECT dblink('host=127.0.0.1', 'SELECT 1')
SELECT current_setting('data_directory')
SELECT set_config('search_path', '{other}', false)
SELECT getenv('HOME')
SELECT env('HOME')
SELECT system('id')
SELECT load_extension('/tmp/evil.so')
SELECT load_file('/etc/passwd')
SELECT input_file_name() FROM usage
SELECT $path FROM usage
SELECT "$path" FROM usage
SELECT _metadata FROM usage
SELECT ctid, xmin FROM usage
SELECT rowid FROM usage
SELECT @@version
SELECT @@global.secure_file_priv
SELECT @x
SELECT $1
SELECT version()
SELECT current_user, session_user
SELECT current_database(), current_schema()
SELECT pg_sleep(100)
SELECT pg_terminate_backend(1)
SELECT pg_cancel_backend(1)
SELECT query_to_xml('SELECT * FROM usage', true, true, '')
SELECT xmlparse(document '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
SELECT repeat('x', 2000000000)
SELECT repeat(repeat('x', 1000000), 1000000)
SELECT lpad('x', 2000000000, 'y')
SELECT rpad('x', 2000000000, 'y')
SELECT array_repeat(1, 2000000000)
SELECT array_resize([1], 2000000000)
SELECT generate_series(1, 10000000000)
SELECT range(1, 10000000000)
SELECT regexp_replace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '(a+)+$', 'x')
SELECT regexp_like('x', '(x{1000}){1000}')
SELECT regexp_match('x', '(')
SELECT 'a' LIKE '%a%%a%%a%%a%%a%%a%%a%%a%%a%%a%%a%%a%%a%%a%'
SELECT 1 / 0
SELECT CAST('x' AS int)
SELECT CAST(9223372036854775807 AS int)
SELECT 9223372036854775807 + 1
SELECT -9223372036854775808 / -1
SELECT abs(-9223372036854775808)
SELECT 1e400
SELECT CAST('{other}' AS bigint)
SELECT CAST(meter AS bigint) FROM usage
SELECT * FROM usage WHERE meter = '{other}' OR true
SELECT * FROM usage WHERE resource LIKE '%canary%' OR meter LIKE '%canary%'
SELECT * FROM usage UNION ALL SELECT * FROM "{other}".public.usage
SELECT count(*) FROM usage u NATURAL JOIN projects p
SELECT (SELECT meter FROM usage)
SELECT meter FROM usage WHERE number IN (SELECT number FROM "{other}".usage)
SELECT * FROM usage TABLESAMPLE BERNOULLI (50)
SELECT * FROM usage AS OF SYSTEM TIME '-1h'
SELECT * FROM usage FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01'
SELECT * FROM usage WITH (NOLOCK)
SELECT * FROM LATERAL (SELECT 1) x
SELECT * FROM unnest([1,2,3])
SELECT * FROM generate_series(1, 5, 0)
SELECT * FROM generate_series(5, 1)
SELECT * FROM generate_series('a', 'b')
SELECT arrow_cast('x', 'FixedSizeBinary(2000000000)')
SELECT arrow_typeof(dimensions) FROM usage LIMIT 1
SELECT named_struct('a', 1)['b']
SELECT make_array(1, 'a', true)
SELECT [[[[[[[[[[1]]]]]]]]]][1]
SELECT dimensions['canary'] FROM usage
SELECT charge_micros(9223372036854775807, 9223372036854775807, 1)
SELECT charge_micros(1, 1, 0)
SELECT list_cost(9223372036854775807, 9223372036854775807, 1)
SELECT list_cost(9223372036854775807, 1, 9223372036854775807), pricing_quantity(1, 0, -1)
SELECT pricing_unit('a', -9223372036854775808), pricing_unit(NULL, 1), pricing_unit(1, 'a')
SELECT * FROM charges c1, charges c2, charges c3 LIMIT 1
SELECT * FROM cost_focus
SELECT * FROM cost_focus_1_2
SELECT * FROM prices
SELECT * FROM table_columns
VALUES (1), (2, 3)
VALUES (1)
TABLE usage
WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT * FROM t LIMIT 10
WITH usage AS (SELECT 'mine' AS meter) SELECT * FROM usage
SELECT /* {other} */ 1
SELECT 1 -- {other}
SELECT '{other}'; --
SELECT U&'\0061'
SELECT E'\x00'
SELECT ''';DROP TABLE usage;--'
SELECT "a""b" FROM usage
SELECT 'ﬀ' COLLATE "x"
select*from usage where 1=1--
' OR '1'='1
)(
SELECT
SELECT * FROM
SELECT * FROM usage WHERE
SELECT * FROM usage GROUP BY
SELECT count(*) OVER (ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM usage LIMIT 1
SELECT * FROM usage ORDER BY 99
SELECT * FROM usage LIMIT -1
SELECT * FROM usage LIMIT 99999999999999999999
SELECT * FROM usage OFFSET 18446744073709551615
