"""Expected refusals: values with a code, a status and a sentence that says what to do next."""

from dataclasses import dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True)
class Refusal:
    """Why something was not done. Pages no one; travels over RPC; becomes problem details over HTTP.

    `pointers` are JSON pointers into the request body. `detail_*` and `remedy_*` never hold personal data.
    """

    code: str
    status: int
    title_en: str
    title_zh: str
    remedy_en: str = ""
    remedy_zh: str = ""
    pointers: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def at(self, *pointers: str) -> Self:
        """The same refusal, pointing at fields of the body."""
        return replace(self, pointers=pointers)

    def with_more(self, **more: Any) -> Self:
        """The same refusal with ids and codes that help the reader."""
        return replace(self, more={**self.more, **more})

    def wire(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "code": self.code,
            "status": self.status,
            "title_en": self.title_en,
            "title_zh": self.title_zh,
            "remedy_en": self.remedy_en,
            "remedy_zh": self.remedy_zh,
            "pointers": list(self.pointers),
            "more": self.more,
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Back from `wire()`."""
        return cls(**{**wire, "pointers": tuple(wire["pointers"])})


class Refused(Exception):
    """Carries a refusal out of a use case; the transaction is rolled back, the caller gets the value."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


NOT_FOUND = Refusal(
    "not-found",
    404,
    "Not found",
    "未找到",
    "Check the id, and that it lies in your own area.",
    "请核对编号，并确认属于您的辖区。",
)
UNKNOWN_MESSAGE = Refusal("unknown-message", 404, "No such command or query", "没有此命令或查询")
BODY_INVALID = Refusal(
    "body-invalid",
    422,
    "Some fields are missing, unknown or wrong",
    "有字段缺失、多余或有误",
    "Correct the fields that the pointers name and send it again.",
    "请更正所指字段后重新提交。",
)
ROLE_MISSING = Refusal(
    "role-missing",
    403,
    "Your role does not include this",
    "您的角色不含此项权限",
    "Ask an officer who may do it.",
    "请由有权限的人员办理。",
)
PURPOSE_MISSING = Refusal(
    "purpose-missing",
    403,
    "A person's file is read only for a stated purpose",
    "查看个人档案须说明目的",
    "Send the header Kith-Purpose with a purpose that you may use.",
    "请在请求头 Kith-Purpose 中写明用途。",
)
OUT_OF_AREA = Refusal(
    "out-of-area",
    404,
    "Not found",
    "未找到",
    "Check the area code, and that it lies in your own area.",
    "请核对区划代码是否属于您的辖区。",
)
CONSENT_MISSING = Refusal(
    "consent-missing",
    409,
    "There is no consent for this purpose",
    "没有此用途的同意",
    "Ask the household; nothing is lost by saying no.",
    "请先征求家庭意见；不同意不影响任何待遇。",
)
VERDICT_REFUSED = Refusal(
    "verdict-refused",
    403,
    "The command came without a valid verdict of the gateway",
    "命令缺少网关的有效裁定",
    "Send it through the gateway.",
    "请通过网关提交。",
)
DEADLINE_PASSED = Refusal(
    "deadline-passed",
    504,
    "The deadline of the call has passed; nothing was done",
    "已过时限，未执行",
    "Send it again with the same idempotency key.",
    "请用同一幂等键重新提交。",
)
KEY_REUSED = Refusal(
    "idempotency-key-reused",
    422,
    "This idempotency key was used for another command",
    "该幂等键已用于其他命令",
    "Use a new key for a new command.",
    "新的命令请使用新的幂等键。",
)
VERSION_CONFLICT = Refusal(
    "version-conflict",
    412,
    "Somebody else changed it in the meantime",
    "期间已被他人修改",
    "Look at what changed since, read it again, then repeat your change.",
    "请查看期间的改动，重新读取后再修改。",
)
UNAVAILABLE = Refusal(
    "unavailable",
    503,
    "A part that is needed is not reachable now",
    "所需服务暂时无法连接",
    "Try again shortly.",
    "请稍后再试。",
)
INTERNAL = Refusal(
    "internal",
    500,
    "Something went wrong on our side; it is on record",
    "系统内部出错，已记录",
    "Try again; if it stays, give the operator the trace id.",
    "请重试；如仍失败，请将追踪号告知运维人员。",
)
