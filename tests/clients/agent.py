"""An agent's working day by the vendor's Python SDK, over its HTTP client and its socket.

Takes the visitor who waits, sends every kind of event, does everything that an agent can do to a
chat, hands it to a colleague and ends it. Each answer must be a success. Prints one JSON object:
what was sent, for the one who looks at the visitor's side.
"""

import io
import json
import os
import sys
import time
from urllib.parse import urlsplit

from livechat.agent import AgentRTM, AgentWeb
from loguru import logger

HOST = os.environ["HOST"]
ME = os.environ["AGENT_ID"]
TOKEN = f"Bearer {os.environ['TOKEN']}"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def events(url):
    """One of each kind, as an agent's program may send it, in the fields that the model gives it."""
    return [
        {"type": "message", "text": "every kind follows", "custom_id": "m1"},
        {"type": "file", "url": url, "alternative_text": "one pixel"},
        {
            "type": "form",
            "form_id": "f1",
            "form_type": "question",
            "fields": [
                {"id": "n", "type": "name", "label": "Name", "required": True},
                {"id": "s", "type": "select", "label": "Size", "required": False,
                 "options": [{"id": "1", "label": "Small"}, {"id": "2", "label": "Large"}]},
            ],
        },
        {
            "type": "filled_form",
            "form_id": "f1",
            "fields": [{"id": "n", "type": "name", "label": "Name", "answer": "Ada"}],
        },
        {
            "type": "rich_message",
            "template_id": "cards",
            "elements": [
                {
                    "title": "Tea",
                    "subtitle": "green",
                    "image": {"url": "https://example.com/tea.png", "name": "tea.png",
                              "content_type": "image/png", "size": 12, "width": 2, "height": 2,
                              "alternative_text": "a cup"},
                    "buttons": [
                        {"type": "message", "text": "Yes", "postback_id": "yes",
                         "user_ids": [], "value": "Yes please"},
                        {"type": "url", "text": "More", "postback_id": "more", "user_ids": [],
                         "value": "https://example.com/tea", "target": "new"},
                    ],
                }
            ],
        },
        {
            "type": "rich_message",
            "template_id": "quick_replies",
            "elements": [{"title": "Milk?", "buttons": [
                {"type": "message", "text": "No", "postback_id": "no", "user_ids": [],
                 "value": "No"}]}],
        },
        {
            "type": "rich_message",
            "template_id": "sticker",
            "elements": [{"image": {"url": "https://example.com/wave.png"}}],
        },
        {"type": "custom", "content": {"weather": ["rain", 7]}},
        {"type": "system_message", "system_message_type": "manual.note", "text": "a system line"},
        {"type": "message", "text": "for agents alone", "visibility": "agents"},
    ]


class Refused(Exception):
    """The endpoint did not answer with a success."""


class Http:
    """The SDK's HTTP client; gives the answers' JSON."""

    def __init__(self, version):
        self.client = AgentWeb.get_client(access_token=TOKEN, version=version, base_url=HOST,
                                          verify=False, disable_logging=True)

    def __getattr__(self, action):
        def call(**words):
            response = getattr(self.client, action)(**words)
            if response.status_code != 200:
                raise Refused(f"{action}: {response.status_code} {response.text}")
            return response.json()
        return call


class Socket:
    """The SDK's socket; gives the responses' payloads."""

    def __init__(self, version):
        self.client = AgentRTM.get_client(version=version, base_url=HOST)
        self.client.open_connection()

    def __getattr__(self, action):
        def call(**words):
            response = getattr(self.client, action)(**words)
            if response is None or not response.success:
                raise Refused(f"{action}: {response and response.payload}")
            return response.payload
        return call

    def pushed(self, action, count=1):
        """The payloads of this push, the oldest first, once so many have come."""
        for _ in range(100):
            found = [message["payload"] for message in reversed(list(self.client.ws.messages))
                     if message.get("type") == "push" and message["action"] == action]
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise Refused(f"{action} was pushed {len(found)} times, not {count}")


def wait_for_visitor(agent):
    for _ in range(100):
        chats = agent.list_chats(filters={"include_active": True}, limit=100)["chats_summary"]
        if chats:
            return chats[0]["id"]
        time.sleep(0.1)
    raise Refused("nobody waits")


