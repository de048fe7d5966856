#!/usr/bin/env python3
"""Reports of a real appliance as PDF, one a language: papers.py PROGRAM FOLDER. Run by run.sh.

Poppler must read the words of each again, those from right to left in their order.
"""
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "doors"))
from ingest import cloud_events, moment, over_https  # noqa: E402
import run  # noqa: E402
from run import House, check  # noqa: E402

SINCE = "at >= $from AND at < $to"
CHARTS = [
    ("line", "SELECT date_trunc($bucket, at) AS day, sum(quantity) AS n FROM usage WHERE {} GROUP BY 1 ORDER BY 1"),
    ("bar", "SELECT meter, count(*) AS n FROM usage WHERE {} GROUP BY 1 ORDER BY 2 DESC"),
    ("donut", "SELECT meter, sum(quantity) AS n FROM usage WHERE {} GROUP BY 1"),
    ("value", "SELECT sum(quantity) AS n FROM usage WHERE {}"),
    ("table", "SELECT event_id, meter, quantity FROM usage WHERE {} ORDER BY event_id LIMIT 100"),
]
WORDS = {
    "en": ("Use of the services", "What was used, by day and by service", "How much"),
    "de": ("Nutzung der Dienste", "Was genutzt wurde, nach Tag und Dienst", "Wie viel"),
    "ar": ("تقرير الاستخدام الشهري", "ما تم استخدامه (120 مرة) حسب اليوم والخدمة", "كم مرة في Render 2"),
    "ja": ("サービスの利用", "日とサービスごとの利用", "利用量"),
}


def main():
    program, folder = sys.argv[1], Path(sys.argv[2])
    house = House(program, ["report:read", "report:create", "report:export", "dashboard:manage"])
    try:
        over_https(house, "rows", cloud_events, "application/cloudevents-batch+json", 2)
        until = moment().date() + timedelta(days=1)
        for language, (title, about, chart) in WORDS.items():
            sections = [
                {"id": f"s{n}", "chart": {"type": kind, "title": f"{chart} {n + 1}", "description": about, "query": {"sql": sql.format(SINCE)}}}
                for n, (kind, sql) in enumerate(CHARTS)
            ]
            report = house.ask("POST", "/v1/reports", {
                "title": title, "description": about, "language": language, "zone": "Europe/Berlin",
                "period": f"{until - timedelta(days=30)}/{until}", "sections": sections})
            ran = house.ask("POST", f"/v1/reports/{report['id']}/runs")
            made = folder / f"report.{language}.pdf"
            made.write_bytes(house.ask("GET", f"/v1/report-runs/{ran['id']}/file?form=pdf"))
            read = subprocess.run(["pdftotext", made, "-"], check=True, capture_output=True, text=True).stdout
            # Marks of direction are Poppler's, and stand between words: the space after a number goes inside of its marks, on the
            # side where it is seen, so that without them the number and the next word would be one.
            words = set(re.findall(r"\w+", re.sub("[\u200e\u200f\u202a-\u202e]", " ", read)))
            lost = [word for word in re.findall(r"\w+", f"{title} {about} {chart}") if word not in words and language != "ja"]
            check(f"{language}: Poppler reads the words of the report", lost, [])
    finally:
        house.close()
    sys.exit(run.failed > 0)


main()
