"""Microsoft's own clients for Python, msal and azure-identity, as callers of our vending
endpoint: each believes that it runs on App Service, and is told where its identity
endpoint is by the variables that App Service sets (IDENTITY_ENDPOINT, IDENTITY_HEADER).

stdin: a question a line, {"client": "msal" | "azure-identity", "tenant", "resource"};
answered by {"answer": {"access_token", "expires_in"}} or {"raised": class, "message"}.
It ends when stdin closes.
"""

import json
import sys
import time

import msal
import requests
from azure.identity import ManagedIdentityCredential


def by_msal(tenant, resource):
    identity = msal.UserAssignedManagedIdentity(client_id=tenant)
    client = msal.ManagedIdentityClient(identity, http_client=requests.Session())
    answer = client.acquire_token_for_client(resource=resource)
    if "access_token" not in answer:
        return {"raised": answer.get("error"), "message": answer.get("error_description")}
    return {"answer": {name: answer[name] for name in ("access_token", "expires_in")}}


def by_azure_identity(tenant, resource):
    credential = ManagedIdentityCredential(client_id=tenant)
    token = credential.get_token(f"{resource}/.default")
    expires_in = token.expires_on - int(time.time())
    return {"answer": {"access_token": token.token, "expires_in": expires_in}}


CLIENTS = {"msal": by_msal, "azure-identity": by_azure_identity}

for line in sys.stdin:
    question = json.loads(line)
    try:
        told = CLIENTS[question["client"]](question["tenant"], question["resource"])
    except Exception as error:
        told = {"raised": type(error).__name__, "message": str(error)}
    print(json.dumps(told), flush=True)
