"""What happens in a month: requests, durations, units and bytes, from the figures of infra/cost.toml. Used by infra/cost."""

import math
from types import SimpleNamespace

from costing.logs import DAYS

DAY = 86_400
# CloudWatch's and DynamoDB's: 2^30 bytes.
GB = 2**30
# DynamoDB's: an eventually consistent read takes half a unit for each 4 KB begun.
READ_BYTES = 4 * 2**10
SECRETS_REREAD_S = 900


def renewal_s(of):
    """From one turn of a token's slot to the next (decision 0050)."""
    lead = min(of.outage_to_survive_s + 2 * of.schedule_s + 120, of.token_life_s / 2)
    return math.floor(of.token_life_s - lead)


def billed_ms(wall_ms, cpu_ms, memory_mb, of):
    """A small function has a share of a processor; Lambda bills whole milliseconds."""
    share = min(1, memory_mb / of.full_cpu_mb)
    return math.ceil(wall_ms + cpu_ms / share)


def refresh_ms(of):
    """A token's part of a run: waiting is shared by those under way, computing is not."""
    waiting = (of.entra_ms + 2 * of.table_ms) / of.concurrency
    computing = of.refresh_cpu_us / 1000 / min(1, of.refresher_mb / of.full_cpu_mb)
    return max(waiting, computing)


def census_reads(tenants, of):
    """What the refresher reads to report on the fleet: the count of tenants by status (decision 0024)."""
    counts = DAYS * DAY / (math.ceil(of.census_s / of.schedule_s) * of.schedule_s)
    return counts * math.ceil(tenants * of.census_bytes / READ_BYTES) / 2


def on_demand(tenants, of):
    """The refresher on demand: renewals that a vend missed, consents, and whether it answers."""
    misses = tenants * of.misses_a_day * DAYS
    consents = tenants * of.consents_a_year * DAYS / 365
    invocations = misses + consents * of.consent_invocations + of.health_invocations * DAYS
    asked = misses + consents * of.consent_entra_requests
    computing = of.refresh_cpu_us / 1000
    ms = asked * billed_ms(of.entra_ms + 2 * of.table_ms, computing, of.on_demand_mb, of) + (invocations - asked) * billed_ms(0, computing, of.on_demand_mb, of)
    return SimpleNamespace(misses=misses, consents=consents, invocations=invocations, asked=asked, gb_seconds=ms / 1000 * of.on_demand_mb / 1024)


def vend_cost(of, batch):
    """What a request for one token takes, or one for a batch of them, which the table is asked for once."""
    if batch == 1:
        waiting, computing, sent = of.table_ms, of.vend_cpu_us, of.response_bytes
    else:
        waiting, computing, sent = of.batch_table_ms, of.vend_cpu_us + batch * of.batch_item_cpu_us, of.batch_head_bytes + batch * of.batch_item_bytes
    return SimpleNamespace(ms=billed_ms(waiting, (computing + of.table_call_cpu_us) / 1000, of.vending_mb, of), sent=sent)


def month(tenants, of, batch=1):
    """`batch`: how many tokens a caller asks for at once."""
    runs = DAYS * DAY / of.schedule_s
    refreshes = tenants * DAYS * DAY / renewal_s(of)
    vends = tenants * of.vends_a_day * DAYS
    starts = of.starts_a_day * DAYS
    due = refreshes / runs
    run_ms = of.run_ms + due * refresh_ms(of)
    requests = vends / batch
    each = vend_cost(of, batch)
    start_ms = billed_ms(of.table_ms, of.start_cpu_ms + of.entropy_cpu_ms, of.vending_mb, of)
    demanded = on_demand(tenants, of)
    # Vending waits meanwhile.
    waited_ms = demanded.misses * (of.entra_ms + 2 * of.table_ms)
    return SimpleNamespace(
        runs=runs,
        refreshes=refreshes,
        vends=vends,
        due=due,
        run_s=run_ms / 1000,
        vend_ms=each.ms,
        requests=requests,
        start_ms=start_ms,
        demanded=demanded,
        invocations=runs + requests + demanded.invocations,
        gb_seconds=runs * run_ms / 1000 * of.refresher_mb / 1024
        + (requests * each.ms + starts * start_ms + waited_ms) / 1000 * of.vending_mb / 1024
        + demanded.gb_seconds,
        writes=(refreshes + demanded.misses) * of.refresh_write_units + runs * of.lease_write_units * min(of.shards, due),
        refresh_reads=refreshes * of.refresh_read_units + runs * of.run_read_units,
        census_reads=census_reads(tenants, of),
        vend_reads=vends * of.vend_read_units,
        table_gb=tenants * of.tenant_bytes / GB,
        secret_calls=of.secret_reads_a_start * (starts + of.warm * DAYS * DAY / SECRETS_REREAD_S),
        log_gb=log_bytes(of, runs, refreshes, vends, starts, demanded) / GB,
        access_gb=requests * of.access_bytes * of.access_log / GB,
        sent_gb=((refreshes + demanded.misses) * of.entra_request_bytes + requests * each.sent) / GB,
    )


def log_bytes(of, runs, refreshes, vends, starts, demanded):
    """A vend has one line, and no embedded metrics; the first answer of a process says how long its start took."""
    return (
        runs * (of.platform_bytes + of.metrics_run_bytes)
        + refreshes * (of.metrics_renewal_bytes + of.signature_bytes)
        + demanded.invocations * of.platform_bytes
        + demanded.asked * of.metrics_on_demand_bytes
        + demanded.misses * of.signature_bytes
        + vends * of.audit_bytes
        + starts * of.metrics_start_bytes
    )
