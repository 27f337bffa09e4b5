"""A Singer tap: searches by time, and loads what it finds by ids."""

import io
import json
import sys
from contextlib import redirect_stdout

import local

import tap_zendesk_chat.http as http

http.BASE_URL = local.URL
from singer import metadata
from tap_zendesk_chat.context import Context
from tap_zendesk_chat.discover import discover
from tap_zendesk_chat.sync import sync

config = {"start_date": "2014-01-01T00:00:00Z", "access_token": local.TOKEN,
          "chat_search_interval_days": "2000"}
catalog = discover(config)
for stream in catalog.streams:
    known = metadata.to_map(stream.metadata)
    stream.metadata = metadata.to_list(metadata.write(known, (), "selected", stream.stream == "chats"))

out = io.StringIO()
with redirect_stdout(out):
    sync(Context(config, {}, catalog))
messages = [json.loads(line) for line in out.getvalue().splitlines()]
records = [message["record"] for message in messages if message["type"] == "RECORD"]
assert all(message["stream"] == "chats" for message in messages if message["type"] == "RECORD")
types = [record["type"] for record in records]
assert types.count("chat") == int(sys.argv[1]) and "offline_msg" in types, types
for record in records:
    assert record["id"] and record["timestamp"] and record["session"]["start_date"], record
    assert record["type"] != "chat" or record["end_timestamp"], record
chat = next(record for record in records if record["type"] == "chat")
assert [entry["type"] for entry in chat["history"]][0] == "chat.memberjoin", chat["history"]
print("done")
