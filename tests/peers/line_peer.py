"""line-bot-sdk against the pretended LINE: it reads the webhooks and drives the API."""

import uuid
from datetime import datetime, timedelta

from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.messaging import (
    ApiClient,
    AudioMessage,
    BroadcastRequest,
    ButtonsTemplate,
    CameraAction,
    CarouselColumn,
    CarouselTemplate,
    Configuration,
    ConfirmTemplate,
    DatetimePickerAction,
    FlexContainer,
    FlexMessage,
    ImageCarouselColumn,
    ImageCarouselTemplate,
    ImageMessage,
    ImagemapArea,
    ImagemapBaseSize,
    ImagemapMessage,
    LocationMessage,
    MessageAction,
    MessagingApi,
    MessagingApiBlob,
    MulticastRequest,
    NarrowcastRequest,
    PostbackAction,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    SetWebhookEndpointRequest,
    StickerMessage,
    TemplateMessage,
    TestWebhookEndpointRequest,
    TextMessage,
    TextMessageV2,
    URIAction,
    URIImagemapAction,
    ValidateMessageRequest,
    VideoMessage,
)
from linebot.v3.messaging.exceptions import ApiException
from linebot.v3.webhook import WebhookParser
from linebot.v3.webhooks import (
    AudioMessageContent,
    FileMessageContent,
    FollowEvent,
    ImageMessageContent,
    LocationMessageContent,
    MessageEvent,
    PostbackEvent,
    StickerMessageContent,
    TextMessageContent,
    UnfollowEvent,
    UnsendEvent,
    UserSource,
    VideoMessageContent,
)

import line_account
from checks import lost, refused, same, true
from demo import PNG
from line_account import ANNA, BORIS, answered

WORDS = 'สวัสดีค่ะ 你好 👋🏽 "quoted" / \\ <b>&amp;'


class Peer:
    def __init__(self, demo, checks):
        self.demo, self.checks, self.of = demo, checks, checks.of
        account = demo.account("line")
        self.secret = account["secrets"]["channel_secret"]
        self.token, self.host = account["secrets"]["access_token"], account["api_base"]
        self.ours = account["webhook"]
        client = ApiClient(Configuration(host=self.host, access_token=self.token))
        self.api, self.blob = MessagingApi(client), MessagingApiBlob(client)
        self.parser = WebhookParser(self.secret)

    def heard(self, calls):
        """The only event of the only webhook, of which nothing was lost."""
        same(len(calls), 1)
        payload = self.parser.parse(calls[0].body.decode(), calls[0].headers["x-line-signature"], as_payload=True)
        same(len(payload.events), 1)
        event, sent = payload.events[0], calls[0].json["events"][0]
        read = event.to_dict()
        read["source"], read["deliveryContext"] = event.source.to_dict(), event.delivery_context.to_dict()
        read["mode"] = event.mode.value
        if isinstance(event, MessageEvent):
            read["message"] = event.message.to_dict()
        same(lost(sent, read), [])
        return event

    def does(self, customer, do, **what):
        return self.heard(self.demo.act("line", customer, do, **what))

    def shown(self, customer=ANNA):
        return self.demo.last("line", customer)

    def push(self, *messages, to=ANNA, key=None):
        request = PushMessageRequest(to=to, messages=list(messages))
        return self.api.push_message(request, x_line_retry_key=key or str(uuid.uuid4()))


def talk(demo, checks):
    peer = Peer(demo, checks)
    endpoint(peer)
    try:
        events(peer)
        files(peer)
        signatures(peer)
        replies(peer)
        pushes(peer)
        kinds(peer)
        presses(peer)
        many(peer)
        line_account.ask(peer)
        refusals(peer)
        leaving(peer)
    finally:
        peer.api.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint=peer.ours))


