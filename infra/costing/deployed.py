"""Holds the figures of infra/cost.toml that come from template.yaml against it.

A parameter counts with its default. Every figure that says it comes from the template has a
reader here, and every reader its figure: neither can be forgotten. Used by `infra/cost --check`.
"""

import json
import re
from collections import Counter

from samtranslator.yaml_helper import yaml_parse

TEMPLATE = "template.yaml"
# What the names of the audit log's alarms, metrics and secret begin with.
OF_AUDIT_LOG = ("Collector", "Feed", "Webhook")
# Written where something is wrong, or while a candidate policy is tried.
SILENT = {
    "CandidateDiffers",
    "FleetFault",
    "OnDemandUnanswered",
    "PolicyUnread",
    "RefreshesFailedMicrosoft",
    "RefreshesFailedOurs",
    "RefreshesLost",
    "RunsEndedEarly",
}
UNIT_S = {"minute": 60, "hour": 3_600, "day": 86_400}


class Template:
    def __init__(self, text):
        self.parsed = yaml_parse(text)

    def of_type(self, kind):
        """The properties of each resource of a type."""
        resources = self.parsed["Resources"].values()
        return [one.get("Properties", {}) for one in resources if one["Type"] == f"AWS::{kind}"]

    def says(self, resource, *path):
        return self.plain(along(self.parsed["Resources"], resource, "Properties", *path))

    def function_says(self, function, *path):
        own = along(self.parsed["Resources"], function, "Properties", *path)
        return self.plain(along(self.parsed, "Globals", "Function", *path) if own is None else own)

    def plain(self, value):
        """What is said: a number where it is one, `None` where nothing is said."""
        if isinstance(value, dict) and set(value) == {"Ref"}:
            value = along(self.parsed, "Parameters", value["Ref"], "Default")
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        return value


def along(value, *path):
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def seconds(schedule):
    """Of `rate(5 minutes)`; anything else is handed back as it is."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", str(schedule))
    return int(found[1]) * UNIT_S[found[2]] if found else schedule


def named(template, kind, of_audit_log):
    """The properties of each resource of a type that is the audit log's, or is not; without those that a parameter asks for."""
    all_of_it = template.parsed["Resources"].items()
    always = [(name, one) for name, one in all_of_it if "Condition" not in one]
    return [one.get("Properties", {}) for name, one in always if one["Type"] == f"AWS::{kind}" and name.startswith(OF_AUDIT_LOG) == of_audit_log]


def secrets(template, of_audit_log):
    return len(named(template, "SecretsManager::Secret", of_audit_log))


def metrics_of_alarms(template, of_audit_log):
    """What alarms are charged by: an alarm on an expression counts each metric in it."""
    alarms = named(template, "CloudWatch::Alarm", of_audit_log)
    return sum(1 if "MetricName" in alarm else sum("MetricStat" in one for one in alarm.get("Metrics", [])) for alarm in alarms)


def access_line(template):
    """The length of a line of the access log with usual values, its line break included."""
    format = along(template.parsed, "Resources", "HttpApiStage", "Properties", "AccessLogSettings", "Fn::If")[1]["Format"]
    # A folded text of YAML: what the gateway writes is one line with blanks between its lines.
    usual = {"requestId": "JKJaXmPLvHcESHA=", "identity.sourceIp": "203.0.113.7", "routeKey": "$default", "status": "200"}
    return len(re.sub(r"\$context\.([A-Za-z.]+)", lambda found: usual.get(found[1], "-"), format)) + 1


def custom_metrics(template):
    """Those that the dashboard shows, by their kind: tests/scenarios/watching holds that they are all."""
    shown = set()
    for dashboard in template.of_type("CloudWatch::Dashboard"):
        body = json.loads(re.sub(r"\$\{.*?\}", "0", dashboard["DashboardBody"]["Fn::Sub"]))
        for widget in body["widgets"]:
            above = []
            for row in widget["properties"].get("metrics", []):
                names = [name for name in row if isinstance(name, str)]
                # A dot stands for what the line above has there.
                above = [above[place] if name == "." else name for place, name in enumerate(names)]
                shown.add(tuple(above))
    return Counter(kind(names) for names in shown if not names[0].startswith("AWS/"))


