"""A visitor by `genutility.salesforce.LiveAgent`, a client of the retired service.

It never acknowledges, numbers its POSTs, and knows of 503. Answers every message `a<n>` of the agent
with `v<n>`, and says good-bye when the agent does. Prints the texts that it received.
"""

import json
import os
import sys
import time

from genutility.salesforce import LiveAgent
from requests import ConnectionError as NoConnection
from requests import HTTPError


class Visitor(LiveAgent):
    """The client, with one line of its hand-over as the service's documentation has it."""

    def _reset(self, d):
        # It looks for the token beside `message`, not in it.
        super()._reset({"messages": [m | m["message"] for m in d["messages"]]})

    def insist(self, what):
        """Until it is done: through a restart, and through the hand-over that follows."""
        while True:
            try:
                return what()
            except NoConnection:
                time.sleep(0.1)
            except HTTPError as error:
                if error.response.status_code != 503:
                    raise
                self.reconnect()


def main():
    visitor = Visitor(
        os.environ["HOST"],
        os.environ["ORGANIZATION"],
        os.environ["DEPLOYMENT"],
        os.environ["BUTTON"],
        scheme="http",
    )
    assert visitor.is_available()
    visitor.connect("Ada", slots={"Question": "Is it raining?"})
    heard, ended = [], False
    while not ended:
        for message in visitor.insist(visitor.receive):
            print(message["type"], file=sys.stderr)
            ended = ended or message["type"] == "ChatEnded"
            if message["type"] != "ChatMessage":
                continue
            text = message["message"]["text"]
            heard.append(text)
            if text == "good bye":
                visitor.insist(visitor.close)
            else:
                visitor.insist(lambda said=text.replace("a", "v"): visitor.send(said))
    json.dump(heard, sys.stdout)


if __name__ == "__main__":
    main()
