"""pywa against the pretended WhatsApp: it verifies and reads the webhooks, and sends."""

import logging

import httpx
from pywa import WhatsApp, types
from pywa.errors import WhatsAppError
from pywa.types.templates import BodyText, TemplateLanguage

from checks import refused, same, true
from demo import PNG

ANNA, BORIS = "66812345678", "TH.13491208655302"
WORDS = 'สวัสดีค่ะ 你好 👋🏽 "quoted" / \\ <b>&amp;'
PICTURE = "https://example.com/a.jpg"


class Complaints(logging.Handler):
    """What the library could not read: it only logs that."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.words = []

    def emit(self, record):
        error = record.exc_info[1] if record.exc_info else ""
        self.words.append(f"{record.getMessage()} {error!r}")


class Peer:
    def __init__(self, demo, checks):
        self.demo, self.of = demo, checks.of
        account = demo.account("whatsapp")
        self.secrets, self.ours = account["secrets"], account["webhook"]
        self.phone, self.waba = account["external_id"], account["settings"]["waba_id"]
        self.base = account["api_base"]
        self.wa = self.client(self.secrets["access_token"])
        self.updates, self.complaints = [], Complaints()
        for decorator in (
            "message", "message_status", "callback_button", "callback_selection", "edited_message", "deleted_message",
            "outgoing_message", "chat_opened", "identity_change", "phone_number_change",
        ):
            if hasattr(self.wa, f"on_{decorator}"):
                getattr(self.wa, f"on_{decorator}")(self.keep)
        logging.getLogger("pywa").addHandler(self.complaints)
        logging.getLogger("pywa").propagate = False

    def client(self, token, secret=None):
        session = httpx.Client()
        wa = WhatsApp(
            phone_id=self.phone,
            waba_id=self.waba,
            token=token,
            session=session,
            server=None,
            verify_token=self.secrets["verify_token"],
            app_secret=secret or self.secrets["app_secret"],
        )
        session.base_url = f"{self.base}/v25.0"
        return wa

    def keep(self, _, update):
        self.updates.append(update)

    def heard(self, call):
        """The update that the library makes of a webhook whose signature it has verified."""
        same(self.wa.webhook_update_validator(call.body, call.headers["x-hub-signature-256"]), None)
        self.updates.clear()
        self.complaints.words.clear()
        same(self.wa.webhook_update_handler(call.body), ("ok", 200))
        same(self.complaints.words, [])
        same(len(self.updates), 1)
        return self.updates[0]

    def does(self, do, customer=ANNA, **what):
        calls = self.demo.act("whatsapp", customer, do, **what)
        true(calls is not None, "people cannot do that")
        same(len(calls), 1)
        return self.heard(calls[0])

    def statuses(self, count):
        return [self.heard(self.demo.receiver.one()) for _ in range(count)]

    def shown(self, customer=ANNA):
        return self.demo.last("whatsapp", customer)


def coded(code):
    return lambda error: error.code == code


def talk(demo, checks):
    peer = Peer(demo, checks)
    with peer.of("the business account's webhook is registered"):
        token = peer.secrets["verify_token"]
        true(peer.wa.override_waba_callback_url(demo.receiver.url, token), "not taken")
        with refused(WhatsAppError, coded(2200)):
            peer.wa.override_waba_callback_url(demo.receiver.url, "wrong")
    try:
        messages(peer)
        files(peer)
        signatures(peer)
        sends(peer)
        presses(peer)
        deeds(peer)
        account(peer)
        refusals(peer)
    finally:
        peer.wa.override_waba_callback_url(peer.ours, peer.secrets["verify_token"])


def messages(peer):
    with peer.of("a text, from whom and when"):
        message = peer.does("says", text=WORDS)
        same((type(message), message.type, message.text), (types.Message, types.MessageType.TEXT, WORDS))
        same((message.from_user.wa_id, message.from_user.bsuid), (ANNA, f"TH.1349{ANNA}"))
        same((message.from_user.name, message.metadata.phone_number_id), (f"Customer {ANNA}", peer.phone))
        same(message.id, peer.shown()["id"])
    with peer.of("a text from somebody who shows no number"):
        message = peer.does("says", BORIS, text="hello")
        same((message.from_user.wa_id, message.from_user.bsuid), (None, BORIS))
        true(message.from_user.username, "no user name")
    with peer.of("a text that quotes another"):
        line = peer.shown()["id"]
        same(peer.does("says", text="that", quotes=line).reply_to_message.id, line)
    with peer.of("a sticker whose file comes down"):
        sticker = peer.does("sends_sticker", id="s1").sticker
        same((sticker.animated, sticker.mime_type), (False, "image/webp"))
        picture = sticker.get_bytes()
        same((picture[:4], picture[8:12]), (b"RIFF", b"WEBP"))
    with peer.of("a location"):
        place = {"latitude": 13.7563, "longitude": 100.5018, "title": "ร้าน", "address": "กรุงเทพฯ"}
        location = peer.does("sends_location", location=place).location
        same((location.latitude, location.longitude, location.name), (13.7563, 100.5018, "ร้าน"))
        place = {"latitude": 1.5, "longitude": 2.5}
        same(peer.does("sends_location", location=place).location.name, None)
    with peer.of("a contact"):
        person = {"name": "Anna", "phones": ["+66812345678"], "emails": ["a@example.com"]}
        [contact] = peer.does("sends_contact", contact=person).contacts
        same((contact.name.formatted_name, contact.phones[0].phone), ("Anna", "+66812345678"))
        same(contact.emails[0].email, "a@example.com")
    with peer.of("a reaction and its removal"):
        line = peer.shown()["id"]
        reaction = peer.does("reacts", line=line, emoji="❤️").reaction
        same((reaction.message_id, reaction.emoji), (line, "❤️"))
        reaction = peer.does("reacts", line=line, emoji=None).reaction
        same((reaction.message_id, reaction.emoji), (line, None))
    with peer.of("an edited text"):
        line = peer.does("says", text="tpyo").id
        edited = peer.does("edits", line=line, text="typo")
        same((type(edited), edited.original_message_id), (types.EditedMessage, line))
        same(edited.message.text, "typo")
    with peer.of("a message taken back"):
        line = peer.does("says", text="oops").id
        deleted = peer.does("deletes", line=line)
        same((type(deleted), deleted.original_message_id), (types.DeletedMessage, line))
    with peer.of("an arrival by an advertisement"):
        referral = {"source": "ad", "id": "6123", "url": "https://fb.me/x", "title": "Sale", "text": "50 %"}
        message = peer.does("arrives", referral=referral, text="hi")
        same((message.text, message.referral.source_type, message.referral.source_id), ("hi", "ad", "6123"))
        same((message.referral.headline, message.referral.source_url), ("Sale", "https://fb.me/x"))
    with peer.of("an order"):
        items = [{"product": "SKU-1", "quantity": 2, "price": 129.5, "currency": "THB"}]
        order = peer.does("orders", order={"catalog": "1948", "items": items, "note": "soon please"}).order
        same((order.catalog_id, order.text), ("1948", "soon please"))
        product = order.products[0]
        same((product.sku, product.quantity, product.price, product.currency), ("SKU-1", 2, 129.5, "THB"))
    with peer.of("a start by a link brings its words"):
        same(peer.does("starts", payload="I saw your link").text, "I saw your link")
    with peer.of("a chat that is opened for the first time"):
        true(peer.does("starts", "66899999999"), "no update")
    with peer.of("what people cannot do on WhatsApp is not done"):
        for act in ({"do": "mentions_in_story"}, {"do": "comments", "text": "x"}, {"do": "replies_to_story", "text": "x"}):
            same(peer.demo.act("whatsapp", ANNA, **act), None)
    with peer.of("a colleague's words in the app are an outgoing message"):
        echo = peer.does("colleague_says", text="by hand")
        same((type(echo), echo.text), (types.OutgoingMessage, "by hand"))
        same((echo.to_user.wa_id, echo.metadata.phone_number_id), (ANNA, peer.phone))


def files(peer):
    for kind, mime, found in [
        ("image", "image/png", lambda message: message.image),
        ("video", "video/mp4", lambda message: message.video),
        ("audio", "audio/mpeg", lambda message: message.audio),
        ("voice", "audio/ogg; codecs=opus", lambda message: message.voice),
        ("file", "application/pdf", lambda message: message.document),
    ]:
        with peer.of(f"{kind} comes and its file comes down"):
            caption = None if kind in ("audio", "voice") else "ดูนี่"
            message = peer.does("sends", kind=kind, name="a.pdf", mime=mime, bytes=list(PNG), caption=caption)
            media = found(message)
            same((media.get_bytes(), media.mime_type, message.caption), (PNG, mime, caption))
            if kind == "file":
                same(media.filename, "a.pdf")
            url = peer.wa.get_media_url(media.id)
            same((int(url.file_size), url.mime_type), (len(PNG), mime))


def signatures(peer):
    [call] = peer.demo.act("whatsapp", ANNA, "says", text=WORDS)
    signature = call.headers["x-hub-signature-256"]
    stranger = peer.client(peer.secrets["access_token"], "another")
    for what, wa, body, given, status in [
        ("another body", peer.wa, call.body + b" ", signature, 403),
        ("another secret", stranger, call.body, signature, 403),
        ("another signature", peer.wa, call.body, "sha256=" + "0" * 64, 403),
        ("no signature", peer.wa, call.body, None, 401),
    ]:
        with peer.of(f"{what} is refused"):
            same(wa.webhook_update_validator(body, given)[1], status)


def sends(peer):
    wa = peer.wa
    contact = types.Contact(
        name=types.Contact.Name(formatted_name="Shop", first_name="Shop"),
        phones=[types.Contact.Phone(phone="+6621234567", type="WORK")],
    )
    said = peer.does("says", text="what do you have?")
    sent = {
        "a text": lambda: wa.send_message(ANNA, WORDS, preview_url=True),
        "a text to a business-scoped id": lambda: wa.send_message(said.from_user.bsuid, "by id"),
        "a text that answers": lambda: wa.send_message(ANNA, "that one", reply_to_message_id=said.id),
        "a reply of its own": lambda: said.reply("yes"),
        "an image by address": lambda: wa.send_image(ANNA, PICTURE, caption="Picture"),
        "an image by upload": lambda: wa.send_image(ANNA, PNG, mime_type="image/png"),
        "a video": lambda: wa.send_video(ANNA, "https://example.com/a.mp4"),
        "an audio": lambda: wa.send_audio(ANNA, "https://example.com/a.mp3"),
        "a voice": lambda: wa.send_voice(ANNA, "https://example.com/a.ogg"),
        "a document": lambda: wa.send_document(ANNA, "https://example.com/a.pdf", filename="a.pdf", caption="Paper"),
        "a sticker": lambda: wa.send_sticker(ANNA, "https://example.com/a.webp"),
        "a location": lambda: wa.send_location(ANNA, 13.7, 100.5, name="Shop", address="Bangkok"),
        "a request for a location": lambda: wa.request_location(ANNA, "Where are you?"),
        "a contact": lambda: wa.send_contact(ANNA, contact),
        "an address button": lambda: wa.send_message(ANNA, "Look", buttons=types.URLButton("Open", PICTURE)),
        "buttons under a picture": lambda: wa.send_image(
            ANNA, PICTURE, caption="Which?", buttons=[types.Button("This", "this")]
        ),
        "a catalogue": lambda: wa.send_catalog(ANNA, "Our goods"),
        "a product": lambda: wa.send_product(ANNA, "1948", "SKU-1", body="This"),
        "a template": lambda: wa.send_template(
            ANNA, "order_shipped", TemplateLanguage.ENGLISH, [BodyText.params("Anna", "BK240117")]
        ),
    }
    for name, send in sent.items():
        with peer.of(f"{name} is sent, delivered and told"):
            try:
                message = send()
                same(message.id, peer.shown()["id"])
                told = peer.statuses(2)
                same([status.status.value for status in told], ["sent", "delivered"])
                same([status.id for status in told], [message.id] * 2)
            finally:
                peer.demo.receiver.here()
    with peer.of("a status has its tracker and its price, and reading is told"):
        message = wa.send_message(ANNA, "tracked", tracker="t-1")
        told = peer.statuses(2)
        same({(status.tracker, status.pricing.billable) for status in told}, {("t-1", False)})
        same((told[0].from_user.wa_id, told[0].pricing.model.value), (ANNA, "PMP"))
        peer.demo.receiver.here()
        last = peer.heard(peer.demo.act("whatsapp", ANNA, "reads")[-1])
        same((last.id, last.status.value, last.tracker), (message.id, "read", "t-1"))


def presses(peer):
    with peer.of("a pressed button is a CallbackButton"):
        buttons = [types.Button("Yes", "y"), types.Button("No", "n")]
        sent = peer.wa.send_message(ANNA, "Sure?", buttons=buttons, header="Order", footer="Baan Kafe")
        peer.statuses(2)
        press = peer.does("presses", title="No")
        same((type(press), press.data, press.title), (types.CallbackButton, "n", "No"))
        same(press.reply_to_message.id, sent.id)
    with peer.of("a chosen row is a CallbackSelection"):
        rows = [types.SectionRow("Beans", "beans", "Roasted"), types.SectionRow("Cups", "cups")]
        peer.wa.send_message(ANNA, "What?", buttons=types.SectionList("Choose", [types.Section("Goods", rows)]))
        peer.statuses(2)
        choice = peer.does("presses", title="Beans")
        same((type(choice), choice.data, choice.title), (types.CallbackSelection, "beans", "Beans"))
        same(choice.description, "Roasted")
    with peer.of("a button that opens an address tells nothing"):
        peer.wa.send_message(ANNA, "Look", buttons=types.URLButton("Look here", PICTURE))
        peer.statuses(2)
        same(peer.demo.act("whatsapp", ANNA, "presses", title="Look here"), [])


def deeds(peer):
    with peer.of("a reaction of ours and its removal"):
        line = peer.does("says", text="thanks").id
        peer.wa.send_reaction(ANNA, "👍", line)
        same(peer.shown()["reaction"], "👍")
        peer.wa.remove_reaction(ANNA, line)
        same(peer.shown()["reaction"], None)
        same([status.status.value for status in peer.statuses(2)], ["sent", "sent"])
    with peer.of("marking as read and typing"):
        message = peer.does("says", text="read me")
        true(message.mark_as_read(), "not marked")
        true(message.indicate_typing(), "not typing")
    with peer.of("a file goes up, comes down and is deleted"):
        media = peer.wa.upload_media(PNG, mime_type="image/png", filename="a.png")
        same(peer.wa.get_media_bytes(peer.wa.get_media_url(media.id).url), PNG)
        true(peer.wa.delete_media(media.id), "not deleted")
        with refused(WhatsAppError, coded(100)):
            peer.wa.get_media_url(media.id)


def account(peer):
    with peer.of("our number"):
        number = peer.wa.get_business_phone_number()
        same((number.id, number.verified_name, number.quality_rating), (peer.phone, "Sala", "GREEN"))
    with peer.of("our numbers"):
        same([number.id for number in peer.wa.get_business_phone_numbers()], [peer.phone])
    with peer.of("our profile"):
        same(peer.wa.get_business_profile().about, "Sala")
    with peer.of("our templates"):
        found = [(template.name, template.status.value) for template in peer.wa.get_templates()]
        same(found.count(("order_shipped", "APPROVED")), 2)


def refusals(peer):
    wa = peer.wa
    with peer.of("another token is refused"):
        with refused(WhatsAppError, coded(190)):
            peer.client("wrong").send_message(ANNA, "x")
    with peer.of("a text that is too long is refused"):
        with refused(WhatsAppError, lambda error: error.code in (100, 131009)):
            wa.send_message(ANNA, "x" * 4097)
    with peer.of("a fourth button is refused"):
        with refused(WhatsAppError, coded(131009)):
            wa.send_message(ANNA, "x", buttons=[types.Button(str(at), str(at)) for at in range(4)])
    with peer.of("who never wrote is told of by a failed status"):
        wa.send_message("66800000000", "x")
        [status] = peer.statuses(1)
        same((status.status.value, status.error.code), ("failed", 131047))
    with peer.of("a template reaches who never wrote, and costs"):
        wa.send_template(
            "66800000001", "order_shipped", TemplateLanguage.ENGLISH, [BodyText.params("Anna", "BK240117")]
        )
        told = peer.statuses(2)
        same({(status.pricing.billable, status.pricing.type.value) for status in told}, {(True, "regular")})
    with peer.of("who blocked us is told of by a failed status"):
        peer.demo.act("whatsapp", BORIS, "leaves")
        wa.send_message(BORIS, "x")
        [status] = peer.statuses(1)
        same((status.status.value, status.error.code), ("failed", 131026))
    with peer.of("faults that were asked for come as the Graph's"):
        faults = [{"fault": "too_many_requests", "seconds": 1}, {"fault": "server_error"}, {"fault": "token_expired"}]
        peer.demo.fail_next("whatsapp", *faults)
        for code in (130429, 131000, 190):
            with refused(WhatsAppError, coded(code)):
                wa.send_message(ANNA, "x")
    with peer.of("a send whose answer never came is told of by its statuses"):
        peer.demo.fail_next("whatsapp", {"fault": "accept_then_silence"})
        with refused(httpx.RequestError, lambda _: True):
            wa.send_message(ANNA, "silence", tracker="t-2")
        same([status.tracker for status in peer.statuses(2)], ["t-2", "t-2"])
