"""The receiving side of messages, by libraries that are not ours: reads JSON, prints JSON.

smtp FILE...      takes e-mails, by aiosmtpd; prints its port, then one line for each e-mail
twilio-sign       signs a callback as Twilio does
twilio-send       sends a text message by Twilio's client
slack-send        sends to an incoming webhook by Slack's client
push-keys         makes a browser's keys
push-open         decrypts a notification and checks who signed it
"""

import base64
import json
import socket
import ssl
import sys
from email import message_from_bytes, policy


def tell(value):
    print(json.dumps(value, ensure_ascii=False), flush=True)


def read_mail(raw):
    import icalendar
    import vobject

    mail = message_from_bytes(raw, policy=policy.default)
    found = {
        "id": mail["message-id"],
        "from": mail["from"],
        "to": mail["to"],
        "subject": mail["subject"],
        "structure": [part.get_content_type() for part in mail.walk()],
        "defects": [str(defect) for part in mail.walk() for defect in part.defects],
        "text": mail.get_body(("plain",)).get_content(),
        "html": mail.get_body(("html",)).get_content(),
    }
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            ics = part.get_content()
            calendar = icalendar.Calendar.from_ical(ics)
            event = calendar.events[0]
            other = vobject.readOne(ics)
            found["calendar"] = {
                "mime_method": part["content-type"].params["method"],
                "method": str(calendar["METHOD"]),
                "uid": str(event["UID"]),
                "sequence": int(event["SEQUENCE"]),
                "status": str(event["STATUS"]),
                "summary": str(event["SUMMARY"]),
                "start": event["DTSTART"].dt.isoformat(),
                "attendee": str(event["ATTENDEE"]),
                "errors": [str(error) for error in event.errors],
                "vobject_uid": other.vevent.uid.value,
            }
        if part.get_content_type() == "application/ics":
            found["file"] = part.get_filename()
    return found


class Handler:
    def __init__(self):
        self.later = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@") and self.later.setdefault(address, 1) > 0:
            self.later[address] -= 1
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        tell({"rcpt": envelope.rcpt_tos, "tls": session.ssl is not None, **read_mail(envelope.content)})
        return "250 OK"


def smtp(files):
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult, LoginPassword

    def login(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data == LoginPassword(b"user", b"p+ss")
        return AuthResult(success=good, handled=False)

    more = {}
    if files:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
        more = {"tls_context": context, "require_starttls": True, "auth_required": True,
                "authenticator": login}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port, **more)
    controller.start()
    tell({"port": port})
    sys.stdin.read()
    controller.stop()


def twilio_sign(asked):
    from twilio.request_validator import RequestValidator

    return {"signature": RequestValidator(asked["token"]).compute_signature(asked["url"], asked["form"])}


def twilio_send(asked):
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Here(TwilioHttpClient):
        def request(self, method, url, *rest, **named):
            return super().request(method, url.replace("https://api.twilio.com", asked["base"]), *rest, **named)

    client = Client(asked["account"], asked["token"], http_client=Here())
    sent = client.messages.create(to=asked["to"], from_=asked["from"], body=asked["body"])
    return {"sid": sent.sid}


def slack_send(asked):
    from slack_sdk.webhook import WebhookClient

    answer = WebhookClient(asked["url"]).send(text=asked["text"])
    return {"status": answer.status_code, "body": answer.body}


def plain(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def push_keys(_):
    import os

    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    return {"private": plain(secret), "p256dh": plain(public), "auth": plain(os.urandom(16))}


def push_open(asked):
    import http_ece
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.derive_private_key(int.from_bytes(raw(asked["private"]), "big"), ec.SECP256R1())
    body = http_ece.decrypt(raw(asked["body"]), private_key=private, auth_secret=raw(asked["auth"]), version="aes128gcm")
    fields = dict(part.strip().split("=", 1) for part in asked["authorization"].removeprefix("vapid ").split(","))
    signer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(fields["k"]))
    claims = jwt.decode(fields["t"], signer, algorithms=["ES256"], audience=asked["audience"],
                        options={"verify_exp": False})
    return {"body": json.loads(body), "claims": claims, "key": fields["k"]}


if __name__ == "__main__":
    command, *files = sys.argv[1:]
    if command == "smtp":
        smtp(files)
    else:
        work = {"twilio-sign": twilio_sign, "twilio-send": twilio_send, "slack-send": slack_send,
                "push-keys": push_keys, "push-open": push_open}[command]
        tell(work(json.load(sys.stdin)))
