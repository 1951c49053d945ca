"""What the front door itself refuses."""

from contracts.refusals import Refusal

SIGN_IN_NEEDED = Refusal(
    "sign-in-needed",
    401,
    "You are not signed in",
    "尚未登录",
    "Sign in at POST /v1/session and send the token as Authorization: Bearer.",
    "请先通过 POST /v1/session 登录，并以 Authorization: Bearer 携带令牌。",
)
SIGN_IN_REFUSED = Refusal(
    "sign-in-refused",
    401,
    "User name or password is wrong, or the account is locked",
    "用户名或密码有误，或账号已锁定",
    "Try again; after five failures the account is locked for 15 minutes.",
    "请重试；连续失败五次后账号锁定 15 分钟。",
)
SCOPE_MISSING = Refusal(
    "scope-missing",
    403,
    "This key is not for this operation",
    "该密钥不含此操作的权限范围",
    "The key needs the scope that `scope` names; ask the operator for a key that has it.",
    "所需权限范围见 scope；请向运维人员申请含该范围的密钥。",
)
OIDC_OFF = Refusal(
    "oidc-not-set-up",
    404,
    "This installation has no identity provider of its own",
    "本系统未接入身份认证服务",
    "Sign in at POST /v1/session.",
    "请通过 POST /v1/session 登录。",
)
OIDC_AWAY = Refusal(
    "oidc-unavailable",
    503,
    "The identity provider does not answer as it should",
    "身份认证服务暂时无法使用",
    "Try again shortly, or sign in at POST /v1/session.",
    "请稍后再试，或通过 POST /v1/session 登录。",
)
OIDC_REFUSED = Refusal(
    "oidc-refused",
    401,
    "This sign-in at the identity provider does not count",
    "此次身份认证无效",
    "Begin again at GET /v1/oidc/start, in the same browser and within ten minutes.",
    "请在同一浏览器中从 GET /v1/oidc/start 重新开始，并在十分钟内完成。",
)
IDENTITY_UNKNOWN = Refusal(
    "identity-not-linked",
    403,
    "The identity provider knows you, but you have no account here",
    "身份认证已通过，但未关联本系统账号",
    "Ask the operator to link your identity to your account.",
    "请联系运维人员将您的身份关联到账号。",
)
KEY_NEEDED = Refusal(
    "partner-key-needed",
    403,
    "This is asked with a partner's key",
    "此查询须使用协作方密钥",
    "Send the key as Authorization: Bearer.",
    "请以 Authorization: Bearer 携带密钥。",
)
UNKNOWN_ADDRESS = Refusal(
    "unknown-address",
    404,
    "There is nothing at this address",
    "没有此地址",
    "The operations are listed at /openapi.json.",
    "可用操作见 /openapi.json。",
)
WRONG_METHOD = Refusal(
    "wrong-method",
    405,
    "This address does not take this method",
    "此地址不支持该方法",
    "The header Allow names the methods that it takes.",
    "响应头 Allow 列出所支持的方法。",
)
BODY_TOO_LARGE = Refusal(
    "body-too-large",
    413,
    "More was sent than is taken in at once",
    "提交内容过大",
    "Send less, or split it.",
    "请减少内容或分批提交。",
)
STALLED = Refusal(
    "upload-stalled",
    408,
    "Nothing more of the file came in for too long",
    "文件传输中断时间过长",
    "Upload it again; with a weak connection, split the workbook by village.",
    "请重新上传；网络不佳时可按村拆分工作簿。",
)
WRONG_MEDIA_TYPE = Refusal(
    "wrong-media-type",
    415,
    "This media type is not read here",
    "不支持该内容类型",
    "Send the Content-Type that the operation names.",
    "请使用该操作所列的 Content-Type。",
)
CONDITION_NOT_TAKEN = Refusal(
    "if-match-not-taken",
    422,
    "This operation cannot be made to depend on a version",
    "此操作不支持按版本校验",
    "Leave out the header If-Match; it is for operations that edit what has an ETag with a version.",
    "请去掉请求头 If-Match；它只用于修改带版本 ETag 的资源。",
)
NOT_JSON = Refusal(
    "not-json",
    422,
    "The body is not a JSON object that can be read",
    "内容不是可读取的 JSON 对象",
    "Send one JSON object in UTF-8, without NaN, control characters or numbers beyond 64 bits.",
    "请提交 UTF-8 编码的 JSON 对象，不得含 NaN、控制字符或超出 64 位的数字。",
)
TOO_DEEP = Refusal(
    "too-deep",
    422,
    "The body is nested too deeply",
    "内容嵌套过深",
    "Nest at most 64 levels.",
    "嵌套不得超过 64 层。",
)
KEY_INVALID = Refusal(
    "idempotency-key-invalid",
    422,
    "The header Idempotency-Key cannot be used",
    "请求头 Idempotency-Key 无效",
    "Send 1 to 128 printable ASCII characters, or leave it out.",
    "请使用 1 至 128 个可打印 ASCII 字符，或不提供。",
)
PURPOSE_UNKNOWN = Refusal(
    "purpose-unknown",
    422,
    "The header Kith-Purpose names no purpose that is known",
    "请求头 Kith-Purpose 所写用途不在列表内",
    "Use one of the purposes that are listed.",
    "请使用所列用途之一。",
)
TOO_MANY = Refusal(
    "too-many-requests",
    429,
    "Too many requests in a short time",
    "短时间内请求过多",
    "Wait for as long as the header Retry-After says.",
    "请按响应头 Retry-After 所示时间等待。",
)
ADMISSION_WAITS = Refusal(
    "admission-unavailable",
    503,
    "The rules cannot be judged now",
    "暂时无法按规则审核",
    "Try again shortly.",
    "请稍后再试。",
)
ADMISSION_DENIED = Refusal(
    "admission-denied",
    422,
    "A rule does not let this through",
    "不符合规则",
)
TAKEN_BACK = Refusal(
    "taken-back",
    409,
    "Taken back before it was delivered",
    "送达之前已被撤回",
    "The later withdrawal counts; nothing more to do.",
    "以后来的撤回为准，无需再办。",
)
UNREADABLE = Refusal(
    "intake-unreadable",
    500,
    "What was kept can no longer be opened",
    "所保存的内容已无法读取",
    "Send it again; give the operator the intake id.",
    "请重新提交，并将编号告知运维人员。",
)
RULES_REFUSED = Refusal(
    "rules-refused",
    422,
    "The rule file cannot be used",
    "规则文件无法使用",
    "Mend what `problems` names; docs/rules.md tells what a rule may say.",
    "请按 problems 所列修改；规则写法见 docs/rules.md。",
)
