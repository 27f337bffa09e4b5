"""An extractor: reads the incremental export, page after page."""

import json
import logging
import sys

import local

from airbyte_cdk.models import (
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
)
from source_zendesk_chat import SourceZendeskChat

config = {
    "subdomain": "parlor",
    "start_date": "2014-01-01T00:00:00Z",
    "credentials": {"credentials": "access_token", "access_token": local.TOKEN},
}
logger = logging.getLogger("extractor")


def source(catalog):
    return SourceZendeskChat(catalog=catalog, config=config, state=None)


streams = {stream.name: stream for stream in source(None).discover(logger, config).streams}
# Its stream of agents wants ids that are numbers; ours are texts, as in the records of chats.
wanted = ["chats", "departments", "accounts", "goals"]
catalog = ConfiguredAirbyteCatalog(streams=[
    ConfiguredAirbyteStream(
        stream=streams[name],
        sync_mode=SyncMode.incremental if name == "chats" else SyncMode.full_refresh,
        destination_sync_mode=DestinationSyncMode.append,
    )
    for name in wanted
])
ids = []
for message in source(catalog).read(logger, config, catalog, None):
    if message.record and message.record.stream == "chats":
        ids.append(message.record.data["id"])
    trace = message.trace and message.trace.error
    assert not trace, trace
assert len(ids) == len(set(ids)) == int(sys.argv[1]), (len(ids), len(set(ids)))
print("done")
