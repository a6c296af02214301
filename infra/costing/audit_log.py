"""What the audit log of the tenants costs a month besides: requests, units, dollars.

Three kinds of tenants, whose days were counted (`days` in infra/cost.toml), and a fleet of which 95
of 100 are quiet; with webhooks and without. Used by infra/cost, which makes the page.
"""

import math
from types import SimpleNamespace

from costing.logs import kept

DAYS = 30
DAY = 86_400
MILLION = 1_000_000
GB = 2**30
QUIET, USUAL, LARGE, MIXED = "quiet", "usual", "large", "95 % quiet"
# What part of a mixed fleet is of a kind.
PARTS = {QUIET: 0.95, USUAL: 0.04, LARGE: 0.01}
FLEETS = (1_000, 10_000)
CASES = tuple((tenants, kind) for tenants in FLEETS for kind in (*PARTS, MIXED))
# DynamoDB's: a strongly consistent read takes a unit for each 4 KB begun.
READ_BYTES = 4_096
TABLE_CALLS_A_BATCH, TABLE_CALLS_A_MESSAGE = 3, 4


def turns(of):
    return DAYS * DAY / of.feed_schedule_s


def query_units(day, of):
    """What is known of windows: a query is rounded up, by a half on average, and is one at least."""
    return max(day.batch_queries, day.batch_rows * of.feed_batch_bytes / READ_BYTES + day.batch_queries / 2)


def tenant(kind, is_woken, of):
    """What a tenant of this kind makes in a day; a mixed fleet's is its average."""
    if kind == MIXED:
        all_kinds = {one: vars(tenant(one, is_woken, of)) for one in PARTS}
        names = all_kinds[QUIET]
        return SimpleNamespace(**{name: sum(part * all_kinds[one][name] for one, part in PARTS.items()) for name in names})
    day = of.days[kind + "_woken" * is_woken]
    mb = {QUIET: 0, USUAL: of.feed_mb_a_day, LARGE: of.feed_large_mb_a_day}[kind]
    row_units = of.feed_idle_row_write_units if kind == QUIET else of.feed_row_write_units
    by_workers = day.woken_contents / day.contents if day.contents else 0
    return SimpleNamespace(
        **vars(day),
        others=of.feed_webhook_lists_a_day if is_woken else 0,
        mb=mb,
        worked_mb=mb * by_workers,
        worked_objects=day.objects * by_workers,
        read_units=day.row_reads * of.feed_turn_read_units
        + day.tenant_reads * of.feed_tenant_read_units
        + day.lease_reads * of.feed_lease_read_units
        + query_units(day, of),
        write_units=day.row_writes * row_units + day.batch_writes * of.feed_batch_write_units,
    )


def taken_s(of, memory_mb, side_by_side, done):
    """Seconds of a function: its waiting is shared by what is side by side, its computing is not."""
    share = min(1, memory_mb / of.full_cpu_mb)
    calls = TABLE_CALLS_A_BATCH * done.objects + TABLE_CALLS_A_MESSAGE * done.messages + 2 * done.turns
    requests = done.listings + done.contents
    waiting_ms = done.listings * of.feed_list_ms + done.contents * of.feed_content_ms + done.objects * of.feed_put_ms + calls * of.table_ms
    computing_ms = (requests * of.feed_request_cpu_us / 1_000 + calls * of.table_call_cpu_us / 1_000 + done.mb * of.feed_cpu_ms_a_mb) / share
    return max(waiting_ms / side_by_side, computing_ms) / 1_000


def run_s(tenants, one, of):
    """A tenant's requests follow each other; tenants go side by side."""
    done = SimpleNamespace(
        turns=one.turns,
        messages=0,
        listings=one.listings - one.woken_listings + one.others,
        contents=one.contents - one.woken_contents,
        objects=one.objects - one.worked_objects,
        mb=one.mb - one.worked_mb,
    )
    a_day = DAY / of.feed_schedule_s
    return of.run_ms / 1_000 + tenants * taken_s(of, of.collector_mb, of.feed_concurrency, done) / a_day


def workers_s(one, of):
    """A day's: what is notified they list and fetch, some messages side by side."""
    done = SimpleNamespace(
        turns=0, messages=one.messages, listings=one.woken_listings, contents=one.woken_contents, objects=one.worked_objects, mb=one.worked_mb
    )
    return taken_s(of, of.worker_mb, of.feed_messages_a_batch, done)


