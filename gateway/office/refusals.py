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
