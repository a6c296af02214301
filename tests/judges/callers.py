"""Microsoft's own clients for Python, msal and azure-identity, as callers of our vending
endpoint: each is constructed as its documentation says, is told where we are, and has no
code of ours. What is right is said by the test.

Variables: BROKER_URL, CALLER_TOKEN_FILE (the workload's own token), REQUESTS_CA_BUNDLE,
and those by which App Service tells where its identity endpoint is (IDENTITY_ENDPOINT,
IDENTITY_HEADER). stdin: a question a line, {"client", "tenant", "resource"}; answered by
{"answer": {"access_token", "expires_in"}}, {"refused": msal's dictionary} or
{"raised": [class names, most derived first], "message"}, and in each case with
{"sent": [[method, path, status, Retry-After]], "seconds"}. It ends when stdin closes.

With {"claims": the API's challenge, "capable": whether the client says that it understands
such a thing} the client asks twice, the second time with the challenge; {"first"} is then
what it got before.
"""

import json
import os
import sys
import time
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

import msal
import requests
import requests.adapters
from azure.identity import (
    ClientAssertionCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

BROKER = os.environ["BROKER_URL"]
# Entra ID would want the application's; we take any.
CLIENT_ID = "a-service"
SENT = []


def record(send):
    """What is below both libraries."""

    def recording(adapter, request, **options):
        response = send(adapter, request, **options)
        path = urlsplit(request.url).path
        after = response.headers.get("Retry-After")
        SENT.append([request.method, path, response.status_code, after and int(after)])
        return response

    return recording


requests.adapters.HTTPAdapter.send = record(requests.adapters.HTTPAdapter.send)


def assertion():
    with open(os.environ["CALLER_TOKEN_FILE"], encoding="ascii") as file:
        return file.read()


def told_by_msal(ask, challenge):
    """`ask`: the client's method, which takes the challenge as claims_challenge."""

    def told(answer):
        if "access_token" not in answer:
            return {"refused": answer}
        return {"answer": {name: answer[name] for name in ("access_token", "expires_in")}}

    if challenge is None:
        return told(ask())
    first = told(ask())
    return told(ask(claims_challenge=challenge.claims)) | {"first": first}


def told_by_azure(credential, resource, challenge):
    def told(**options):
        token = credential.get_token(f"{resource}/.default", **options)
        expires_in = token.expires_on - int(time.time())
        return {"answer": {"access_token": token.token, "expires_in": expires_in}}

    if challenge is None:
        return told()
    capable = {"enable_cae": True} if challenge.capable else {}
    first = told(**capable)
    return told(claims=challenge.claims, **capable) | {"first": first}


class Challenge(NamedTuple):
    claims: str
    capable: bool

    @classmethod
    def of(cls, question):
        return cls(question["claims"], question["capable"]) if "claims" in question else None


def capabilities(challenge):
    return {"client_capabilities": ["CP1"]} if challenge and challenge.capable else {}


def msal_application(resource, challenge, **where):
    application = msal.ConfidentialClientApplication(
        CLIENT_ID,
        client_credential={"client_assertion": assertion},
        **capabilities(challenge),
        **where,
    )
    ask = partial(application.acquire_token_for_client, [f"{resource}/.default"])
    return told_by_msal(ask, challenge)


def by_msal(tenant, resource, challenge):
    where = {"authority": f"{BROKER}/{tenant}", "instance_discovery": False}
    return msal_application(resource, challenge, **where)


def by_msal_oidc(tenant, resource, challenge):
    return msal_application(resource, challenge, oidc_authority=f"{BROKER}/{tenant}/v2.0")


def by_msal_managed_identity(tenant, resource, challenge):
    identity = msal.UserAssignedManagedIdentity(client_id=tenant)
    client = msal.ManagedIdentityClient(
        identity, http_client=requests.Session(), **capabilities(challenge)
    )
    return told_by_msal(partial(client.acquire_token_for_client, resource=resource), challenge)


def by_client_assertion(tenant, resource, challenge):
    credential = ClientAssertionCredential(
        tenant, CLIENT_ID, assertion, authority=BROKER, disable_instance_discovery=True
    )
    return told_by_azure(credential, resource, challenge)


def by_workload_identity(tenant, resource, challenge):
    """All that it is told stands in variables, as in a pod of Azure Kubernetes Service."""
    os.environ["AZURE_AUTHORITY_HOST"] = BROKER
    os.environ["AZURE_TENANT_ID"] = tenant
    os.environ["AZURE_CLIENT_ID"] = CLIENT_ID
    os.environ["AZURE_FEDERATED_TOKEN_FILE"] = os.environ["CALLER_TOKEN_FILE"]
    credential = WorkloadIdentityCredential(disable_instance_discovery=True)
    return told_by_azure(credential, resource, challenge)


def by_managed_identity(tenant, resource, challenge):
    return told_by_azure(ManagedIdentityCredential(client_id=tenant), resource, challenge)


def by_default(tenant, resource, challenge):
    """Managed identity by nothing but variables."""
    for name in ("AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        os.environ.pop(name, None)
    os.environ["AZURE_CLIENT_ID"] = tenant
    return told_by_azure(DefaultAzureCredential(), resource, challenge)


CLIENTS = {
    "msal": by_msal,
    "msal, OpenID Connect authority": by_msal_oidc,
    "msal, managed identity": by_msal_managed_identity,
    "azure-identity, client assertion": by_client_assertion,
    "azure-identity, workload identity": by_workload_identity,
    "azure-identity, managed identity": by_managed_identity,
    "azure-identity, default": by_default,
}


def answer(question):
    SENT.clear()
    began = time.monotonic()
    try:
        ask = CLIENTS[question["client"]]
        told = ask(question["tenant"], question["resource"], Challenge.of(question))
    except Exception as error:  # noqa: BLE001 - whatever a client raises is its answer
        names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
        told = {"raised": names, "message": str(error)}
    return told | {"sent": list(SENT), "seconds": time.monotonic() - began}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
