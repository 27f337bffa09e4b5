"""A Python client of the archive: creates, shows, lists, pages, searches, updates, exports, deletes."""

import datetime

import local

from zenpy import Zenpy
from zenpy.lib.api_objects.chat_objects import Chat, OfflineMessage, Visitor

client = Zenpy(subdomain="parlor", oauth_token=local.TOKEN)
chats = client.chats

account = chats.accounts()
assert account.account_key, account

known = [chat.id for chat in chats()]
for number in range(45):
    message = OfflineMessage(
        type="offline_msg",
        message=f"Do you have wool? {number}",
        visitor={"name": "Zoë Müller", "email": "zoe@shop.example", "phone": "", "notes": ""},
        session={"ip": "67.23.229.96", "country_code": "US", "user_agent": "Mozilla/5.0"},
        timestamp=f"2015-10-06T18:26:{number:02}Z",
    )
    made = chats.create(message)
    assert made.type == "offline_msg" and made.message.endswith(str(number)), made.to_dict()

# More than one page.
listed = [chat.id for chat in chats()]
assert len(listed) == len(set(listed)) == len(known) + 45, len(listed)
assert listed[45:] == known

found = list(chats.search("MÜLLER", type="offline_msg"))
assert len(found) == 45 and found[0].id == listed[0], len(found)
assert found[0].preview.startswith("Do you have wool?"), found[0].preview

some = chats(ids=listed[:3])
assert sorted(chat.id for chat in some) == sorted(listed[:3])

chat = chats(id=listed[0])
chat.tags = ["vip"]
chat.unread = False
chat.visitor.name = "Zoe"
updated = chats.update(chat)
assert updated.tags == ["vip"] and updated.unread is False and updated.visitor.name == "Zoe"
assert [result.id for result in chats.search("tags:vip")] == [listed[0]]

exported = [chat.id for chat in chats.incremental(start_time=datetime.datetime(2014, 1, 1, tzinfo=datetime.timezone.utc))]
assert sorted(exported) == sorted(listed), len(exported)
assert exported[-1] == listed[0]

chats.delete(chats(id=listed[1]))
assert listed[1] not in [chat.id for chat in chats()]
print("done")
