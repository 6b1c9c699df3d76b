"""Python threads and urllib, as in articles on concurrent downloads: a pool of threads, one request a call."""
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

LIST, FOLDER, _, CONCURRENCY = sys.argv[1:]


def fetch(numbered):
    number, url = numbered
    with urllib.request.urlopen(url, timeout=30) as response:
        body = response.read()
    with open(f"{FOLDER}/{number}", "wb") as file:
        file.write(body)


with open(LIST) as lines:
    urls = lines.read().split()
with ThreadPoolExecutor(int(CONCURRENCY)) as pool:
    for _ in pool.map(fetch, enumerate(urls)):
        pass
