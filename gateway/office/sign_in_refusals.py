"""What the office refuses about who stands in for whom, and how families sign in."""

from contracts.refusals import Refusal

PERSONALLY = Refusal(
    "only-personally",
    403,
    "Nobody does this for somebody else",
    "此操作须本人办理",
    "The person signs in and does it themselves.",
    "请由本人登录办理。",
)
ROLES_NOT_YOURS = Refusal(
    "roles-not-yours",
    422,
    "You can pass on only roles that you hold yourself",
    "只能授权您本人拥有的角色",
    "Name roles of your own account.",
    "请填写您本人账号的角色。",
    ("/roles",),
)
DAYS_NOT_ALLOWED = Refusal(
    "days-not-allowed",
    422,
    "A delegation begins today or later, ends, and is not longer than is allowed",
    "代理授权须自今日或以后开始，有截止日期，且不超过允许的期限",
    "Choose other days; more.most_days tells how many there may be.",
    "请另选日期；more.most_days 为最长天数。",
    ("/first_day", "/last_day"),
)
NOT_A_STAND_IN = Refusal(
    "not-a-stand-in",
    422,
    "This account cannot stand in for you",
    "该账号不能代理",
    "Choose an active account of a worker or officer in your area, other than your own.",
    "请选择本辖区内其他在用的工作人员账号。",
    ("/to_account_id",),
)
