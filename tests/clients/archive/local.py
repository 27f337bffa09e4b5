"""Sends what a client asks of the vendor's host to the endpoint at URL."""

import os
import re

import requests

URL = os.environ["URL"]
TOKEN = os.environ["API_TOKEN"]
_send = requests.Session.send


def send(session, request, **arguments):
    request.url = re.sub(r"^https://[a-z.]*(zendesk|zopim)\.com", URL, request.url)
    assert request.url.startswith(URL), request.url
    return _send(session, request, **arguments)


requests.Session.send = send
