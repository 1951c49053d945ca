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
