"""Microsoft's client for Python (msal) in the benchmark `clients`.

stdin, first line: {"authority", "ca_file", "client_id", "scope", "private_key", "certificate",
"tenants", "at_a_time"}; answered by {"name"}. Then a line "prepare", which drops the tokens that
msal keeps, or "tokens", which asks for one of each tenant; each answered by {"tokens": number}.
It ends when stdin closes.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import msal
import requests
from requests.adapters import HTTPAdapter


def session(settings):
    """One pool for all tenants, where each application would open one of its own."""
    pool = requests.Session()
    pool.verify = settings["ca_file"]
    pool.mount("https://", HTTPAdapter(pool_maxsize=settings["at_a_time"]))
    return pool


class Fleet:
    """An application for each tenant: msal binds one to its authority."""

    def __init__(self, settings):
        self.settings = settings
        self.pool = session(settings)
        self.applications = {}

    def application(self, tenant):
        if tenant not in self.applications:
            self.applications[tenant] = msal.ConfidentialClientApplication(
                self.settings["client_id"],
                authority=f"{self.settings['authority']}/{tenant}",
                client_credential={
                    "private_key": self.settings["private_key"],
                    "public_certificate": self.settings["certificate"],
                },
                instance_discovery=False,
                http_client=self.pool,
            )
        return self.applications[tenant]

    def forget(self):
        for application in self.applications.values():
            application.remove_tokens_for_client()

    def token(self, tenant):
        answer = self.application(tenant).acquire_token_for_client([self.settings["scope"]])
        if "access_token" not in answer:
            raise RuntimeError(answer.get("error_description"))
        return 1


def main():
    settings = json.loads(sys.stdin.readline())
    fleet = Fleet(settings)
    print(json.dumps({"name": f"msal {version('msal')} (Python)"}), flush=True)
    with ThreadPoolExecutor(settings["at_a_time"]) as threads:
        for line in sys.stdin:
            tokens = 0
            if json.loads(line) == "prepare":
                fleet.forget()
            else:
                tokens = sum(threads.map(fleet.token, settings["tenants"]))
            print(json.dumps({"tokens": tokens}), flush=True)


main()
