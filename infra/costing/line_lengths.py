"""How much smaller audit lines are when they are compressed: `log_compressed_to` of infra/cost.toml.

    infra/costing/line_lengths.py

The line is the one that a test of vending holds (`functions/vending/src/audit_tests.rs`); each of
20,000 copies has a time, a tenant, a token and a request of its own. CloudWatch says that it keeps
lines compressed, and not how: gzip at its usual level stands for it.
"""

import gzip
import json
import random
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

LINE = Path(__file__).with_name("vend_line.json")
LINES, TENANTS = 20_000, 10_000


def lines(chance):
    usual = json.loads(LINE.read_text())
    tenants = [guid(chance) for _ in range(TENANTS)]
    for number in range(LINES):
        minute, second = divmod(number * 3_600 // LINES, 60)
        yield usual | {
            "timestamp": f"2027-01-15T08:{minute:02}:{second:02}.{chance.randrange(10**6):06}Z",
            "jti": guid(chance),
            "tenant": chance.choice(tenants),
            "customer": f"account-{chance.randrange(TENANTS)}",
            "token_sha256": chance.randbytes(32).hex(),
            "uti": text(chance, 16),
            "expires_at": f"2027-01-15T09:{chance.randrange(60):02}:{chance.randrange(60):02}Z",
            "request_id": text(chance, 11) + "=",
            "milliseconds": chance.randrange(3, 30),
        }


def guid(chance):
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def text(chance, size):
    return urlsafe_b64encode(chance.randbytes(size)).decode().rstrip("=")


if __name__ == "__main__":
    written = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines(random.Random(1))).encode()
    print(f"{len(written) / LINES:.0f} bytes a line, kept as one in {len(written) / len(gzip.compress(written, 6)):.1f}")