def month(tenants, kind, is_woken, of, renewal_s, by_url):
    """`by_url`: dollars of a million vends by the function URL."""
    one = tenant(kind, is_woken, of)
    of_all = tenants * DAYS
    run = run_s(tenants, one, of)
    messages = of_all * one.messages
    received = messages / of.feed_messages_a_batch
    polls = of.feed_polls_a_minute * DAYS * DAY / 60
    every_run = of.feed_run_read_units + math.ceil(tenants * of.census_bytes / READ_BYTES) / 2 + math.ceil(tenants * of.feed_index_bytes / READ_BYTES) / 2
    requests = of_all * (one.listings + one.contents + one.others)
    return SimpleNamespace(
        tenants=tenants,
        kind=kind,
        turns=of_all * one.turns,
        listings=of_all * one.listings,
        contents=of_all * one.contents,
        messages=messages,
        requests=requests,
        vends=tenants * DAYS * DAY / renewal_s,
        vend_dollars=tenants * DAYS * DAY / renewal_s * by_url / MILLION,
        reads=of_all * one.read_units + turns(of) * every_run,
        writes=of_all * one.write_units + turns(of) * min(of.shards, tenants * one.turns / (DAY / of.feed_schedule_s)) * of.lease_write_units,
        # Sent, received, deleted; the mapping asks whether or not there is something.
        queue_requests=messages + 2 * received + polls,
        puts=of_all * one.objects,
        stored_gb=of_all * one.mb / 1_024 / of.feed_compressed_to,
        table_gb=tenants * (of.feed_row_bytes + one.objects * of.feed_batch_days * of.feed_batch_bytes) / GB,
        run_s=run,
        run_gb_seconds=turns(of) * run * of.collector_mb / 1_024,
        invocations=messages + received,
        gb_seconds=of_all * workers_s(one, of) * of.worker_mb / 1_024 + messages * of.feed_webhook_ms / 1_000 * of.webhook_mb / 1_024,
        sent_gb=requests * of.feed_request_bytes / GB,
        log_gb=(
            turns(of) * (of.platform_bytes + of.feed_run_bytes + of.feed_run_metrics_bytes)
            + received * (of.platform_bytes + of.feed_run_bytes + of.feed_worker_metrics_bytes)
            + messages * (of.platform_bytes + of.feed_notified_bytes + of.access_bytes)
        )
        / GB,
    )


def costs(of, price, how):
    """Lines of the bill, in dollars."""
    return {
        "Lambda: the schedule": turns(how) * price.lambda_requests / MILLION + of.run_gb_seconds * price.lambda_gb_second,
        "Lambda: webhook and workers": of.invocations * price.lambda_requests / MILLION + of.gb_seconds * price.lambda_gb_second,
        "HTTP API: notifications": of.messages * price.http_api / MILLION,
        "SQS": of.queue_requests * price.queue_requests / MILLION,
        "vends of the collector": of.vend_dollars,
        "DynamoDB: reads": of.reads * price.read_units / MILLION,
        "DynamoDB: writes": of.writes * price.write_units / MILLION,
        "DynamoDB: storage, recovery": of.table_gb * (price.table_gb + price.recovery_gb),
        "S3: puts": of.puts * price.object_puts / 1_000,
        "S3: a month's objects, kept a month": of.stored_gb * price.object_gb,
        "Sent to Microsoft": of.sent_gb * price.transfer_out,
        "Logs": kept(of.log_gb, price, how),
        "Metrics, alarms, a secret": how.feed_metrics * price.metric + how.feed_alarms * price.alarm + how.feed_secrets * price.secret,
        "Schedule": turns(how) * price.schedule / MILLION,
    }


def head(months):
    return [f"{one.tenants:,} {one.kind}" for one in months]


def bill(table, months, price, how):
    bills = [costs(one, price, how) for one in months]
    rows = [[name] + [f"{one[name]:,.2f}" for one in bills] for name in bills[0]]
    total = ["**all**"] + [f"**{sum(one.values()):,.2f}**" for one in bills]
    each = ["**a tenant**"] + [f"**{sum(one.values()) / of.tenants:,.4f}**" for of, one in zip(months, bills)]
    return table(["dollars a month", *head(months)], rows + [total, each])


