"""A client that obeys Retry-After: says of each request its final status, and how often it was told to wait."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import urllib3

url, at_once, requests, retries = sys.argv[1], *map(int, sys.argv[2:])
policy = urllib3.Retry(
    total=retries,
    status_forcelist=[429],
    respect_retry_after_header=True,
    raise_on_status=False,
)
http = urllib3.PoolManager(maxsize=at_once, retries=policy)


def ask(_):
    answer = http.request("GET", url)
    waits = [attempt.status for attempt in answer.retries.history]
    return {"status": answer.status, "waits": len(waits)}


with ThreadPoolExecutor(at_once) as clients:
    for told in clients.map(ask, range(requests)):
        print(json.dumps(told), flush=True)
