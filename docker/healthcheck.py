"""Asks the web of this container whether it is alive, under the public name that it answers to."""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

connection = HTTPConnection("127.0.0.1", 8000, timeout=4)
connection.request("GET", "/healthz", headers={"Host": urlsplit(os.environ["SITE_URL"]).hostname or ""})
sys.exit(connection.getresponse().status != 200)
