"""Readers that others wrote, of the objects that the collector stores: Python's gzip and json,
DuckDB, and jq (PyPI's binding of libjq). Each reads by itself and says what it saw; what is right
is said by the test.

OBJECTS: the directory of the objects. stdout, one line of JSON: for each reader its records, sorted,
as [SHA-256 of the record's text, Id, ItemSize as text], the first `null` where a reader does not
show the text. `disordered` lists records whose keys Python reads in another order than the bytes
have them.
"""

import glob
import gzip
import hashlib
import json
import os
import re

import duckdb
import jq

directory = os.environ["OBJECTS"]


def lines():
    """Every line of every object, as gzip gives it: b"\\n" ends a record, and nothing else does."""
    for path in sorted(glob.glob(f"{directory}/**/*.json.gz", recursive=True)):
        with gzip.open(path) as file:
            yield from (line.removesuffix(b"\n") for line in file)


def by_python(line):
    record = json.loads(line)
    return [hashlib.sha256(line).hexdigest(), record.get("Id"), str(record["ItemSize"])]


def is_in_order(line):
    text = line.decode()
    places = [re.search(rf'"{re.escape(key)}"\s*:', text).start() for key in json.loads(text)]
    return places == sorted(places)


def by_duckdb(suffix):
    if not glob.glob(f"{directory}/**/*.json.{suffix}", recursive=True):
        return []
    query = f"""
        SELECT sha256(json::VARCHAR), json->>'Id', json->>'ItemSize'
        FROM read_ndjson_objects('{directory}/**/*.json.{suffix}', hive_partitioning = true)
    """
    return [list(row) for row in duckdb.sql(query).fetchall()]


def by_jq():
    program = jq.compile('[.Id, (.ItemSize | tostring)]')
    text = b"\n".join(lines()).decode()
    return [[None, *found] for found in program.input_text(text).all()]


print(
    json.dumps(
        {
            "python": sorted(map(by_python, lines())),
            "disordered": [line.decode() for line in lines() if not is_in_order(line)],
            "duckdb": sorted(by_duckdb("gz")),
            "duckdb_zstd": sorted(by_duckdb("zst")),
            "jq": sorted(by_jq(), key=str),
        }
    )
)
