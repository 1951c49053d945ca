"""What the office refuses."""

from contracts.refusals import Refusal

USERNAME_TAKEN = Refusal(
    "username-taken",
    409,
    "There is an account of this name",
    "该用户名已存在",
    "Choose another name.",
    "请换一个用户名。",
    ("/username",),
)
ROLES_EXCLUDE = Refusal(
    "roles-exclude-each-other",
    422,
    "Nobody is both operator and auditor",
    "运维人员与审计人员不得由同一账号兼任",
    "Make an account for each.",
    "请分别建立账号。",
    ("/roles",),
)
ROLE_NOT_GIVEN = Refusal(
    "role-not-given",
    422,
    "This role is not given to accounts",
    "账号不能使用此角色",
    "Choose from the roles that are listed.",
    "请从所列角色中选择。",
    ("/roles",),
)
SUBJECT_MISSING = Refusal(
    "subject-missing",
    422,
    "A helper's or family member's account names the helper or household",
    "结对人员或家庭成员账号须指明其对应的人员或家庭",
    "Send subject_id.",
    "请填写 subject_id。",
    ("/subject_id",),
)
IDENTITY_TAKEN = Refusal(
    "identity-taken",
    409,
    "This identity opens an account already",
    "该身份已关联其他账号",
    "Unlink it there first.",
    "请先在原账号解除关联。",
    ("/subject",),
)
ISSUER_UNKNOWN = Refusal(
    "issuer-unknown",
    422,
    "This is not the identity provider of this installation",
    "该签发方不是本系统所用的身份认证服务",
    "Send the issuer exactly as KITH_OIDC_ISSUER names it.",
    "请填写与 KITH_OIDC_ISSUER 完全一致的签发方。",
    ("/issuer",),
)
NO_PARTNER = Refusal(
    "not-a-partner",
    422,
    "Keys are for open accounts whose only role is partner",
    "密钥仅发给角色仅为协作方且有效的账号",
    "Make an account of its own for the partner.",
    "请为协作方单独建立账号。",
    ("/account_id",),
)
SCOPE_NOT_FOR_PARTNERS = Refusal(
    "scope-not-for-partners",
    422,
    "A partner's key cannot be given these scopes",
    "协作方密钥不能获得这些权限范围",
    "Leave out what `refused` lists; `grantable` lists what can be given.",
    "请去掉 refused 所列范围；可授予范围见 grantable。",
    ("/scopes",),
)
KEY_TOO_LONG = Refusal(
    "key-validity",
    422,
    "A key is valid from today for a year at most",
    "密钥有效期自今日起最长一年",
    "Choose an earlier day; a key can be rotated before it ends.",
    "请选择更早的日期；到期前可更换密钥。",
    ("/valid_until",),
)
KEY_OVER = Refusal(
    "key-over",
    409,
    "This key does not count any longer",
    "该密钥已失效",
    "Make a new key.",
    "请新建密钥。",
)
SAME_PERSON = Refusal(
    "same-person",
    403,
    "This needs somebody else than whoever had a part in it",
    "须由未参与此事的其他人办理",
    "Ask somebody who holds one of the roles and neither stands in for you nor you for them.",
    "请由具备相应角色且与您没有代理关系的其他人员办理。",
)
DECIDED_ALREADY = Refusal(
    "decided-already",
    409,
    "This does not wait for anybody any longer",
    "此事项已不再等待审批",
    "Look at what came of it; if it is still wanted, ask anew.",
    "请查看处理结果；如仍需办理，请重新提交。",
)
TOO_MANY_WAIT = Refusal(
    "too-many-wait",
    409,
    "Too much that you asked for waits for a second person already",
    "您提交的待双人审批事项过多",
    "Take back what is no longer wanted, or have somebody decide it first.",
    "请撤回不再需要的事项，或先请他人审批。",
)
NO_EMERGENCY = Refusal(
    "no-emergency",
    403,
    "You have no emergency open",
    "您没有正在进行的应急查阅",
    "If somebody is in danger, open one at POST /v1/emergencies; it takes effect at once.",
    "如有人处于危险，请通过 POST /v1/emergencies 开启，立即生效。",
)
EMERGENCY_OPEN = Refusal(
    "emergency-open",
    409,
    "An emergency of yours is open already",
    "您已有正在进行的应急查阅",
    "Use it, or end it and open another.",
    "请继续使用，或先结束后再开启。",
)
EMERGENCY_NOT_OVER = Refusal(
    "emergency-not-over",
    409,
    "An emergency is reviewed once it is over",
    "应急查阅结束后方可复核",
    "End it first, or wait until it ends by itself.",
    "请先结束，或等其自动结束。",
)
EMERGENCY_OVER = Refusal(
    "emergency-over",
    409,
    "This emergency is over",
    "该应急查阅已结束",
    "Nothing more to do.",
    "无需再办。",
)
EMERGENCY_UNREVIEWED = Refusal(
    "emergency-unreviewed",
    409,
    "An earlier emergency of yours was not reviewed in time",
    "您此前的应急查阅逾期未复核",
    "Ask the working group or an auditor to review it now; somebody else may open one meanwhile. Whatever you report is taken in.",
    "请联系工作专班或审计人员立即复核；其间可由其他人员开启。您上报的事项照常受理。",
)
REVIEWED_ALREADY = Refusal(
    "reviewed-already",
    409,
    "This was reviewed already",
    "此事项已复核",
    "What the review found stands.",
    "以已有复核结论为准。",
)
TOO_LONG = Refusal(
    "emergency-too-long",
    422,
    "An emergency does not last that long here",
    "应急查阅时长超出本地上限",
    "Ask for fewer hours, or leave them out.",
    "请减少时长，或不填写。",
    ("/hours",),
)
RULE_UNKNOWN = Refusal(
    "rule-unknown",
    404,
    "There is no rule of this id",
    "没有此编号的规则",
    "GET /v1/rules lists them.",
    "规则列表见 GET /v1/rules。",
    ("/rule_id",),
)
RULE_OVER_CARE = Refusal(
    "rule-over-care",
    422,
    "Care is never held back: this rule may record or warn, not enforce",
    "关怀事项一律受理：该规则只能记录或提醒，不得强制",
    "Choose audit or warn.",
    "请选择“记录”或“提醒”。",
    ("/mode",),
)
MODE_TOO_EARLY = Refusal(
    "mode-too-early",
    409,
    "A rule is enforced after 14 days in audit",
    "规则须先记录观察满 14 天方可强制执行",
    "Wait, or send before_its_time: somebody else then has to agree.",
    "请等待；如须提前，请填写 before_its_time，由另一人同意。",
    ("/mode",),
)
EXEMPTION_OF_ALL = Refusal(
    "exemption-of-all",
    422,
    "An exemption is for an area or for one thing",
    "豁免须限于某一区划或某一对象",
    "Send area_code, entity_id or both; to set a rule aside for all, change its mode.",
    "请填写 area_code 或 entity_id；如对全部停用，请改变规则的模式。",
    ("/area_code", "/entity_id"),
)
EXEMPTION_ENDS_WRONG = Refusal(
    "exemption-ends-wrong",
    422,
    "An exemption ends between today and 90 days from now",
    "豁免截止日须在今天至 90 天之内",
    "Choose an earlier day; it can be granted anew.",
    "请选择更早的日期；到期后可重新批准。",
    ("/until",),
)