def endpoint(peer):
    with peer.of("set_webhook_endpoint and get_webhook_endpoint"):
        peer.api.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint=peer.demo.receiver.url))
        state = peer.api.get_webhook_endpoint()
        same((state.endpoint, state.active), (peer.demo.receiver.url, True))
    with peer.of("test_webhook_endpoint calls without events"):
        tested = peer.api.test_webhook_endpoint(TestWebhookEndpointRequest())
        same((tested.success, tested.status_code), (True, 200))
        call = peer.demo.receiver.one()
        same(peer.parser.parse(call.body.decode(), call.headers["x-line-signature"]), [])


def events(peer):
    with peer.of("follow is a FollowEvent"):
        event = peer.does(ANNA, "starts")
        true(isinstance(event, FollowEvent) and not event.follow.is_unblocked, repr(event))
        true(isinstance(event.source, UserSource) and event.source.user_id == ANNA, repr(event.source))
    with peer.of("text is a TextMessageContent with its tokens"):
        event = peer.does(ANNA, "says", text=WORDS)
        true(isinstance(event, MessageEvent) and isinstance(event.message, TextMessageContent), repr(event))
        same((event.message.text, event.mode.value, event.delivery_context.is_redelivery), (WORDS, "active", False))
        true(event.reply_token and event.message.quote_token and event.message.mark_as_read_token, repr(event))
        same(len(event.webhook_event_id), 26)
        true(abs(event.timestamp / 1000 - datetime.now().timestamp()) < 60, "the time is not now")
    with peer.of("a quoting text names what it quotes"):
        line = peer.shown()["id"]
        same(peer.does(ANNA, "says", text="this", quotes=line).message.quoted_message_id, line)
    with peer.of("sticker is a StickerMessageContent"):
        message = peer.does(ANNA, "sends_sticker", id="446/1988").message
        true(isinstance(message, StickerMessageContent), repr(message))
        same((message.package_id, message.sticker_id), ("446", "1988"))
    with peer.of("location is a LocationMessageContent"):
        place = {"latitude": 13.7563, "longitude": 100.5018, "title": "ร้าน", "address": "กรุงเทพฯ"}
        message = peer.does(ANNA, "sends_location", location=place).message
        true(isinstance(message, LocationMessageContent), repr(message))
        same((message.latitude, message.longitude, message.title), (13.7563, 100.5018, "ร้าน"))
    with peer.of("unsend is an UnsendEvent"):
        said = peer.does(ANNA, "says", text="oops").message.id
        event = peer.does(ANNA, "deletes", line=said)
        true(isinstance(event, UnsendEvent), repr(event))
        same(event.unsend.message_id, said)
    with peer.of("what people cannot do on LINE is not done"):
        for act in ({"do": "reacts", "line": "1", "emoji": "👍"}, {"do": "mentions_in_story"}):
            same(peer.demo.act("line", ANNA, **act), None)
    with peer.of("what people read and colleagues say makes no event"):
        same(peer.demo.act("line", ANNA, "reads"), [])
        same(peer.demo.act("line", ANNA, "colleague_says", text="from the OA Manager"), [])


def files(peer):
    kinds = [
        ("image", "image/png", ImageMessageContent),
        ("video", "video/mp4", VideoMessageContent),
        ("audio", "audio/m4a", AudioMessageContent),
        ("voice", "audio/m4a", AudioMessageContent),
        ("file", "application/pdf", FileMessageContent),
    ]
    for kind, mime, content in kinds:
        with peer.of(f"{kind} is a {content.__name__} whose content comes down"):
            sends = {"kind": kind, "name": f"a.{kind}", "mime": mime, "bytes": list(PNG)}
            message = peer.does(ANNA, "sends", **sends).message
            true(isinstance(message, content), repr(message))
            same(bytes(peer.blob.get_message_content(message.id)), PNG)
            if content is FileMessageContent:
                same((message.file_name, message.file_size), ("a.file", len(PNG)))
            if kind in ("video", "audio"):
                state = peer.blob.get_message_content_transcoding_by_message_id(message.id)
                same(state.status, "succeeded")
            if kind == "image":
                true(peer.blob.get_message_content_preview(message.id), "no preview")
    with peer.of("the content of an unsent image is gone"):
        sends = {"kind": "image", "name": "x.png", "mime": "image/png", "bytes": list(PNG)}
        message = peer.does(ANNA, "sends", **sends).message
        peer.does(ANNA, "deletes", line=message.id)
        with refused(ApiException, lambda error: error.status in (404, 410)):
            peer.blob.get_message_content(message.id)


