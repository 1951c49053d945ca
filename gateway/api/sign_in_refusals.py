"""What is refused to somebody who signs in, or changes how they do."""

from contracts.refusals import Refusal

SECOND_STEP_NEEDED = Refusal(
    "second-step-needed",
    403,
    "Only the second step of signing in can be done with this token",
    "此令牌仅可用于完成第二步登录",
    "Send the code of your authenticator, or a recovery code, to POST /v1/session/second-step.",
    "请将验证器动态码或恢复码提交至 POST /v1/session/second-step。",
)
ENROLMENT_NEEDED = Refusal(
    "second-factor-needed",
    403,
    "Your role needs a second factor before anything else",
    "您的角色须先设置第二验证因素",
    "Begin at POST /v1/second-factor and confirm with a code of your authenticator.",
    "请先通过 POST /v1/second-factor 设置，并以验证器动态码确认。",
)
STEP_NOT_DUE = Refusal(
    "step-not-due",
    403,
    "You are signed in already; there is no further step",
    "您已完成登录，无需再验证",
    "Go on with the token that you have.",
    "请继续使用现有令牌。",
)
CODE_REFUSED = Refusal(
    "code-refused",
    401,
    "The code is wrong, was used, or the account is locked",
    "验证码有误、已使用，或账号已锁定",
    "Wait for the next code and try again; after five failures the account is locked for 15 minutes.",
    "请等待下一个动态码后重试；连续失败五次后账号锁定 15 分钟。",
)
FAMILY_SIGN_IN_REFUSED = Refusal(
    "family-sign-in-refused",
    401,
    "This does not open anything: it is wrong, over, or tried too often",
    "登录凭据有误、已失效或尝试次数过多",
    "Ask a worker in the village for a new code or card.",
    "请向村级工作人员领取新的登录码或登录卡。",
)
NOT_BEGUN = Refusal(
    "second-factor-not-begun",
    409,
    "No second factor waits to be confirmed",
    "没有待确认的第二验证因素",
    "Begin at POST /v1/second-factor; it waits for a quarter of an hour.",
    "请先通过 POST /v1/second-factor 开始设置，有效期一刻钟。",
)
SIGN_IN_ANEW = Refusal(
    "sign-in-anew",
    403,
    "This needs somebody who signed in just now",
    "此操作须在刚登录后进行",
    "Sign in again and repeat it within ten minutes.",
    "请重新登录，并在十分钟内操作。",
)
PASSWORD_REFUSED = Refusal(
    "password-refused",
    403,
    "The password so far is wrong, or the account is locked",
    "原密码有误，或账号已锁定",
    "Try again; after five failures the account is locked for 15 minutes.",
    "请重试；连续失败五次后账号锁定 15 分钟。",
    ("/current",),
)
PASSWORD_SAME = Refusal(
    "password-same",
    422,
    "The new password is the one so far",
    "新密码与原密码相同",
    "Choose another one.",
    "请另选密码。",
    ("/new",),
)
DELEGATION_OVER = Refusal(
    "delegation-over",
    403,
    "You do not stand in for anybody under this delegation today",
    "您今日不在该代理授权范围内",
    "GET /v1/delegations lists those that you were given, and their days.",
    "可通过 GET /v1/delegations 查看您获得的代理授权及其起止日期。",
)
DELEGATION_INVALID = Refusal(
    "delegation-invalid",
    422,
    "The header Kith-Delegation names no delegation",
    "请求头 Kith-Delegation 格式有误",
    "Send the id of a delegation, or leave it out.",
    "请填写代理授权编号，或不提供。",
)
