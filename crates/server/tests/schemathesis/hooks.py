"""Gives generated requests the ids and credentials of a conversation that is going on, and of some that are over.

Without them, all but a few requests would be refused by the first check. Some are left as they were generated. What is
given depends on the request alone, so that a failure can be repeated.
"""

import contextlib
import json
import os
import random

import requests
import schemathesis

URL = os.environ["PARLOR_URL"]
# What `parlor setup --json` printed.
SITE = json.loads(os.environ["PARLOR_SITE"])
EMAIL = os.environ["PARLOR_EMAIL"]
PASSWORD = os.environ["PARLOR_PASSWORD"]
# Tokens for the archive.
ADMINISTRATOR = os.environ["PARLOR_ADMINISTRATOR"]
LEAVES_MESSAGES = os.environ["PARLOR_LEAVES_MESSAGES"]

# Generated requests end chats and sessions. A session may also send only 400 requests at once.
REQUESTS_OF_A_CONVERSATION = 20

# Generated requests delete conversations of the archive.
REQUESTS_OF_AN_ARCHIVE = 20


class Conversation:
    """A visitor and the agent who answers them."""

    def __init__(self):
        self.requests = 0
        # Generated requests change it.
        self.act("set_routing_status", {"status": "accepting_chats"})
        session = requests.get(f"{URL}/chat/rest/System/SessionId", timeout=30).json()
        self.session_id, self.key = session["id"], session["key"]
        self.affinity = session["affinityToken"]
        self.post(
            "ChasitorInit",
            {
                "organizationId": SITE["organizationId"],
                "deploymentId": SITE["deploymentId"],
                "buttonId": SITE["buttonId"],
                "visitorName": "Jon",
                "receiveQueueUpdates": True,
            },
        )
        waiting = self.poll()["ChatRequestSuccess"]
        self.visitor_id, self.customer_id = waiting["visitorId"], waiting["customerId"]
        self.chat_id = self.act("list_chats", {"limit": 1})["chats_summary"][0]["id"]
        agent = {"chat_id": self.chat_id, "user_id": SITE["agentId"], "user_type": "agent"}
        self.act("add_user_to_chat", agent)
        button = {"text": "Show", "type": "message", "value": "hats", "postback_id": "show", "user_ids": []}
        cards = {"type": "rich_message", "template_id": "cards", "elements": [{"title": "Hats", "buttons": [button]}]}
        sent = self.act("send_event", {"chat_id": self.chat_id, "event": cards})
        self.event_id = sent["event_id"]
        self.thread_id = self.event_id.rsplit("_", 1)[0]
        self.post("ChatMessage", {"text": "Hello"})
        self.ask_for_file()
        signed_in = requests.post(
            f"{URL}/agent/session", json={"email": EMAIL, "password": PASSWORD}, timeout=30
        )
        # Too many generated attempts may have been made just before.
        self.cookie = signed_in.cookies.get("parlor_agent", "")

    def ask_for_file(self):
        """A request is good for one file."""
        self.act("request_file", {"chat_id": self.chat_id})
        self.file_token = self.poll()["FileTransfer"]["fileToken"]

    def visitor_headers(self):
        return {"X-LIVEAGENT-SESSION-KEY": self.key, "X-LIVEAGENT-AFFINITY": self.affinity}

    def post(self, resource, body):
        url = f"{URL}/chat/rest/Chasitor/{resource}"
        answer = requests.post(url, json=body, headers=self.visitor_headers(), timeout=30)
        answer.raise_for_status()

    def poll(self):
        """The messages of one poll by their types."""
        url = f"{URL}/chat/rest/System/Messages"
        answer = requests.get(url, headers=self.visitor_headers(), timeout=30)
        answer.raise_for_status()
        return {message["type"]: message["message"] for message in answer.json()["messages"]}

    def act(self, action, payload):
        answer = requests.post(
            f"{URL}/v3.6/agent/action/{action}",
            json=payload,
            headers={"Authorization": f"Bearer {SITE['agentToken']}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()


class Archive:
    """Two conversations that are over: a chat, and a message that was left."""

    def __init__(self):
        self.requests = 0
        chat = Conversation()
        chat.act("deactivate_chat", {"id": chat.chat_id})
        message = {"message": "Do you have hats?", "visitor": {"name": "Jon", "email": "jon@example.com"}}
        left = requests.post(
            f"{URL}/api/v2/chat/chats",
            json=message,
            headers={"Authorization": f"Bearer {LEAVES_MESSAGES}"},
            timeout=30,
        )
        left.raise_for_status()
        self.ids = [chat.thread_id, left.json()["id"]]


current = {}


def one_of(kind, requests_of_one):
    """The newest one, as long as it is good for another request."""
    known = current.get(kind)
    if known is None or known.requests >= requests_of_one:
        known = current[kind] = kind()
    known.requests += 1
    return known


def filled_in(value, known, usually):
    """The value with its known members replaced."""
    if isinstance(value, list):
        return [filled_in(item, known, usually) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: known[name] if name in known and isinstance(member, str) and usually() else filled_in(member, known, usually)
        for name, member in value.items()
    }


@schemathesis.hook
def before_call(ctx, case, kwargs):
    path = case.operation.full_path
    chance = random.Random(repr((path, case.path_parameters, case.query, dict(case.headers), case.body)))
    if path.startswith("/api/"):
        fill_in_archived(case, chance)
    else:
        fill_in_going_on(case, path, chance)


def fill_in_archived(case, chance):
    archive = one_of(Archive, REQUESTS_OF_AN_ARCHIVE)
    if "id" in (case.path_parameters or {}) and chance.random() < 0.8:
        case.path_parameters["id"] = chance.choice(archive.ids)
    known = {
        "ids": ",".join(archive.ids),
        "q": chance.choice(["hats", "type:chat", 'Jon AND NOT "warm hats"', "timestamp:[* TO *]"]),
        "start_time": "0",
        "fields": chance.choice(["chats(*)", "chats(id,visitor)"]),
        "cursor": chance.choice(["a0", "b9"]),
    }
    case.query = filled_in(dict(case.query or {}), known, lambda: chance.random() < 0.6)
    if chance.random() < 0.9:
        token = ADMINISTRATOR if chance.random() < 0.9 else LEAVES_MESSAGES
        case.headers["Authorization"] = f"Bearer {token}"


def fill_in_going_on(case, path, chance):
    chat = one_of(Conversation, REQUESTS_OF_A_CONVERSATION)

    def usually():
        return chance.random() < 0.8

    if path.endswith("/FileTransfer"):
        # The chat may have ended meanwhile.
        with contextlib.suppress(requests.RequestException, KeyError):
            chat.ask_for_file()
    known = {
        "chat_id": chat.chat_id,
        "thread_id": chat.thread_id,
        "event_id": chat.event_id,
        "after_event_id": chat.event_id,
        "user_id": SITE["agentId"],
        "agent_id": SITE["agentId"],
        "organizationId": SITE["organizationId"],
        "deploymentId": SITE["deploymentId"],
        "buttonId": SITE["buttonId"],
        "deployment_id": SITE["deploymentId"],
        "Settings.buttonIds": SITE["buttonId"],
        "Availability.ids": SITE["buttonId"],
        "deployment": SITE["deploymentId"],
        "button": SITE["buttonId"],
        "chatKey": chat.session_id,
        "fileToken": chat.file_token,
        "email": EMAIL,
    }
    if path.endswith("_customer"):
        known["id"] = chat.customer_id
    elif path.endswith("/send_rich_message_postback"):
        known["id"] = "show"
    elif path.endswith("/update_archived_thread"):
        known["thread_id"] = chance.choice(one_of(Archive, REQUESTS_OF_AN_ARCHIVE).ids)
    elif "/agent/action/" in path:
        known["id"] = chat.chat_id
    if path == "/agent/session" and chance.random() < 0.3:
        known["password"] = PASSWORD
    if isinstance(case.body, (dict, list)):
        case.body = filled_in(case.body, known, usually)
    case.query = filled_in(dict(case.query or {}), known, usually)
    if "thread_id" in (case.path_parameters or {}) and usually():
        case.path_parameters["thread_id"] = chat.thread_id
    if path.endswith("/SessionId/{key}") and chance.random() < 0.2:
        case.path_parameters["key"] = chat.key
    if path.endswith("/System/Messages"):
        # An idle poll would be held for 25 s.
        case.query["hold"] = "0"

    if path.startswith("/chat/rest/"):
        # The key of a session that an earlier request began stays.
        if "!" not in str(case.headers.get("X-LIVEAGENT-SESSION-KEY")) and usually():
            case.headers.update(chat.visitor_headers())
        if "X-CHAT-VISITOR-ID" in case.headers and usually():
            case.headers["X-CHAT-VISITOR-ID"] = chat.visitor_id
    elif path.startswith(("/agent/", "/v3.6/")) and usually():
        if chance.random() < 0.8:
            case.headers["Authorization"] = f"Bearer {SITE['agentToken']}"
        else:
            case.headers["Cookie"] = f"parlor_agent={chat.cookie}"
            case.headers["Sec-Fetch-Site"] = "same-origin"
