"""An SMTP server for tests, which takes mail, or behaves badly when it is told to.

It prints `listening PORT`, and then reads commands from stdin, one a line, and
answers each with one line:

mode take         takes mail (as at its beginning)
mode refuse       550 to each recipient
mode later        451 to each recipient
mode close        421 to each recipient
mode refuse_text  554 to each text
mode hang         never answers to a recipient
mode die          the process ends in the middle of a mail
wait N            answers once N recipients were named
mails             all mails taken, as JSON
recipients        how many recipients were named, whatever the answer

It ends with its stdin.
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self):
        self.mode = "take"
        self.mails = []
        self.recipients = 0
        self.named = asyncio.Condition()

    async def handle_RCPT(self, server, session, envelope, address, options):
        async with self.named:
            self.recipients += 1
            self.named.notify_all()
        if self.mode == "refuse":
            return "550 5.1.1 <%s> is not known here" % address
        if self.mode == "later":
            return "451 4.7.1 <%s> come again later" % address
        if self.mode == "close":
            server.transport.write(b"421 4.3.2 closing\r\n")
            server.transport.close()
            return None
        if self.mode == "hang":
            await asyncio.Event().wait()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.mode == "die":
            os._exit(1)
        if self.mode == "refuse_text":
            return "554 5.6.0 not this"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append(
            {
                "sender": envelope.mail_from,
                "recipients": envelope.rcpt_tos,
                "headers": {name.lower(): str(value) for name, value in message.items()},
                "text": message.get_content().replace("\r\n", "\n"),
                "raw": envelope.content.decode("utf-8"),
                "tls": session.ssl is not None,
                "user": session.auth_data if isinstance(session.auth_data, str) else None,
            }
        )
        return "250 OK"


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--user")
    options.add_argument("--password")
    options.add_argument("--certificate")
    options.add_argument("--key")
    given = options.parse_args()
    handler = Handler()
    more = {"hostname": "mail.example", "enable_SMTPUTF8": False}
    if given.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate, given.key)
        more.update(tls_context=context, require_starttls=True)

    def authenticate(server, session, envelope, mechanism, auth):
        name, password = auth.login.decode(), auth.password.decode()
        good = (name, password) == (given.user, given.password)
        return AuthResult(success=good, handled=False, auth_data=name)

    if given.user:
        more.update(
            authenticator=authenticate,
            auth_required=True,
            auth_require_tls=bool(given.certificate),
        )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, **more), "127.0.0.1", given.port
    )
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        words = line.decode().split()
        if words[0] == "mode":
            handler.mode, answer = words[1], "ok"
        elif words[0] == "wait":
            async with handler.named:
                await handler.named.wait_for(lambda: handler.recipients >= int(words[1]))
            answer = "ok"
        elif words[0] == "recipients":
            answer = str(handler.recipients)
        else:
            answer = json.dumps(handler.mails)
        print(answer, flush=True)


asyncio.run(main())
