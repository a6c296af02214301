"""Plays Athena over what the collector stored: computes the partitions of the template's table, as
partition projection does, reads the lines of the objects in them, and runs queries that are written in
Athena's SQL. sqlglot (MIT) reads that and says it in DuckDB's, which runs it: neither knows our code.

TABLE: the table's name. stdin, one line of JSON: `parameters` of the table (the Glue catalog's names), with a
directory in the place of the bucket; `tenants`, the values that a query may name; `today`; `queries`.
stdout, one line of JSON: `partitions`, how many there are; `files`, those that lie in one, sorted;
`results`, for each query its rows; `spelled`, each query in DuckDB's SQL.
"""

import datetime
import glob
import itertools
import json
import os
import re
import sys

import duckdb
import sqlglot

FORMATS = {"yyyy-MM-dd": "%Y-%m-%d"}


def days(projection, today):
    """Of a `date` projection with an interval of a day."""
    assert (projection["interval"], projection["interval.unit"]) == ("1", "DAYS"), projection
    form = FORMATS[projection["format"]]
    start, end = projection["range"].split(",")
    at = datetime.datetime.strptime(start, form).date()
    last = today if end == "NOW" else datetime.datetime.strptime(end, form).date()
    while at <= last:
        yield at.strftime(form)
        at += datetime.timedelta(days=1)


def values(name, parameters, tenants, today):
    """What a partition column can be: (Athena User Guide, "Supported types for partition projection")."""
    prefix = f"projection.{name}."
    projection = {key.removeprefix(prefix): value for key, value in parameters.items() if key.startswith(prefix)}
    match projection.pop("type"):
        case "injected":
            return list(tenants)
        case "enum":
            return projection["values"].split(",")
        case "date":
            return list(days(projection, today))
        case other:
            raise SystemExit(f"no projection is called {other}")


def partitions(parameters, tenants, today):
    """Each with its columns and its place."""
    assert parameters["projection.enabled"] == "true"
    template = parameters["storage.location.template"]
    names = re.findall(r"\$\{(\w+)\}", template)
    for chosen in itertools.product(*(values(name, parameters, tenants, today) for name in names)):
        columns = dict(zip(names, chosen))
        place = template
        for name, value in columns.items():
            place = place.replace(f"${{{name}}}", value)
        yield columns, place


def lines(connection, files):
    """A line is a record, and nothing in it parts columns or quotes: as LazySimpleSerDe reads one column."""
    return connection.execute(
        """SELECT record FROM read_csv(?, columns = {'record': 'VARCHAR'}, auto_detect = false, header = false,
           delim = '\x01', quote = '', escape = '', max_line_size = 67108864)""",
        [files],
    ).fetchall()


def load(connection, asked):
    """Every line that lies in a partition; hidden files are none of a table's (Hive)."""
    schema, table = os.environ["TABLE"].split(".")
    connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"CREATE TABLE {schema}.{table} (record VARCHAR, tenant VARCHAR, type VARCHAR, day VARCHAR)")
    today = datetime.date.fromisoformat(asked["today"])
    count, found = 0, []
    for columns, place in partitions(asked["parameters"], asked["tenants"], today):
        count += 1
        files = sorted(path for path in glob.glob(f"{glob.escape(place)}*") if os.path.isfile(path))
        if not files:
            continue
        found += files
        rows = [(record, columns["tenant"], columns["type"], columns["day"]) for (record,) in lines(connection, files)]
        connection.executemany(f"INSERT INTO {schema}.{table} VALUES (?, ?, ?, ?)", rows)
    return count, sorted(found)


def spelled(query):
    """In DuckDB's words; a query that is not Athena's is an error."""
    (statement,) = sqlglot.transpile(query, read="athena", write="duckdb", error_level=sqlglot.ErrorLevel.RAISE)
    return statement


asked = json.loads(sys.stdin.readline())
connection = duckdb.connect()
count, files = load(connection, asked)
statements = [spelled(query) for query in asked["queries"]]
print(
    json.dumps(
        {
            "partitions": count,
            "files": files,
            "results": [connection.sql(statement).fetchall() for statement in statements],
            "spelled": statements,
        }
    ),
    flush=True,
)