def signatures(peer):
    [call] = peer.demo.act("line", ANNA, "says", text=WORDS)
    signature = call.headers["x-line-signature"]
    for what, parser, body, given in [
        ("another body", peer.parser, call.body.decode() + " ", signature),
        ("another secret", WebhookParser("another"), call.body.decode(), signature),
        ("another signature", peer.parser, call.body.decode(), signature[::-1]),
    ]:
        with peer.of(f"{what} is refused"):
            with refused(InvalidSignatureError, lambda _: True):
                parser.parse(body, given)


def replies(peer):
    with peer.of("reply_message answers, quotes, and takes its token once"):
        event = peer.does(ANNA, "says", text="hello")
        message = TextMessage(text="Hello $", quote_token=event.message.quote_token)
        request = ReplyMessageRequest(reply_token=event.reply_token, messages=[message])
        sent = peer.api.reply_message(request)
        same((sent.sent_messages[0].id, peer.shown()["text"]), (peer.shown()["id"], "Hello $"))
        true(sent.sent_messages[0].quote_token, "no quote token")
        with refused(ApiException, answered(400, "Invalid reply token")):
            peer.api.reply_message(request)
    with peer.of("five messages in a reply arrive in order, six are refused"):
        event = peer.does(ANNA, "says", text="five")
        five = [TextMessage(text=str(number)) for number in range(6)]
        with refused(ValueError, lambda error: "at most 5" in str(error)):
            ReplyMessageRequest(reply_token=event.reply_token, messages=five)
        peer.api.reply_message(ReplyMessageRequest(reply_token=event.reply_token, messages=five[:5]))
        lines = peer.demo.transcript("line", ANNA)[-5:]
        same([line["text"] for line in lines], ["0", "1", "2", "3", "4"])
    with peer.of("a reply that notifies nobody is taken"):
        event = peer.does(ANNA, "says", text="quietly")
        quiet = ReplyMessageRequest(
            reply_token=event.reply_token, messages=[TextMessage(text="shh")], notification_disabled=True
        )
        true(peer.api.reply_message(quiet).sent_messages, "nothing was sent")


def pushes(peer):
    key = str(uuid.uuid4())
    with peer.of("push_message with a retry key"):
        sent = peer.push(TextMessage(text="pushed"), key=key)
        same(peer.shown()["id"], sent.sent_messages[0].id)
    with peer.of("the retry key again is 409 with the accepted request's id"):
        before = peer.shown()["id"]
        with refused(ApiException, lambda error: error.status == 409 and error.headers["x-line-accepted-request-id"]):
            peer.push(TextMessage(text="pushed"), key=key)
        same(peer.shown()["id"], before)
    with peer.of("a retry key that is no UUID is refused"):
        with refused(ApiException, answered(400, "Retry-Key")):
            peer.push(TextMessage(text="x"), key="again")
    with peer.of("every answer has its request id"):
        request = PushMessageRequest(to=ANNA, messages=[TextMessage(text="with http info")])
        info = peer.api.push_message_with_http_info(request)
        same(info.status_code, 200)
        true(info.headers["x-line-request-id"], "no id")