def work(agent, http, version):
    """One chat from its beginning to its end; `agent` is either client, `http` uploads."""
    agent.set_routing_status(status="accepting_chats")
    statuses = agent.list_routing_statuses()
    assert any(s["agent_id"] == ME and s["status"] == "accepting_chats" for s in statuses), statuses

    chat = wait_for_visitor(agent)
    agent.add_user_to_chat(chat_id=chat, user_id=ME, user_type="agent", visibility="all",
                           ignore_requester_presence=True)
    whole = agent.get_chat(chat_id=chat)
    thread = whole["thread"]["id"]
    customer = next(u["id"] for u in whole["users"] if u["type"] == "customer")
    assert agent.get_customer(id=customer)["id"] == customer

    agent.follow_chat(id=chat)
    agent.send_typing_indicator(chat_id=chat, visibility="all", is_typing=True)
    url = http.upload_file(file={"file": ("pixel.png", io.BytesIO(PIXEL), "image/png")})["url"]
    sent = []
    for event in events(url):
        sent.append(event | {"id": agent.send_event(chat_id=chat, event=event)["event_id"]})
    agent.send_typing_indicator(chat_id=chat, visibility="all", is_typing=False)

    cards = next(e["id"] for e in sent if e.get("template_id") == "cards")
    properties = {"of_the_sdk": {"score": 7}}
    agent.update_chat_properties(id=chat, properties=properties)
    agent.update_thread_properties(chat_id=chat, thread_id=thread, properties=properties)
    agent.update_event_properties(chat_id=chat, thread_id=thread, event_id=cards,
                                  properties=properties)
    agent.tag_thread(chat_id=chat, thread_id=thread, tag="tea")
    whole = agent.get_chat(chat_id=chat, thread_id=thread)
    assert whole["properties"]["of_the_sdk"] == {"score": 7}, whole["properties"]
    assert whole["thread"]["properties"]["of_the_sdk"] == {"score": 7}
    assert whole["thread"]["tags"] == ["tea"]
    stored = {event["id"]: event for event in whole["thread"]["events"]}
    for event in sent:
        same(event, stored[event["id"]], event["type"])
    agent.send_rich_message_postback(chat_id=chat, thread_id=thread, event_id=cards,
                                     postback={"id": "yes", "toggled": True})
    pressed = next(e for e in agent.get_chat(chat_id=chat)["thread"]["events"] if e["id"] == cards)
    assert pressed["elements"][0]["buttons"][0]["user_ids"] == [ME], pressed
    agent.mark_events_as_seen(chat_id=chat, seen_up_to=whole["thread"]["events"][-1]["created_at"])

    names = {"of_the_sdk": ["score"]}
    agent.delete_chat_properties(id=chat, properties=names)
    agent.delete_thread_properties(chat_id=chat, thread_id=thread, properties=names)
    agent.delete_event_properties(chat_id=chat, thread_id=thread, event_id=cards, properties=names)
    agent.untag_thread(chat_id=chat, thread_id=thread, tag="tea")

    targets = agent.list_agents_for_transfer(chat_id=chat)
    colleague = next(target["agent_id"] for target in targets if target["agent_id"] != ME)
    agent.transfer_chat(id=chat, target={"type": "agent", "ids": [colleague]},
                        ignore_agents_availability=True)
    agent.add_user_to_chat(chat_id=chat, user_id=ME, user_type="agent", visibility="agents",
                           ignore_requester_presence=True)
    agent.remove_user_from_chat(chat_id=chat, user_id=colleague, user_type="agent",
                                ignore_requester_presence=True)
    agent.unfollow_chat(id=chat)
    agent.deactivate_chat(id=chat, ignore_requester_presence=True)
    agent.resume_chat(chat={"id": chat, "thread": {"events": [
        {"type": "message", "text": "one more thing"}]}}, continuous=True)
    agent.deactivate_chat(id=chat, ignore_requester_presence=True)
    assert len(agent.list_threads(chat_id=chat)["threads"]) == 2
    assert any(c["id"] == chat for c in agent.list_archives()["chats"])

    begun = agent.start_chat(active=True, continuous=True, chat={"thread": {"events": [
        {"type": "message", "text": "begun by the agent"}]}})
    agent.deactivate_chat(id=begun["chat_id"], ignore_requester_presence=True)
    agent.set_routing_status(status="not_accepting_chats")
    return {"version": version, "chat": chat, "sent": sent}


def same(sent, stored, path):
    """All that was sent is in what is stored, with the same values."""
    if isinstance(sent, dict):
        for key, value in sent.items():
            assert key in stored, f"{path}.{key} is missing: {stored}"
            same(value, stored[key], f"{path}.{key}")
    elif isinstance(sent, list):
        assert len(sent) == len(stored), f"{path}: {stored}"
        for index, value in enumerate(sent):
            same(value, stored[index], f"{path}[{index}]")
    elif "/chat/files/" in str(sent):
        # Shown as the address at which the endpoint is reached. Behind a proxy that does not say so, it
        # knows of TLS only where a client sends `Origin`, as on its socket.
        sent, stored = urlsplit(sent), urlsplit(stored)
        assert (sent.netloc, sent.path) == (stored.netloc, stored.path), f"{path}: {sent} became {stored}"
    else:
        assert sent == stored, f"{path}: {sent} became {stored}"


def main(way, version):
    logger.remove()
    http = Http(version)
    if way == "http":
        return work(http, http, version)
    socket = Socket(version)
    login = socket.login(token=TOKEN)
    assert login["my_profile"]["id"] == ME, login
    done = work(socket, http, version)
    kinds = [p["event"]["type"] for p in socket.pushed("incoming_event", len(done["sent"]))
             if p["chat_id"] == done["chat"]]
    assert [k for k in (e["type"] for e in done["sent"]) if k not in kinds] == [], kinds
    for push in ("chat_deactivated", "user_added_to_chat", "chat_transferred"):
        socket.pushed(push)
    socket.client.close_connection()
    return done


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
