"""Microsoft's own clients for Python, msal and azure-identity, as judges of our
simulator: each asks for an app-only token the way its documentation says, over TLS.
It owns how they are constructed and tells what they sent and how they failed; what
is right is said by the test.

stdin, first line: {"authority", "ca_file", "client_id", "scope", "thumbprint",
"documents": [dotted names]}; answered by {"versions", "documents"}.
Then one question a line: {"client": "msal" | "azure-identity", "tenant",
"private_key": PEM, "certificate": PEM, and for msal "credential": "thumbprint" |
"certificate" | "both", for azure-identity "send_certificate_chain": bool}; answered by
{"answer": msal's dict, or {"access_token"}} or {"raised": [class names, most derived
first], "messages": [its own, that of what led to it, and so on]}, and in both cases {"sent": [requests as they went to the socket]}.
It ends when stdin closes.
"""

import importlib
import inspect
import json
import sys
from importlib.metadata import version

import msal
import requests.adapters
from azure.identity import CertificateCredential

SENT = []


def record(send):
    """What is below both libraries: their requests, after everything was added."""

    def recording(adapter, request, **options):
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        SENT.append({
            "method": request.method,
            "url": request.url,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": body,
        })
        return send(adapter, request, **options)

    return recording


requests.adapters.HTTPAdapter.send = record(requests.adapters.HTTPAdapter.send)


def document(name):
    """A docstring, or where there is none the source."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return inspect.getdoc(found) or inspect.getsource(found)
    raise ImportError(name)


def msal_credential(settings, question):
    credential = {"private_key": question["private_key"]}
    if question["credential"] in ("thumbprint", "both"):
        credential["thumbprint"] = settings["thumbprint"]
    if question["credential"] in ("certificate", "both"):
        credential["public_certificate"] = question["certificate"]
    return credential


def ask_msal(settings, question):
    """Twice, without msal's cache of tokens: what it keeps besides shows."""
    application = msal.ConfidentialClientApplication(
        settings["client_id"],
        authority=f"{settings['authority']}/{question['tenant']}",
        client_credential=msal_credential(settings, question),
        instance_discovery=False,
        verify=settings["ca_file"],
    )
    answer = application.acquire_token_for_client(scopes=[settings["scope"]])
    if "access_token" in answer:
        application.remove_tokens_for_client()
        answer = application.acquire_token_for_client(scopes=[settings["scope"]])
    return answer


def ask_azure_identity(settings, question):
    credential = CertificateCredential(
        question["tenant"],
        settings["client_id"],
        certificate_data=(question["private_key"] + question["certificate"]).encode(),
        send_certificate_chain=question["send_certificate_chain"],
        authority=settings["authority"],
        disable_instance_discovery=True,
        connection_verify=settings["ca_file"],
    )
    return {"access_token": credential.get_token(settings["scope"]).token}


ASK = {"msal": ask_msal, "azure-identity": ask_azure_identity}


def messages(error):
    while error is not None:
        yield str(error)
        error = error.__cause__ or error.__context__


def answer(settings, question):
    SENT.clear()
    try:
        given = {"answer": ASK[question["client"]](settings, question)}
    except Exception as error:  # noqa: BLE001 - whatever a client raises is its answer
        names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
        given = {"raised": names, "messages": list(messages(error))}
    return given | {"sent": list(SENT)}


def main():
    settings = json.loads(sys.stdin.readline())
    print(json.dumps({
        "versions": {name: version(name) for name in ("msal", "azure-identity")},
        "documents": {name: document(name) for name in settings["documents"]},
    }), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(settings, json.loads(line))), flush=True)


main()