def kinds(peer):
    picture = "https://example.com/a.jpg"
    uri = URIAction(label="Open", uri="https://example.com")
    column = CarouselColumn(text="Card", title="One", thumbnail_image_url=picture, actions=[uri])
    bubble = {
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "Flex"}]},
    }
    area = URIImagemapAction(link_uri="https://example.com", area=ImagemapArea(x=0, y=0, width=520, height=520))
    messages = {
        "text with an emoji": TextMessage(
            text="$ hi", emojis=[{"index": 0, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}]
        ),
        "text v2": TextMessageV2(text="Hello"),
        "sticker": StickerMessage(package_id="446", sticker_id="1988"),
        "image": ImageMessage(original_content_url=picture, preview_image_url=picture),
        "video": VideoMessage(original_content_url="https://example.com/a.mp4", preview_image_url=picture),
        "audio": AudioMessage(original_content_url="https://example.com/a.m4a", duration=1000),
        "location": LocationMessage(title="Shop", address="Bangkok", latitude=13.7, longitude=100.5),
        "confirm template": TemplateMessage(
            alt_text="Sure?", template=ConfirmTemplate(text="Sure?", actions=[uri, MessageAction(label="No", text="No")])
        ),
        "carousel": TemplateMessage(alt_text="Cards", template=CarouselTemplate(columns=[column, column])),
        "image carousel": TemplateMessage(
            alt_text="Pictures",
            template=ImageCarouselTemplate(columns=[ImageCarouselColumn(image_url=picture, action=uri)]),
        ),
        "flex": FlexMessage(alt_text="Flex", contents=FlexContainer.from_dict(bubble)),
        "imagemap": ImagemapMessage(
            base_url="https://example.com/map",
            alt_text="Map",
            base_size=ImagemapBaseSize(width=1040, height=1040),
            actions=[area],
        ),
    }
    for name, message in messages.items():
        with peer.of(f"a {name} is pushed and valid"):
            peer.api.validate_push(ValidateMessageRequest(messages=[message]))
            same(peer.push(message).sent_messages[0].id, peer.shown()["id"])


def presses(peer):
    buttons = ButtonsTemplate(
        text="What?",
        actions=[
            PostbackAction(label="Track", data="track", display_text="Track it"),
            MessageAction(label="Ask", text="I ask"),
            URIAction(label="Open", uri="https://example.com"),
            DatetimePickerAction(label="When", data="when", mode="date"),
        ],
    )
    with peer.of("a pressed postback is a PostbackEvent"):
        peer.push(TemplateMessage(alt_text="What?", template=buttons))
        event = peer.does(ANNA, "presses", title="Track")
        true(isinstance(event, PostbackEvent), repr(event))
        same((event.postback.data, peer.shown()["text"]), ("track", "Track it"))
        true(event.reply_token, "no reply token")
    with peer.of("a pressed message action is a text"):
        same(peer.does(ANNA, "presses", title="Ask").message.text, "I ask")
    with peer.of("an opened address tells nothing"):
        same(peer.demo.act("line", ANNA, "presses", title="Open"), [])
    with peer.of("a picked date comes with its parameters"):
        event = peer.does(ANNA, "presses", title="When")
        same(event.postback.data, "when")
        true(event.postback.params and "date" in event.postback.params, repr(event.postback))
    with peer.of("quick replies come back as they were meant"):
        items = [
            QuickReplyItem(action=PostbackAction(label="Yes", data="y", display_text="Yes")),
            QuickReplyItem(action=MessageAction(label="No", text="No!")),
            QuickReplyItem(action=CameraAction(label="Camera")),
        ]
        peer.push(TextMessage(text="Sure?", quick_reply=QuickReply(items=items)))
        same(peer.does(ANNA, "presses", title="Yes").postback.data, "y")
        same(peer.does(ANNA, "presses", title="No").message.text, "No!")