def amounts(table, months, how):
    counts = {
        "turns of the schedule": "turns",
        "listings": "listings",
        "contents fetched": "contents",
        "notifications, messages": "messages",
        "vends": "vends",
        "read units": "reads",
        "write units": "writes",
        "requests of the queue": "queue_requests",
        "objects put": "puts",
    }
    rows = [[name] + [f"{getattr(one, field):,.0f}" for one in months] for name, field in counts.items()]
    rows.append(["requests to Microsoft a tenant"] + [f"{one.requests / one.tenants:,.0f}" for one in months])
    rows.append(["write units a tenant"] + [f"{one.writes / one.tenants:,.0f}" for one in months])
    rows.append(["objects, GB"] + [f"{one.stored_gb:,.1f}" for one in months])
    rows.append(["sent to Microsoft, GB"] + [f"{one.sent_gb:,.1f}" for one in months])
    rows.append([f"a run, s (of {how.feed_schedule_s})"] + [f"{one.run_s:,.1f}" for one in months])
    rows.append(["GB-seconds of the schedule"] + [f"{one.run_gb_seconds:,.0f}" for one in months])
    rows.append(["GB-seconds of webhook and workers"] + [f"{one.gb_seconds:,.0f}" for one in months])
    return table(["a month", *head(months)], rows)


def overrun(months, how):
    late = [f"{one.tenants:,} {one.kind}" for one in months if one.run_s > how.feed_schedule_s]
    if not late:
        return "Every run ends before the next one."
    return f"At {', '.join(late)} tenants one process is not enough: shards are then shared by several, at the same GB-seconds."


def day_rows(how):
    """A column for each kind of day, as infra/cost.toml has them."""
    names = list(vars(next(iter(how.days.values()))))
    return [[name.replace("_", " ")] + [f"{getattr(day, name):,}" for day in how.days.values()] for name in names]


def section(table, price, how, renewal_s, by_url):
    """The part of the page."""
    woken, polled = ([month(tenants, kind, is_woken, how, renewal_s, by_url) for tenants, kind in CASES] for is_woken in (True, False))
    large = how.feed_large_mb_a_day * DAYS / 1_024 / how.feed_compressed_to
    kinds = [name.replace("_woken", ", webhooks") for name in how.days]
    return f"""\
## The audit log

Besides the above, where the collector runs: {how.feed_types} content types, every {how.feed_schedule_s} s. **The days of the tenants are counted**, in process and by a
moved clock (`shared/feed/tests/days.rs`, one tenant of each kind, multiplied); units, times and dollars are computed from them; nothing was measured in an account.
*Quiet*: every listing is empty, and a tenant is asked as seldom as `FeedLagMaxSeconds` allows. *Usual*: three contents of each type in one interval of three,
{how.feed_mb_a_day} MB of records a day. *Large*: five contents of each type in every interval, {how.feed_large_mb_a_day:,} MB a day, some 10,000 people. *{MIXED}*: of 100 tenants
95 quiet, four usual, one large.

{table(["a day of a tenant", *kinds], day_rows(how))}

### With webhooks

{bill(table, woken, price, how)}

{amounts(table, woken, how)}

{overrun(woken, how)}

### Without webhooks

`FeedWebhookUrl` `none`. Fetching is the schedule's, which shares the waiting between {how.feed_concurrency} tenants.

{bill(table, polled, price, how)}

{amounts(table, polled, how)}

{overrun(polled, how)}

### How it is computed

- Of the day's figures, *row* is the tenant's row of the audit log and *batch* that of a batch; `row writes` has the claims of sessions that store.
  A row is {how.feed_row_write_units:g} units a write, an idle tenant's {how.feed_idle_row_write_units:g}; a batch {how.feed_batch_write_units:g} each time it is written; a query of batches is strongly consistent,
  {how.feed_batch_bytes} bytes a row, one unit at least. Each run reads {how.feed_run_read_units:g} units, lists all tenants, and takes the lease of each shard that has a tenant in turn.
- A notification names {how.feed_contents_a_notification} contents of a type at most, and is one request of the HTTP API and one message. Where the type was listed since, it is no
  listing. With webhooks objects are smaller, and there are more of them. Subscriptions are listed {how.feed_webhook_lists_a_day} times a day more.
- Each month whose objects are kept adds its line of S3 again, for as long as they are kept. What is sent is mostly the bearer token of each request.
- The queue is asked {how.feed_polls_a_minute} times a minute whether or not there is something; without webhooks, too, because windows of a backlog are handed out by it.
- A token is asked for once in each cycle of its renewals, every {renewal_s} s: a quarter of an hour before its end the one is there that was
  renewed since (counted). A vend counts as one by the function URL.
- Left out: **Athena**, which charges {price.athena_tb:g} dollars for a TB that it reads, compressed: a query over a month of all of a large tenant reads {large:,.1f} GB, {large / 1_024 * price.athena_tb:.2f} dollars, and
  one that names type and days a part of it; objects in Glacier Instant Retrieval, dearer to read; S3's requests of readers; a flood of the webhook, 260
  dollars a month at most by its route's rate.
"""
