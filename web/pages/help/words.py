"""Names of help: categories with what may be tried at once, states, times."""

from __future__ import annotations

from datetime import timedelta

from web.help.tickets import ANSWER_WITHIN, Category
from web.pages.desk_words import Named
from web.texts import N_, _

CATEGORIES: dict[str, str] = {
    Category.ROOM.value: N_("进不去竞价现场、不能出价"),
    Category.SIGN_IN.value: N_("登录、身份核验"),
    Category.REGISTRATION.value: N_("报名、保证金"),
    Category.MONEY.value: N_("付款、退款、贷款"),
    Category.AFTER_SALE.value: N_("成交以后：文书、过户、交付"),
    Category.OTHER.value: N_("其他"),
}
FIRST: dict[str, str] = {
    Category.ROOM.value: N_(
        "现场不依赖脚本和长连接：页面会自动改为定时刷新，也可以用拍品页上的普通表单出价。您的竞买资格和已出的价不会因断线丢失。"
    ),
    Category.SIGN_IN.value: N_("密码输错只会变慢，不会锁住账户；验证器丢失的，用恢复码登录。"),
    Category.REGISTRATION.value: N_("每一次不予报名都写明规则和补救办法；转账须按页面所示备注，到账即自动获准。"),
    Category.MONEY.value: N_("未成交的保证金在竞价结束后二十四小时内自动原路退还，无须申请。"),
    Category.AFTER_SALE.value: N_("成交后的事项和日期见报名页面上的清单；文书在“我的文书”。"),
    Category.OTHER.value: N_("对标的物的疑问请在拍品页面向法院提问；对法院的行为不服的，可以提出异议。"),
}
STATES: dict[str, Named] = {
    "waiting": Named(N_("待答复"), "warn"),
    "answered": Named(N_("已答复"), "good"),
    "ended": Named(N_("已结束")),
}


def category_name(category: Category) -> str:
    """Name a category in the reader's language."""
    return _(CATEGORIES[category.value])


def within(category: Category) -> str:
    """Say within which time the house answers."""
    minutes = int(ANSWER_WITHIN[category] / timedelta(minutes=1))
    if minutes % 60:
        return _("{count}分钟内").format(count=minutes)
    return _("{count}小时内").format(count=minutes // 60)


def rows() -> list[tuple[str, str, str, str]]:
    """Give the categories: value, name, what may be tried first, time of the answer."""
    return [(one.value, category_name(one), _(FIRST[one.value]), within(one)) for one in Category]
