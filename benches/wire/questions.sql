-- Asked of us and of a PostgreSQL 15 with the same rows: one a line, answers must be equal, with names and types of columns.
SELECT count(*) FROM usage
SELECT meter, count(*), sum(quantity)::bigint AS total, min(quantity), max(quantity) FROM usage GROUP BY meter ORDER BY meter
SELECT source, sum(quantity)::bigint FROM usage WHERE quantity > 100 GROUP BY source ORDER BY 2 DESC, 1
SELECT date_trunc('day', at) AS day, count(*) FROM usage GROUP BY 1 ORDER BY 1
SELECT extract(year FROM at)::int AS y, extract(month FROM at)::int AS m, count(*) FROM usage GROUP BY 1, 2 ORDER BY 1, 2
SELECT number, meter, quantity, unit, at FROM usage ORDER BY number LIMIT 50
SELECT number, at FROM usage WHERE at BETWEEN '2020-01-01T00:00:00Z' AND '2100-01-01T00:00:00Z' ORDER BY number DESC LIMIT 7
SELECT (floor(extract(epoch FROM at)/300)*300)::bigint AS time, count(*)::bigint AS value FROM usage GROUP BY 1 ORDER BY 1 LIMIT 20
SELECT DISTINCT unit FROM usage
SELECT upper(meter), lower(source), length(meter), substr(source, 1, 3) FROM usage ORDER BY number LIMIT 5
SELECT meter || '/' || source AS both FROM usage ORDER BY number LIMIT 5
SELECT CASE WHEN quantity < 0 THEN 'back' ELSE 'on' END AS kind, count(*) FROM usage GROUP BY 1 ORDER BY 1
SELECT avg(quantity)::float8 AS mean FROM usage
SELECT sum(quantity)::float8 / 3 AS third FROM usage
SELECT user_id, job_id, corrects FROM usage ORDER BY number LIMIT 3
SELECT count(*) FILTER (WHERE meter = 'mails') AS mails, count(DISTINCT source) AS sources FROM usage
SELECT meter, quantity, rank() OVER (PARTITION BY meter ORDER BY quantity DESC, number) AS place FROM usage ORDER BY meter, place LIMIT 12
WITH days AS (SELECT date_trunc('day', at) AS day, sum(quantity)::bigint AS total FROM usage GROUP BY 1) SELECT day, total, (sum(total) OVER (ORDER BY day))::bigint AS running FROM days ORDER BY day LIMIT 10
SELECT a.number, b.number AS next FROM usage a JOIN usage b ON b.number = a.number + 1 WHERE a.number < 105 ORDER BY 1
SELECT meter FROM usage WHERE source = 'crm-1' INTERSECT SELECT meter FROM usage WHERE source = 'crm-2' ORDER BY 1
SELECT number FROM usage WHERE meter LIKE 'ma%' AND source IN ('crm-1', 'crm-3') AND NOT quantity BETWEEN 0 AND 900 ORDER BY 1
SELECT number FROM usage WHERE number IN (SELECT number FROM usage WHERE quantity = 5) ORDER BY 1
SELECT number FROM usage u WHERE EXISTS (SELECT 1 FROM usage v WHERE v.number = u.number - 1 AND v.quantity > 970) ORDER BY 1
SELECT coalesce(user_id, 'nobody') AS who, nullif(meter, 'sms') AS what FROM usage ORDER BY number LIMIT 4
SELECT quantity::text, quantity::float8, quantity::numeric(12,2), quantity::smallint FROM usage ORDER BY number LIMIT 6
SELECT 1::int, 2.5::float8, 'text', NULL::text, true, DATE '2024-02-29', TIMESTAMP '1999-12-31 23:59:59.123456'
SELECT ('2026-11-22'::date + INTERVAL '1 day')::date AS tomorrow, INTERVAL '1 year 2 months 3 days 04:05:06' AS span
SELECT 1e15::float8, 1e-5::float8, 123456.789::float8, 0.1::real, 'NaN'::float8
SELECT ARRAY[1::bigint,2,3] AS numbers, ARRAY['a b','c"d',NULL] AS texts
SELECT (1)::bigint UNION ALL SELECT 2::bigint ORDER BY 1
SELECT round(quantity / 7.0::float8) AS r, abs(quantity) AS a FROM usage ORDER BY number LIMIT 5
VALUES (1::bigint, 'a'), (2, 'b')
