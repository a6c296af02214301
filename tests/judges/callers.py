"""Microsoft's own clients for Python, msal and azure-identity, as callers of our vending
endpoint: each is constructed as its documentation says, is told where we are, and has no
code of ours. What is right is said by the test.

Variables: BROKER_URL, CALLER_TOKEN_FILE (the workload's own token), REQUESTS_CA_BUNDLE,
and those by which App Service tells where its identity endpoint is (IDENTITY_ENDPOINT,
IDENTITY_HEADER). stdin: a question a line, {"client", "tenant", "resource"}; answered by
{"answer": {"access_token", "expires_in"}}, {"refused": msal's dictionary} or
{"raised": [class names, most derived first], "message"}, and in each case with
{"sent": [[method, path, status, Retry-After]], "seconds"}. It ends when stdin closes.
"""

import json
import os
import sys
import time
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


def told_by_msal(answer):
    if "access_token" not in answer:
        return {"refused": answer}
    return {"answer": {name: answer[name] for name in ("access_token", "expires_in")}}


def told_by_azure(credential, resource):
    token = credential.get_token(f"{resource}/.default")
    expires_in = token.expires_on - int(time.time())
    return {"answer": {"access_token": token.token, "expires_in": expires_in}}


def msal_application(**where):
    return msal.ConfidentialClientApplication(
        CLIENT_ID, client_credential={"client_assertion": assertion}, **where
    )


def by_msal(tenant, resource):
    application = msal_application(authority=f"{BROKER}/{tenant}", instance_discovery=False)
    return told_by_msal(application.acquire_token_for_client([f"{resource}/.default"]))


def by_msal_oidc(tenant, resource):
    application = msal_application(oidc_authority=f"{BROKER}/{tenant}/v2.0")
    return told_by_msal(application.acquire_token_for_client([f"{resource}/.default"]))


def by_msal_managed_identity(tenant, resource):
    identity = msal.UserAssignedManagedIdentity(client_id=tenant)
    client = msal.ManagedIdentityClient(identity, http_client=requests.Session())
    return told_by_msal(client.acquire_token_for_client(resource=resource))


def by_client_assertion(tenant, resource):
    credential = ClientAssertionCredential(
        tenant, CLIENT_ID, assertion, authority=BROKER, disable_instance_discovery=True
    )
    return told_by_azure(credential, resource)


def by_workload_identity(tenant, resource):
    """All that it is told stands in variables, as in a pod of Azure Kubernetes Service."""
    os.environ["AZURE_AUTHORITY_HOST"] = BROKER
    os.environ["AZURE_TENANT_ID"] = tenant
    os.environ["AZURE_CLIENT_ID"] = CLIENT_ID
    os.environ["AZURE_FEDERATED_TOKEN_FILE"] = os.environ["CALLER_TOKEN_FILE"]
    return told_by_azure(WorkloadIdentityCredential(disable_instance_discovery=True), resource)


def by_managed_identity(tenant, resource):
    return told_by_azure(ManagedIdentityCredential(client_id=tenant), resource)


def by_default(tenant, resource):
    """Managed identity by nothing but variables."""
    for name in ("AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        os.environ.pop(name, None)
    os.environ["AZURE_CLIENT_ID"] = tenant
    return told_by_azure(DefaultAzureCredential(), resource)


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
        told = CLIENTS[question["client"]](question["tenant"], question["resource"])
    except Exception as error:  # noqa: BLE001 - whatever a client raises is its answer
        names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
        told = {"raised": names, "message": str(error)}
    return told | {"sent": list(SENT), "seconds": time.monotonic() - began}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
