"""What log lines cost: taken in at their length, kept compressed. Used by infra/cost and audit_log.py."""

DAYS = 30


def kept(log_gb, price, how):
    """Dollars of lines that are taken in and kept for `log_days`."""
    return log_gb * (price.log_ingestion + price.log_storage / how.log_compressed_to * how.log_days / DAYS)
