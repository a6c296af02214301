"""What the audit log of the tenants costs a month besides: requests, units, dollars.

Two kinds of tenants: one that is idle (every listing is empty) and one that talks as
infra/cost.toml assumes it. Used by infra/cost, which makes the page.
"""

import math
from types import SimpleNamespace

DAYS = 30
DAY = 86_400
MILLION = 1_000_000
GB = 2**30
IDLE, TALKING = "idle", "talking"
# Fleets, and what all of their tenants do.
CASES = ((1_000, IDLE), (10_000, IDLE), (1_000, TALKING), (10_000, TALKING))


def turns(of):
    return DAYS * DAY / of.feed_schedule_s


def talked(kind, of):
    """What a tenant of this kind adds in a month to what an idle one does."""
    share = 1 if kind == TALKING else 0
    batches = share * of.feed_batches_a_day * of.feed_types * DAYS
    return SimpleNamespace(
        batches=batches,
        # The types talk in the same intervals.
        rows=share * min(of.feed_batches_a_day * DAYS, turns(of)),
        contents=batches * of.feed_contents_a_batch,
        raw_gb=share * of.feed_mb_a_day * DAYS / 1_024,
    )


def month(tenants, kind, of, renewal_s, by_url):
    """`by_url`: dollars of a million vends by the function URL."""
    more = talked(kind, of)
    listings = of.feed_lists_a_day * of.feed_types * DAYS
    share = min(1, of.collector_mb / of.full_cpu_mb)
    # A tenant's requests follow each other; tenants go side by side.
    waiting_ms = (listings * of.feed_list_ms + more.contents * of.feed_content_ms + 2 * turns(of) * of.table_ms + more.batches * (of.feed_put_ms + 3 * of.table_ms)) / of.feed_concurrency
    computing_ms = ((listings + more.contents) * of.feed_request_cpu_us / 1_000 + turns(of) * of.table_call_cpu_us / 1_000 + more.raw_gb * 1_024 * of.feed_cpu_ms_a_mb) / share
    run_s = of.run_ms / 1_000 + tenants * max(waiting_ms, computing_ms) / 1_000 / turns(of)
    asked = listings + more.contents
    return SimpleNamespace(
        tenants=tenants,
        kind=kind,
        listings=tenants * listings,
        contents=tenants * more.contents,
        vends=tenants * DAYS * DAY / renewal_s,
        vend_dollars=tenants * DAYS * DAY / renewal_s * by_url / MILLION,
        reads=tenants * (turns(of) * of.feed_turn_read_units + more.batches * of.feed_named_read_units) + turns(of) * (of.feed_run_read_units + math.ceil(tenants * of.census_bytes / 4_096) / 2 + math.ceil(tenants * of.feed_index_bytes / 4_096) / 2),
        writes=tenants * (DAYS * of.feed_idle_write_units + more.rows * of.feed_row_write_units + more.batches * of.feed_batch_write_units) + turns(of) * of.shards * of.lease_write_units,
        puts=tenants * more.batches,
        stored_gb=tenants * more.raw_gb / of.feed_compressed_to,
        table_gb=tenants * (of.feed_row_bytes + more.batches / DAYS * of.feed_batch_days * of.feed_batch_bytes) / GB,
        run_s=run_s,
        gb_seconds=turns(of) * run_s * of.collector_mb / 1_024,
        sent_gb=tenants * asked * of.feed_request_bytes / GB,
        log_gb=turns(of) * (of.platform_bytes + of.metric_bytes) / GB,
    )


def costs(of, price, how):
    """Lines of the bill, in dollars."""
    return {
        "Lambda: the collector": turns(how) * price.lambda_requests / MILLION + of.gb_seconds * price.lambda_gb_second,
        "vends of the collector": of.vend_dollars,
        "DynamoDB: reads": of.reads * price.read_units / MILLION,
        "DynamoDB: writes": of.writes * price.write_units / MILLION,
        "DynamoDB: storage, recovery": of.table_gb * (price.table_gb + price.recovery_gb),
        "S3: puts": of.puts * price.object_puts / 1_000,
        "S3: a month's objects, kept a month": of.stored_gb * price.object_gb,
        "Sent to Microsoft": of.sent_gb * price.transfer_out,
        "Logs": of.log_gb * (price.log_ingestion + price.log_storage * how.log_days / DAYS),
        "Schedule": turns(how) * price.schedule / MILLION,
    }


