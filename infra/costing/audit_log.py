"""What the audit log of the tenants costs a month besides: requests, units, dollars.

Three kinds of tenants: one that is quiet (every listing is empty, and it is asked as seldom as the
setting allows), a usual one and a large one, as infra/cost.toml assumes them. Notifications are on.
Used by infra/cost, which makes the page.
"""

import math
from types import SimpleNamespace

DAYS = 30
DAY = 86_400
MILLION = 1_000_000
GB = 2**30
QUIET, USUAL, LARGE = "quiet", "usual", "large"
# Fleets, and what all of their tenants are.
CASES = tuple((tenants, kind) for tenants in (1_000, 10_000) for kind in (QUIET, USUAL, LARGE))


def turns(of):
    return DAYS * DAY / of.feed_schedule_s


def habits(kind, of):
    """Of a tenant of this kind: listings and batches a day and type, contents of a batch, MB a day."""
    return {
        QUIET: SimpleNamespace(lists=of.feed_quiet_lists_a_day, batches=0, contents=0, mb=0),
        USUAL: SimpleNamespace(lists=of.feed_lists_a_day, batches=of.feed_batches_a_day, contents=of.feed_contents_a_batch, mb=of.feed_mb_a_day),
        LARGE: SimpleNamespace(lists=of.feed_lists_a_day, batches=of.feed_large_batches_a_day, contents=of.feed_large_contents_a_batch, mb=of.feed_large_mb_a_day),
    }[kind]


def tenant(kind, of):
    """What one tenant makes in a month."""
    has = habits(kind, of)
    contents = has.batches * has.contents * of.feed_types * DAYS
    # Each has one type of the tenant listed at once, and what is new becomes a batch.
    notified = contents / of.feed_contents_a_notification
    return SimpleNamespace(
        # Turns of the schedule: the types are listed in the same ones.
        turns=min(turns(of), has.lists * DAYS),
        scheduled=has.lists * of.feed_types * DAYS,
        notified=notified,
        batches=max(has.batches * of.feed_types * DAYS, notified),
        # The types talk in the same intervals.
        rows=min(has.batches * DAYS, turns(of)),
        contents=contents,
        raw_gb=has.mb * DAYS / 1_024,
    )


def workers_s(one, of):
    """Seconds of a worker: what is notified it lists and fetches, some messages side by side."""
    waiting_ms = one.notified * (of.feed_list_ms + 4 * of.table_ms) + one.contents * of.feed_content_ms + one.batches * (of.feed_put_ms + 3 * of.table_ms)
    share = min(1, of.worker_mb / of.full_cpu_mb)
    computing_ms = ((one.notified + one.contents) * of.feed_request_cpu_us / 1_000 + one.raw_gb * 1_024 * of.feed_cpu_ms_a_mb) / share
    return max(waiting_ms / of.feed_messages_a_batch, computing_ms) / 1_000


def run_s(tenants, one, of):
    """A tenant's requests follow each other; tenants go side by side."""
    share = min(1, of.collector_mb / of.full_cpu_mb)
    waiting_ms = (one.scheduled * of.feed_list_ms + 2 * one.turns * of.table_ms) / of.feed_concurrency
    computing_ms = (one.scheduled * of.feed_request_cpu_us / 1_000 + one.turns * of.table_call_cpu_us / 1_000) / share
    return of.run_ms / 1_000 + tenants * max(waiting_ms, computing_ms) / 1_000 / turns(of)