def many(peer):
    peer.demo.act("line", BORIS, "starts")
    with peer.of("multicast reaches everybody"):
        request = MulticastRequest(to=[ANNA, BORIS], messages=[TextMessage(text="to both")])
        peer.api.multicast(request, x_line_retry_key=str(uuid.uuid4()))
        same([peer.shown(who)["text"] for who in (ANNA, BORIS)], ["to both", "to both"])
    with peer.of("multicast again under its key is 409"):
        key = str(uuid.uuid4())
        request = MulticastRequest(to=[BORIS], messages=[TextMessage(text="once")])
        peer.api.multicast(request, x_line_retry_key=key)
        with refused(ApiException, answered(409)):
            peer.api.multicast(request, x_line_retry_key=key)
    with peer.of("broadcast reaches the friends"):
        peer.api.broadcast(BroadcastRequest(messages=[TextMessage(text="to all")]))
        same(peer.shown(BORIS)["text"], "to all")
    with peer.of("narrowcast is accepted and its progress told"):
        info = peer.api.narrowcast_with_http_info(NarrowcastRequest(messages=[TextMessage(text="to some")]))
        same(info.status_code, 202)
        progress = peer.api.get_narrowcast_progress(info.headers["x-line-request-id"])
        same(progress.phase, "succeeded")
    with peer.of("the quota counts what was pushed"):
        same(peer.api.get_message_quota().type.value, "limited")
        before = peer.api.get_message_quota_consumption().total_usage
        peer.push(TextMessage(text="counted"))
        same(peer.api.get_message_quota_consumption().total_usage, before + 1)
    with peer.of("the numbers of sent messages are told by day"):
        day = (datetime.now() - timedelta(days=1)).strftime("%Y%m%d")
        for ask in (
            peer.api.get_number_of_sent_push_messages,
            peer.api.get_number_of_sent_reply_messages,
            peer.api.get_number_of_sent_multicast_messages,
            peer.api.get_number_of_sent_broadcast_messages,
        ):
            same(ask(day).status, "ready")


def refusals(peer):
    with peer.of("a wrong token is 401"):
        stranger = MessagingApi(ApiClient(Configuration(host=peer.host, access_token="wrong")))
        with refused(ApiException, answered(401)):
            stranger.get_bot_info()
    with peer.of("an unknown person cannot be written to"):
        with refused(ApiException, answered(400)):
            peer.push(TextMessage(text="x"), to="U" + "0" * 32)
    with peer.of("a text that is too long is 400 with the property"):
        with refused(ApiException, answered(400, "messages[0]")):
            peer.push(TextMessage(text="x" * 5001))
    with peer.of("faults that were asked for come as LINE's"):
        peer.demo.fail_next("line", {"fault": "too_many_requests", "seconds": 1}, {"fault": "server_error"})
        for status in (429, 500):
            with refused(ApiException, answered(status)):
                peer.push(TextMessage(text="x"))
    with peer.of("a send whose answer never came is found under its key"):
        key = str(uuid.uuid4())
        peer.demo.fail_next("line", {"fault": "accept_then_silence"})
        with refused(Exception, lambda error: not isinstance(error, ApiException)):
            request = PushMessageRequest(to=ANNA, messages=[TextMessage(text="ambiguous")])
            peer.api.push_message(request, x_line_retry_key=key, _request_timeout=10)
        with refused(ApiException, answered(409)):
            peer.push(TextMessage(text="ambiguous"), key=key)
        texts = [line["text"] for line in peer.demo.transcript("line", ANNA)]
        same(texts.count("ambiguous"), 1)


def leaving(peer):
    with peer.of("unfollow is an UnfollowEvent, and the profile is gone"):
        true(isinstance(peer.does(BORIS, "leaves"), UnfollowEvent), "another event")
        with refused(ApiException, answered(404)):
            peer.api.get_profile(BORIS)
    with peer.of("who comes back unblocked us"):
        event = peer.does(BORIS, "starts")
        true(isinstance(event, FollowEvent) and event.follow.is_unblocked, repr(event))
