"""What the pairing service may refuse, beside what the model says itself."""

from contracts.refusals import Refusal

IMPORT_NOT_CHECKED = Refusal(
    "import-not-checked",
    409,
    "This import has not been checked, or was refused",
    "该导入尚未检查或已被退回",
    "Wait until it is checked; if it was refused, upload the corrected file.",
    "请等待检查完成；如被退回，请更正后重新上传。",
)
HELPER_HAS_LEFT = Refusal(
    "helper-has-left",
    409,
    "This helper has left",
    "该帮扶人已离开",
    "Read the pair again: someone else is being looked for.",
    "请重新查看结对状态：正在为该家庭寻找新的帮扶人。",
)
HELPER_NOT_CLEARED = Refusal(
    "helper-not-cleared",
    409,
    "A minor lives in the house, and the helper has no valid clearance",
    "家中有未成年人，而该帮扶人无有效的从业查询",
    "Have the clearance renewed, or choose another helper.",
    "请先办理从业查询，或另选帮扶人。",
)
NO_SLOT_LEFT = Refusal(
    "helper-no-slot-left",
    409,
    "The helper stands by as many households as they can",
    "该帮扶人结对户数已满",
    "Choose another helper.",
    "请另选帮扶人。",
)