def month(tenants, kind, of, renewal_s, by_url):
    """`by_url`: dollars of a million vends by the function URL."""
    one = tenant(kind, of)
    run = run_s(tenants, one, of)
    worked = tenants * workers_s(one, of)
    batches_of_queue = tenants * one.notified / of.feed_messages_a_batch
    listings = one.scheduled + one.notified
    every_run = of.feed_run_read_units + math.ceil(tenants * of.census_bytes / 4_096) / 2 + math.ceil(tenants * of.feed_index_bytes / 4_096) / 2
    return SimpleNamespace(
        tenants=tenants,
        kind=kind,
        listings=tenants * listings,
        contents=tenants * one.contents,
        notified=tenants * one.notified,
        vends=tenants * DAYS * DAY / renewal_s,
        vend_dollars=tenants * DAYS * DAY / renewal_s * by_url / MILLION,
        reads=tenants * (one.turns * of.feed_turn_read_units + one.batches * of.feed_named_read_units + one.notified * of.feed_woken_read_units) + turns(of) * every_run,
        writes=tenants * (DAYS * of.feed_idle_write_units + max(one.rows, one.notified) * of.feed_row_write_units + one.batches * of.feed_batch_write_units) + turns(of) * of.shards * of.lease_write_units,
        # Sent, received, deleted; the mapping asks whether or not there is something.
        queue_requests=tenants * one.notified + 2 * batches_of_queue + of.feed_polls_a_minute * DAYS * DAY / 60,
        puts=tenants * one.batches,
        stored_gb=tenants * one.raw_gb / of.feed_compressed_to,
        table_gb=tenants * (of.feed_row_bytes + one.batches / DAYS * of.feed_batch_days * of.feed_batch_bytes) / GB,
        run_s=run,
        run_gb_seconds=turns(of) * run * of.collector_mb / 1_024,
        invocations=tenants * one.notified + batches_of_queue,
        gb_seconds=worked * of.worker_mb / 1_024 + tenants * one.notified * of.feed_webhook_ms / 1_000 * of.webhook_mb / 1_024,
        sent_gb=tenants * (listings + one.contents) * of.feed_request_bytes / GB,
        log_gb=(turns(of) + batches_of_queue) * (of.platform_bytes + of.metric_bytes) / GB + tenants * one.notified * (of.platform_bytes + of.feed_notified_bytes + of.access_bytes) / GB,
    )