def bill(table, months, price, how):
    bills = [costs(one, price, how) for one in months]
    rows = [[name] + [f"{one[name]:,.2f}" for one in bills] for name in bills[0]]
    total = ["**all**"] + [f"**{sum(one.values()):,.2f}**" for one in bills]
    each = ["a tenant"] + [f"{sum(one.values()) / of.tenants:,.4f}" for of, one in zip(months, bills)]
    return table(["dollars a month", *(f"{one.tenants:,} {one.kind}" for one in months)], rows + [total, each])


def amounts(table, months, how):
    counts = {
        "listings": "listings",
        "contents fetched": "contents",
        "vends": "vends",
        "read units": "reads",
        "write units": "writes",
        "objects put": "puts",
    }
    rows = [[name] + [f"{getattr(one, field):,.0f}" for one in months] for name, field in counts.items()]
    rows.append(["requests to Microsoft a tenant"] + [f"{(one.listings + one.contents) / one.tenants:,.0f}" for one in months])
    rows.append(["write units a tenant"] + [f"{one.writes / one.tenants:,.0f}" for one in months])
    rows.append(["objects, GB"] + [f"{one.stored_gb:,.1f}" for one in months])
    rows.append(["sent to Microsoft, GB"] + [f"{one.sent_gb:,.1f}" for one in months])
    rows.append([f"a run, s (of {how.feed_schedule_s})"] + [f"{one.run_s:,.1f}" for one in months])
    rows.append(["GB-seconds"] + [f"{one.gb_seconds:,.0f}" for one in months])
    return table(["a month", *(f"{one.tenants:,} {one.kind}" for one in months)], rows)


def overrun(months, how):
    late = [f"{one.tenants:,} {one.kind}" for one in months if one.run_s > how.feed_schedule_s]
    if not late:
        return "Every run ends before the next one."
    return f"At {', '.join(late)} tenants one process is not enough: shards are then shared by several, at the same GB-seconds."


def section(table, price, how, renewal_s, by_url):
    """The part of the page."""
    months = [month(tenants, kind, how, renewal_s, by_url) for tenants, kind in CASES]
    every = DAYS * DAY / how.feed_schedule_s * how.feed_types
    most = every * price.object_puts / 1_000
    return f"""\
## The audit log

Besides the above, where the collector runs: {how.feed_types} content types, every {how.feed_schedule_s} s. What an idle tenant asks, reads and writes
was counted on two emulators (`bench idle`); **the rest is computed**, from decision 0060 and from what is assumed below. Nothing was measured in an account. *Idle*: every listing is empty. *Talking*: {how.feed_batches_a_day} batches a
day and type, {how.feed_mb_a_day} MB of records a day.

{bill(table, months, price, how)}

Each month whose objects are kept adds its line of S3 again, for as long as they are kept. Puts follow the batches: a
tenant with content in every interval and type makes {every:,.0f}, {most:.2f} dollars a month. What is sent is mostly the bearer token of each
listing.

{amounts(table, months, how)}

{overrun(months, how)}

- An idle tenant is listed {how.feed_lists_a_day} times a day and type (every interval, and twice for each of the passes after a day and on
  day six), its row is read in each turn ({how.feed_turn_read_units:g} unit) and its writes take {how.feed_idle_write_units:g} units a day. Each run lists all tenants besides.
- A batch is two writes of {how.feed_batch_write_units / 2:g} unit, one put, {how.feed_named_read_units:g} read units for what is known of its window, and a share of the row's write.
- A token is asked for once in each cycle of its renewals, every {renewal_s} s: a quarter of an hour before its end the one is there that was
  renewed since (counted). A vend counts as one by the function URL.
- A run takes the larger of waiting, shared by {how.feed_concurrency} tenants at a time, and computing.
"""