def kind(names):
    _, name, *dimension = names
    if name.startswith(OF_AUDIT_LOG) or dimension[-1:] in (["collector"], ["webhook"]):
        return "feed"
    if dimension[-1:] == ["rotator"]:
        # A parameter asks for it.
        return "rotation"
    return "silent" if name in SILENT else "hourly"


def log_days(template):
    """One figure, as every log group has the same; else all of them."""
    days = {template.plain(group.get("RetentionInDays")) for group in template.of_type("Logs::LogGroup")}
    return days.pop() if len(days) == 1 else " and ".join(sorted(map(said, days)))


READERS = {
    "outage_to_survive_s": lambda it: it.function_says("RefresherFunction", "Environment", "Variables", "OUTAGE_TO_SURVIVE_SECONDS"),
    "schedule_s": lambda it: seconds(it.says("RefresherSchedule", "ScheduleExpression")),
    "refresher_timeout_s": lambda it: it.function_says("RefresherFunction", "Timeout"),
    "concurrency": lambda it: it.function_says("RefresherFunction", "Environment", "Variables", "REFRESH_CONCURRENCY"),
    "refresher_mb": lambda it: it.function_says("RefresherFunction", "MemorySize"),
    "on_demand_mb": lambda it: it.function_says("RefresherOnDemandFunction", "MemorySize"),
    "vending_mb": lambda it: it.function_says("VendingFunction", "MemorySize"),
    "feed_schedule_s": lambda it: seconds(it.says("CollectorSchedule", "ScheduleExpression")),
    "feed_concurrency": lambda it: it.function_says("CollectorFunction", "Environment", "Variables", "FEED_CONCURRENCY"),
    "collector_mb": lambda it: it.function_says("CollectorFunction", "MemorySize"),
    "worker_mb": lambda it: it.function_says("CollectorWorkerFunction", "MemorySize"),
    "webhook_mb": lambda it: it.function_says("WebhookFunction", "MemorySize"),
    "secrets": lambda it: secrets(it, False),
    "feed_secrets": lambda it: secrets(it, True),
    "metrics": lambda it: custom_metrics(it)["hourly"],
    "silent_metrics": lambda it: custom_metrics(it)["silent"],
    "feed_metrics": lambda it: custom_metrics(it)["feed"],
    "alarms": lambda it: metrics_of_alarms(it, False),
    "feed_alarms": lambda it: metrics_of_alarms(it, True),
    "access_bytes": access_line,
    "access_log": lambda it: int(it.plain({"Ref": "HttpApiAccessLog"}) == "true"),
    "dashboards": lambda it: len(it.of_type("CloudWatch::Dashboard")),
    "log_days": log_days,
}


def said(value):
    return "nothing" if value is None else str(value)


def differences(text, deployment):
    """A line for each figure of `[deployment]` that the template, given as text, says otherwise."""
    template = Template(text)
    figures = {name: row for name, row in deployment.items() if row["where"] == TEMPLATE}
    for name in sorted(figures.keys() ^ READERS.keys()):
        lacking = "reader in infra/costing/deployed.py" if name in figures else f"figure from {TEMPLATE} in infra/cost.toml"
        yield f"{name} has no {lacking}: add it, or take its other half away"
    for name in (name for name in figures if name in READERS):
        found, held = READERS[name](template), figures[name]["value"]
        if found != held:
            yield (
                f"{name}: {TEMPLATE} says {said(found)}, infra/cost.toml says {held}: "
                "where the template is right, change infra/cost.toml and run infra/cost > infra/guides/cost.md"
            )