def costs(of, price, how):
    """Lines of the bill, in dollars."""
    return {
        "Lambda: the schedule": turns(how) * price.lambda_requests / MILLION + of.run_gb_seconds * price.lambda_gb_second,
        "Lambda: webhook and workers": of.invocations * price.lambda_requests / MILLION + of.gb_seconds * price.lambda_gb_second,
        "HTTP API: notifications": of.notified * price.http_api / MILLION,
        "SQS": of.queue_requests * price.queue_requests / MILLION,
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
    each = ["**a tenant**"] + [f"**{sum(one.values()) / of.tenants:,.4f}**" for of, one in zip(months, bills)]
    return table(["dollars a month", *(f"{one.tenants:,} {one.kind}" for one in months)], rows + [total, each])


def mixed(months, price, how, tenants):
    """Dollars of a fleet of which 95 of 100 are quiet, 4 usual and one large."""
    each = {one.kind: sum(costs(one, price, how).values()) / one.tenants for one in months if one.tenants == tenants}
    return tenants * (0.95 * each[QUIET] + 0.04 * each[USUAL] + 0.01 * each[LARGE])


def amounts(table, months, how):
    counts = {
        "listings": "listings",
        "contents fetched": "contents",
        "notifications": "notified",
        "vends": "vends",
        "read units": "reads",
        "write units": "writes",
        "requests of the queue": "queue_requests",
        "objects put": "puts",
    }
    rows = [[name] + [f"{getattr(one, field):,.0f}" for one in months] for name, field in counts.items()]
    rows.append(["requests to Microsoft a tenant"] + [f"{(one.listings + one.contents) / one.tenants:,.0f}" for one in months])
    rows.append(["write units a tenant"] + [f"{one.writes / one.tenants:,.0f}" for one in months])
    rows.append(["objects, GB"] + [f"{one.stored_gb:,.1f}" for one in months])
    rows.append(["sent to Microsoft, GB"] + [f"{one.sent_gb:,.1f}" for one in months])
    rows.append([f"a run, s (of {how.feed_schedule_s})"] + [f"{one.run_s:,.1f}" for one in months])
    rows.append(["GB-seconds of the schedule"] + [f"{one.run_gb_seconds:,.0f}" for one in months])
    rows.append(["GB-seconds of webhook and workers"] + [f"{one.gb_seconds:,.0f}" for one in months])
    return table(["a month", *(f"{one.tenants:,} {one.kind}" for one in months)], rows)


def overrun(months, how):
    late = [f"{one.tenants:,} {one.kind}" for one in months if one.run_s > how.feed_schedule_s]
    if not late:
        return "Every run ends before the next one."
    return f"At {', '.join(late)} tenants one process is not enough: shards are then shared by several, at the same GB-seconds."


def section(table, price, how, renewal_s, by_url):
    """The part of the page."""
    months = [month(tenants, kind, how, renewal_s, by_url) for tenants, kind in CASES]
    large = how.feed_large_mb_a_day * DAYS / 1_024 / how.feed_compressed_to
    fleets = [f"{mixed(months, price, how, tenants):,.0f} dollars at {tenants:,} tenants" for tenants in (1_000, 10_000)]
    return f"""\
## The audit log

Besides the above, where the collector runs: {how.feed_types} content types, every {how.feed_schedule_s} s, with notifications. **All of it is computed**, from decisions
0060 and 0067 and from what is measured and assumed below; nothing was measured in an account. *Quiet*: every listing is empty, and a tenant is asked as seldom as
`FeedLagMaxSeconds` allows. *Usual*: {how.feed_batches_a_day} batches a day and type, {how.feed_mb_a_day} MB of records a day. *Large*: {how.feed_large_batches_a_day} batches a day and type,
{how.feed_large_mb_a_day:,} MB a day, some 10,000 people.

{bill(table, months, price, how)}

A fleet of which 95 of 100 tenants are quiet, four usual and one large costs {" and ".join(fleets)}. Each month whose objects are kept adds its line
of S3 again, for as long as they are kept. What is sent is mostly the bearer token of each request.

{amounts(table, months, how)}

{overrun(months, how)}

- A quiet tenant is listed {how.feed_quiet_lists_a_day} times a day and type, another one {how.feed_lists_a_day} times (every interval, and twice for each of the passes after a day and on
  day six); its row is read in each turn ({how.feed_turn_read_units:g} unit), and a quiet one's writes take {how.feed_idle_write_units:g} units a day. Each run lists all tenants besides.
- A batch is two writes of {how.feed_batch_write_units / 2:g} unit, one put, {how.feed_named_read_units:g} read units for what is known of its window, and a share of the row's write. With
  notifications there is one for each of them, where those are more: smaller objects, and more of them.
- A notification is {1 / how.feed_contents_a_notification:g} of a content. It is one request of the HTTP API, one message, a listing by a worker ({how.feed_woken_read_units:g} read units) and a write of the row; what it
  speaks of the worker fetches, {how.feed_messages_a_batch} messages side by side. Without notifications (`FeedWebhookUrl` `none`) the lines "HTTP API", "SQS" and "webhook and workers" go,
  and fetching is the schedule's, which shares the waiting between {how.feed_concurrency} tenants.
- The queue is asked {how.feed_polls_a_minute} times a minute whether or not there is something.
- A token is asked for once in each cycle of its renewals, every {renewal_s} s: a quarter of an hour before its end the one is there that was
  renewed since (counted). A vend counts as one by the function URL.
- Left out: **Athena**, which charges {price.athena_tb:g} dollars for a TB that it reads, compressed: a query over a month of all of a large tenant reads {large:,.1f} GB, {large / 1_024 * price.athena_tb:.2f} dollars, and
  one that names type and days a part of it; objects in Glacier Instant Retrieval, dearer to read; S3's requests of readers; a flood of the webhook, 260
  dollars a month at most by its route's rate.
"""
