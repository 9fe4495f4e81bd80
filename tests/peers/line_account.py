"""What line-bot-sdk asks of the account itself: people, rich menus, audiences, figures and tokens."""

from datetime import datetime, timedelta

from linebot.v3.audience import ApiClient as AudienceClient
from linebot.v3.audience import Audience, CreateAudienceGroupRequest, ManageAudience
from linebot.v3.audience import Configuration as AudienceConfiguration
from linebot.v3.insight import ApiClient as InsightClient
from linebot.v3.insight import Configuration as InsightConfiguration
from linebot.v3.insight import Insight
from linebot.v3.messaging import (
    ApiClient,
    Configuration,
    CreateRichMenuAliasRequest,
    MarkMessagesAsReadByTokenRequest,
    MessagingApi,
    PostbackAction,
    RichMenuArea,
    RichMenuBounds,
    RichMenuBulkLinkRequest,
    RichMenuRequest,
    RichMenuSize,
    ShowLoadingAnimationRequest,
    UpdateRichMenuAliasRequest,
)
from linebot.v3.messaging.exceptions import ApiException
from linebot.v3.oauth import ApiClient as OauthClient
from linebot.v3.oauth import ChannelAccessToken
from linebot.v3.oauth import Configuration as OauthConfiguration

from checks import refused, same, true
from demo import PNG

ANNA = "U" + "a" * 32
BORIS = "U" + "b" * 32


def answered(status, words=""):
    return lambda error: error.status == status and words in str(error.body)


def ask(peer):
    account(peer)
    menus(peer)
    others(peer)


def account(peer):
    with peer.of("get_bot_info is whom the webhooks are for"):
        info = peer.api.get_bot_info()
        [call] = peer.demo.act("line", ANNA, "says", text="who?")
        same(call.json["destination"], info.user_id)
    with peer.of("get_profile"):
        profile = peer.api.get_profile(ANNA)
        same((profile.user_id, profile.language), (ANNA, "th"))
    with peer.of("get_followers"):
        same(set(peer.api.get_followers().user_ids) >= {ANNA, BORIS}, True)
    with peer.of("show_loading_animation"):
        peer.api.show_loading_animation(ShowLoadingAnimationRequest(chat_id=ANNA, loading_seconds=10))
        with refused(ApiException, answered(400)):
            peer.api.show_loading_animation(ShowLoadingAnimationRequest(chat_id=ANNA, loading_seconds=7))
    with peer.of("mark_messages_as_read_by_token"):
        token = peer.does(ANNA, "says", text="read me").message.mark_as_read_token
        peer.api.mark_messages_as_read_by_token(MarkMessagesAsReadByTokenRequest(mark_as_read_token=token))
    with peer.of("issue_link_token"):
        true(peer.api.issue_link_token(ANNA).link_token, "no token")


def menus(peer):
    bounds = RichMenuBounds(x=0, y=0, width=2500, height=843)
    menu = RichMenuRequest(
        size=RichMenuSize(width=2500, height=843),
        selected=True,
        name="Menu",
        chat_bar_text="Menu",
        areas=[RichMenuArea(bounds=bounds, action=PostbackAction(label="Shop", data="shop"))],
    )
    with peer.of("a rich menu is validated, made and told"):
        peer.api.validate_rich_menu_object(menu)
        peer.menu = peer.api.create_rich_menu(menu).rich_menu_id
        told = peer.api.get_rich_menu(peer.menu)
        same((told.name, told.areas[0].action.data), ("Menu", "shop"))
        true(peer.menu in [one.rich_menu_id for one in peer.api.get_rich_menu_list().richmenus], "not in the list")
    with peer.of("a menu without a picture cannot be linked"):
        with refused(ApiException, answered(400, "image")):
            peer.api.link_rich_menu_id_to_user(ANNA, peer.menu)
    with peer.of("its picture goes up and comes down"):
        peer.blob.set_rich_menu_image(peer.menu, body=PNG, _headers={"Content-Type": "image/png"})
        same(bytes(peer.blob.get_rich_menu_image(peer.menu)), PNG)
    with peer.of("it is linked to people and unlinked"):
        peer.api.link_rich_menu_id_to_user(ANNA, peer.menu)
        same(peer.api.get_rich_menu_id_of_user(ANNA).rich_menu_id, peer.menu)
        peer.api.unlink_rich_menu_id_from_user(ANNA)
        with refused(ApiException, answered(404)):
            peer.api.get_rich_menu_id_of_user(ANNA)
        peer.api.link_rich_menu_id_to_users(RichMenuBulkLinkRequest(rich_menu_id=peer.menu, user_ids=[ANNA, BORIS]))
        same(peer.api.get_rich_menu_id_of_user(BORIS).rich_menu_id, peer.menu)
    with peer.of("it is everybody's menu until it is not"):
        peer.api.set_default_rich_menu(peer.menu)
        same(peer.api.get_default_rich_menu_id().rich_menu_id, peer.menu)
        peer.api.cancel_default_rich_menu()
        with refused(ApiException, answered(404)):
            peer.api.get_default_rich_menu_id()
    with peer.of("aliases are made, changed, told and deleted"):
        peer.api.create_rich_menu_alias(CreateRichMenuAliasRequest(rich_menu_alias_id="shop", rich_menu_id=peer.menu))
        peer.api.update_rich_menu_alias("shop", UpdateRichMenuAliasRequest(rich_menu_id=peer.menu))
        same(peer.api.get_rich_menu_alias("shop").rich_menu_id, peer.menu)
        same(len(peer.api.get_rich_menu_alias_list().aliases), 1)
        peer.api.delete_rich_menu_alias("shop")
        with refused(ApiException, answered(404)):
            peer.api.get_rich_menu_alias("shop")
    with peer.of("a deleted menu is gone"):
        peer.api.delete_rich_menu(peer.menu)
        with refused(ApiException, answered(404)):
            peer.api.get_rich_menu(peer.menu)


def others(peer):
    with peer.of("an audience group is made and told"):
        client = AudienceClient(AudienceConfiguration(host=peer.host, access_token=peer.token))
        audiences = ManageAudience(client)
        request = CreateAudienceGroupRequest(description="Friends", audiences=[Audience(id=ANNA)])
        made = audiences.create_audience_group(request).audience_group_id
        same(audiences.get_audience_data(made).audience_group.description, "Friends")
        true(audiences.get_audience_groups(page=1).audience_groups, "no groups")
        audiences.delete_audience_group(made)
    with peer.of("insight tells followers and deliveries"):
        insight = Insight(InsightClient(InsightConfiguration(host=peer.host, access_token=peer.token)))
        day = (datetime.now() - timedelta(days=1)).strftime("%Y%m%d")
        same(insight.get_number_of_followers(var_date=day).status, "ready")
        same(insight.get_number_of_message_deliveries(day).status, "ready")
        same(insight.get_friends_demographics().available, False)
    with peer.of("a stateless token is issued and works"):
        oauth = ChannelAccessToken(OauthClient(OauthConfiguration(host=peer.host)))
        issued = oauth.issue_stateless_channel_token_by_client_secret(
            client_id="1234567890", client_secret=peer.secret
        )
        same((issued.token_type, issued.expires_in), ("Bearer", 900))
        client = ApiClient(Configuration(host=peer.host, access_token=issued.access_token))
        true(MessagingApi(client).get_bot_info().user_id, "no bot")
