"""python-telegram-bot against the pretended Telegram: it drives the Bot API and reads the updates."""

import asyncio
import logging
from datetime import datetime, timedelta, timezone

from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, UpdateType
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from checks import lost, refused, same, true
from demo import PNG

ANNA, GROUP, BUSINESS = 7001001, -100777, "b1/7001002"
WORDS = 'สวัสดีค่ะ 你好 👋🏽 "quoted" <b>&amp;'
KINDS = [kind.value for kind in UpdateType]
PICTURE = "https://example.com/a.jpg"


def talk(demo, checks):
    # It logs refusals, which are provoked here.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    asyncio.run(Peer(demo, checks).talk())


class Peer:
    def __init__(self, demo, checks):
        self.demo, self.of = demo, checks.of
        account = demo.account("telegram")
        self.token, self.ours = account["secrets"]["bot_token"], account["webhook"]
        self.secret = account["secrets"]["webhook_secret"]
        self.base = account["api_base"]
        self.bot = self.as_bot(self.token)
        self.offset = None

    def as_bot(self, token):
        return Bot(token, base_url=f"{self.base}/bot", base_file_url=f"{self.base}/file/bot")

    async def talk(self):
        async with self.bot:
            try:
                await self.settings()
                await self.updates()
                await self.files()
                await self.sends()
                await self.chats()
                await self.presses()
                await self.refusals()
                await self.webhook()
            finally:
                await self.bot.set_webhook(self.ours, secret_token=self.secret, allowed_updates=KINDS)

    async def fetched(self):
        updates = await self.bot.get_updates(offset=self.offset, timeout=0, allowed_updates=KINDS)
        if updates:
            self.offset = updates[-1].update_id + 1
        return updates

    async def does(self, do, customer=ANNA, **what):
        """The only update that came of it, in which the library knew every field."""
        true(self.demo.act("telegram", str(customer), do, **what) is not None, "people cannot do that")
        [update] = await self.fetched()
        same(unknown(update), [])
        return update

    def shown(self, customer=ANNA):
        return self.demo.last("telegram", str(customer))

    async def settings(self):
        with self.of("getMe"):
            me = await self.bot.get_me()
            same((str(me.id), me.is_bot, me.username), (self.token.split(":")[0], True, "baan_kafe_demo_bot"))
            same(unknown(me), [])
        with self.of("getUpdates is a conflict while a webhook is set"):
            with refused(Conflict, lambda _: True):
                await self.bot.get_updates()
        with self.of("deleteWebhook and getWebhookInfo"):
            same(await self.bot.delete_webhook(drop_pending_updates=True), True)
            info = await self.bot.get_webhook_info()
            same((info.url, info.pending_update_count, unknown(info)), ("", 0, []))
        with self.of("getUpdates is empty before anything happened"):
            same(await self.fetched(), ())

    async def updates(self):
        with self.of("a start with a deep link is a command"):
            message = (await self.does("starts", payload="spring_sale")).message
            same((message.text, message.entities[0].type), ("/start spring_sale", "bot_command"))
            same((message.chat.id, message.from_user.language_code), (ANNA, "th"))
        with self.of("a text"):
            update = await self.does("says", text=WORDS)
            same((update.message.text, update.effective_user.id), (WORDS, ANNA))
            true(datetime.now(timezone.utc) - update.message.date < timedelta(minutes=1), "the date is not now")
        with self.of("a text that quotes another"):
            quoted = self.shown()["id"]
            message = (await self.does("says", text="that", quotes=quoted)).message
            same((str(message.reply_to_message.message_id), message.reply_to_message.text), (quoted, WORDS))
        with self.of("a sticker"):
            sticker = (await self.does("sends_sticker", id="CAACAgIAAxkBAAEB")).message.sticker
            same((sticker.emoji, sticker.is_animated, sticker.type), ("🙏", False, "regular"))
        with self.of("a location"):
            place = {"latitude": 13.7563, "longitude": 100.5018}
            location = (await self.does("sends_location", location=place)).message.location
            same((location.latitude, location.longitude), (13.7563, 100.5018))
        with self.of("a venue"):
            place = {"latitude": 13.7563, "longitude": 100.5018, "title": "ร้าน", "address": "กรุงเทพฯ"}
            venue = (await self.does("sends_location", location=place)).message.venue
            same((venue.title, venue.address, venue.location.latitude), ("ร้าน", "กรุงเทพฯ", 13.7563))
        with self.of("a contact"):
            person = {"name": "Anna", "phones": ["+66812345678"], "emails": ["a@example.com"]}
            contact = (await self.does("sends_contact", contact=person)).message.contact
            same((contact.first_name, contact.phone_number), ("Anna", "+66812345678"))
            true("a@example.com" in contact.vcard, "no address in the vCard")
        with self.of("a reaction, another and none"):
            line = self.shown()["id"]
            for old, new in ((None, "👍"), ("👍", "❤"), ("❤", None)):
                reaction = (await self.does("reacts", line=line, emoji=new)).message_reaction
                emoji = [tuple(one.emoji for one in list_) for list_ in (reaction.old_reaction, reaction.new_reaction)]
                same(emoji, [(old,) if old else (), (new,) if new else ()])
                same((reaction.message_id, reaction.user.id), (int(line), ANNA))
        with self.of("an edited text"):
            said = (await self.does("says", text="tpyo")).message
            edited = (await self.does("edits", line=str(said.message_id), text="typo")).edited_message
            same((edited.message_id, edited.text, bool(edited.edit_date)), (said.message_id, "typo", True))
        with self.of("an arrival by a link with a text"):
            referral = {"source": "link", "payload": "ad7"}
            true(self.demo.act("telegram", str(ANNA), "arrives", referral=referral, text="hi") is not None, "no")
            same([update.message.text for update in await self.fetched()], ["/start ad7", "hi"])
        with self.of("what people cannot do on Telegram is not done"):
            for act in ({"do": "reads"}, {"do": "mentions_in_story"}, {"do": "comments", "text": "x"}):
                same(self.demo.act("telegram", str(ANNA), **act), None)
            same(self.demo.act("telegram", str(ANNA), "deletes", line="1"), None)
        with self.of("updates come again until they are confirmed"):
            self.demo.act("telegram", str(ANNA), "says", text="again")
            twice = [await self.bot.get_updates(offset=self.offset, timeout=0) for _ in range(2)]
            same(twice[0][0].update_id, twice[1][0].update_id)
            await self.fetched()
            same(await self.fetched(), ())

    async def files(self):
        for kind, mime, found in [
            ("image", "image/png", lambda message: message.photo[-1]),
            ("video", "video/mp4", lambda message: message.video),
            ("animation", "video/mp4", lambda message: message.animation),
            ("audio", "audio/mpeg", lambda message: message.audio),
            ("voice", "audio/ogg", lambda message: message.voice),
            ("file", "application/pdf", lambda message: message.document),
        ]:
            with self.of(f"{kind} comes and its file comes down"):
                sends = {"kind": kind, "name": f"a.{kind}", "mime": mime, "bytes": list(PNG), "caption": "ดูนี่"}
                message = (await self.does("sends", **sends)).message
                file = await found(message).get_file()
                same((bytes(await file.download_as_bytearray()), file.file_size), (PNG, len(PNG)))
                same(message.caption, "ดูนี่")

    async def sends(self):
        bot = self.bot
        keys = InlineKeyboardMarkup(
            [[InlineKeyboardButton("Track", callback_data="track")], [InlineKeyboardButton("Open", url=PICTURE)]]
        )
        sends = {
            "sendMessage": lambda: bot.send_message(ANNA, WORDS),
            "sendMessage with inline keys": lambda: bot.send_message(ANNA, "What?", reply_markup=keys),
            "sendMessage with a keyboard": lambda: bot.send_message(
                ANNA,
                "Where?",
                reply_markup=ReplyKeyboardMarkup([[KeyboardButton("Here", request_location=True), "There"]]),
            ),
            "sendMessage without a keyboard": lambda: bot.send_message(ANNA, "Fine", reply_markup=ReplyKeyboardRemove()),
            "sendMessage that asks for an answer": lambda: bot.send_message(ANNA, "Well?", reply_markup=ForceReply()),
            "sendPhoto by address": lambda: bot.send_photo(ANNA, PICTURE, caption="Picture", reply_markup=keys),
            "sendPhoto by upload": lambda: bot.send_photo(ANNA, PNG, filename="a.png"),
            "sendVideo": lambda: bot.send_video(ANNA, "https://example.com/a.mp4"),
            "sendAnimation": lambda: bot.send_animation(ANNA, "https://example.com/a.gif"),
            "sendAudio": lambda: bot.send_audio(ANNA, "https://example.com/a.mp3"),
            "sendVoice": lambda: bot.send_voice(ANNA, PNG),
            "sendDocument": lambda: bot.send_document(ANNA, PNG, filename="a.pdf", caption="Paper"),
            "sendSticker": lambda: bot.send_sticker(ANNA, "CAACAgIAAxkBAAEB"),
            "sendLocation": lambda: bot.send_location(ANNA, 13.7, 100.5),
            "sendVenue": lambda: bot.send_venue(ANNA, 13.7, 100.5, "Shop", "Bangkok"),
            "sendContact": lambda: bot.send_contact(ANNA, "+66812345678", "Anna"),
        }
        for name, send in sends.items():
            with self.of(name):
                message = await send()
                same((str(message.message_id), unknown(message)), (self.shown()["id"], []))
                same((message.from_user.is_bot, message.chat.id), (True, ANNA))
        with self.of("an inline keyboard comes back with its message"):
            message = await bot.send_message(ANNA, "What?", reply_markup=keys)
            same(message.reply_markup, keys)
            same([button["title"] for button in self.shown()["buttons"]], ["Track", "Open"])
        with self.of("what was uploaded comes down again"):
            document = (await bot.send_document(ANNA, PNG, filename="b.png")).document
            same(document.file_size, len(PNG))
            same(document.file_name, "b.png")
            file = await bot.get_file(document.file_id)
            same(bytes(await file.download_as_bytearray()), PNG)
        with self.of("a reply names the message it answers"):
            first = await bot.send_message(ANNA, "first")
            reply = await bot.send_message(ANNA, "second", reply_parameters=ReplyParameters(first.message_id))
            same(reply.reply_to_message.message_id, first.message_id)
        with self.of("setMessageReaction and its removal"):
            said = (await self.does("says", text="thanks")).message.message_id
            same(await bot.set_message_reaction(ANNA, said, ReactionTypeEmoji("👍")), True)
            same(self.shown()["reaction"], "👍")
            same(await bot.set_message_reaction(ANNA, said, []), True)
            same(self.shown()["reaction"], None)
            with refused(BadRequest, lambda error: "REACTION_INVALID" in str(error).upper()):
                await bot.set_message_reaction(ANNA, said, ReactionTypeEmoji("🫠"))
        with self.of("editMessageText"):
            message = await bot.send_message(ANNA, "before", reply_markup=keys)
            edited = await bot.edit_message_text("after", ANNA, message.message_id)
            same((edited.text, edited.reply_markup, self.shown()["text"]), ("after", None, "after"))
            true(edited.edit_date, "no date of the edit")
            with refused(BadRequest, lambda error: "not modified" in str(error)):
                await bot.edit_message_text("after", ANNA, message.message_id)
        with self.of("editMessageReplyMarkup takes the keys away"):
            message = await bot.send_message(ANNA, "keys", reply_markup=keys)
            edited = await bot.edit_message_reply_markup(ANNA, message.message_id, reply_markup=None)
            same((edited.reply_markup, self.shown()["buttons"]), (None, []))
        with self.of("deleteMessage"):
            message = await bot.send_message(ANNA, "gone")
            same(await bot.delete_message(ANNA, message.message_id), True)
            same(self.shown()["deleted"], True)
            with refused(BadRequest, lambda error: "not found" in str(error)):
                await bot.delete_message(ANNA, message.message_id)
        with self.of("sendChatAction"):
            same(await bot.send_chat_action(ANNA, ChatAction.TYPING), True)
        await self.fetched()

    async def chats(self):
        bot = self.bot
        with self.of("getChat"):
            chat = await bot.get_chat(ANNA)
            same((chat.id, chat.type, unknown(chat)), (ANNA, "private", []))
            true(chat.photo.big_file_id, "no picture")
        with self.of("getUserProfilePhotos and the picture"):
            photos = await bot.get_user_profile_photos(ANNA)
            file = await photos.photos[0][-1].get_file()
            true(await file.download_as_bytearray(), "no picture")
        with self.of("a group: its messages, answers and names"):
            self.demo.act("telegram", f"{GROUP}:42", "says", text="in the group")
            [update] = await self.fetched()
            same((update.message.chat.type, update.effective_user.id), ("supergroup", 42))
            answer = await bot.send_message(GROUP, "to all")
            same((answer.chat.id, unknown(update)), (GROUP, []))
        with self.of("a business account: written, edited, deleted, and the owner's own words"):
            said = (await self.does("says", BUSINESS, text="to the shop")).business_message
            same((said.business_connection_id, said.text), ("b1", "to the shop"))
            line = str(said.message_id)
            same((await self.does("edits", BUSINESS, line=line, text="x")).edited_business_message.text, "x")
            own = (await self.does("colleague_says", BUSINESS, text="by hand")).business_message
            same(own.from_user.username, "shop_owner")
            gone = (await self.does("deletes", BUSINESS, line=line)).deleted_business_messages
            same(gone.message_ids, (said.message_id,))
            answer = await bot.send_message(7001002, "for the shop", business_connection_id="b1")
            same(answer.sender_business_bot.is_bot, True)
        with self.of("a reply to a story of the business account"):
            message = (await self.does("replies_to_story", BUSINESS, text="lovely")).business_message
            same((message.text, message.reply_to_story.id), ("lovely", 1))

    async def presses(self):
        with self.of("a press is a callback query that is answered once"):
            keys = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Press", callback_data="p:1"))
            sent = await self.bot.send_message(ANNA, "Press it", reply_markup=keys)
            query = (await self.does("presses", title="Press")).callback_query
            same((query.data, query.message.message_id, query.from_user.id), ("p:1", sent.message_id, ANNA))
            same(await query.answer("Done"), True)
            with refused(BadRequest, lambda error: "too old" in str(error)):
                await query.answer()
        with self.of("a pressed message is edited through its query"):
            query = (await self.does("presses", title="Press")).callback_query
            edited = await query.edit_message_text("Pressed")
            same(edited.text, "Pressed")
        with self.of("a button that opens an address tells nothing"):
            keys = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Look", url=PICTURE))
            await self.bot.send_message(ANNA, "Look", reply_markup=keys)
            self.demo.act("telegram", str(ANNA), "presses", title="Look")
            same(await self.fetched(), ())

    async def refusals(self):
        bot = self.bot
        for name, kind, words, call in [
            ("a text that is too long", BadRequest, "too long", lambda: bot.send_message(ANNA, "x" * 4097)),
            ("an empty text", BadRequest, "empty", lambda: bot.send_message(ANNA, "  ")),
            ("an unknown chat", BadRequest, "chat not found", lambda: bot.send_message(1, "x")),
            (
                "too much data in a key",
                BadRequest,
                "button_data_invalid",
                lambda: bot.send_message(
                    ANNA, "x", reply_markup=InlineKeyboardMarkup.from_button(InlineKeyboardButton("x", callback_data="x" * 65))
                ),
            ),
            ("an answer to nothing", BadRequest, "replied not found", lambda: bot.send_message(ANNA, "x", reply_to_message_id=9999)),
            ("an unknown file", BadRequest, "file_id", lambda: bot.get_file("nothing")),
        ]:
            with self.of(f"{name} is refused"):
                with refused(kind, lambda error: words in str(error).lower()):
                    await call()
        with self.of("another token is refused"):
            with refused(InvalidToken, lambda _: True):
                async with self.as_bot("7000000001:wrong"):
                    pass
        with self.of("faults that were asked for come as Telegram's"):
            self.demo.fail_next("telegram", {"fault": "too_many_requests", "seconds": 7}, {"fault": "server_error"})
            with refused(RetryAfter, lambda error: str(error.retry_after).startswith(("7", "0:00:07"))):
                await bot.send_message(ANNA, "x")
            with refused(NetworkError, lambda error: not isinstance(error, BadRequest)):
                await bot.send_message(ANNA, "x")
        with self.of("a connection that breaks is a network error"):
            self.demo.fail_next("telegram", {"fault": "accept_then_silence"})
            with refused(NetworkError, lambda error: not isinstance(error, BadRequest)):
                await bot.send_message(ANNA, "silence")
            same(self.shown()["text"], "silence")
        with self.of("who blocks the bot is told and cannot be written to"):
            change = (await self.does("leaves")).my_chat_member
            same(change.new_chat_member.status, "kicked")
            with refused(Forbidden, lambda error: "blocked" in str(error)):
                await bot.send_message(ANNA, "x")
            self.demo.act("telegram", str(ANNA), "starts")
            back = await self.fetched()
            same((back[0].my_chat_member.new_chat_member.status, back[1].message.text), ("member", "/start"))

    async def webhook(self):
        calls = self.demo.receiver
        setting = {"secret_token": "s3cret_", "allowed_updates": KINDS, "drop_pending_updates": True}
        with self.of("setWebhook posts with its secret, and nothing is lost"):
            same(await self.bot.set_webhook(calls.url, **setting), True)
            info = await self.bot.get_webhook_info()
            same((info.url, sorted(info.allowed_updates)), (calls.url, sorted(KINDS)))
            for act in (
                {"do": "says", "text": WORDS},
                {"do": "sends_sticker", "id": "CAACAgIAAxkBAAEB"},
                {"do": "sends_location", "location": {"latitude": 1.5, "longitude": 2.5, "title": "Shop"}},
            ):
                [call] = self.demo.act("telegram", str(ANNA), **act)
                same(call.headers["x-telegram-bot-api-secret-token"], "s3cret_")
                update = Update.de_json(call.json, self.bot)
                same((lost(call.json, update.to_dict()), unknown(update)), ([], []))
        with self.of("a kind that was not asked for does not come"):
            await self.bot.set_webhook(calls.url, allowed_updates=["callback_query"])
            same(self.demo.act("telegram", str(ANNA), "says", text="unheard"), [])
        with self.of("a secret with other letters is refused"):
            with refused(TelegramError, lambda error: "unallowed characters" in str(error)):
                await self.bot.set_webhook(calls.url, secret_token="a b")


def unknown(read, path=""):
    """The fields that the library does not know, in what it read."""
    found = [f"{path}/{name}" for name in getattr(read, "api_kwargs", None) or {}]
    for name in getattr(read, "__slots__", ()) if hasattr(read, "api_kwargs") else ():
        value = getattr(read, name, None)
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if hasattr(one, "api_kwargs") and not name.startswith("_"):
                found += unknown(one, f"{path}/{name}")
    return found
