"""What can be wrong in a helper register, and what to do about it."""

from collections.abc import Mapping
from enum import StrEnum

from chassis.workbook import Fix
from chassis.workbook_guard import REMEDIES


class ProblemCode(StrEnum):
    """The reason codes of the helper register."""

    ID_CHECKSUM = "id-checksum"
    VILLAGE_UNKNOWN = "village-unknown"
    VILLAGE_AMBIGUOUS = "village-ambiguous"
    KIND_UNKNOWN = "kind-unknown"
    CAPACITY_INVALID = "capacity-invalid"
    PHONE_INVALID = "phone-invalid"
    NAME_MISSING = "name-missing"
    NUMBER_MISSING = "number-missing"
    DATE_INVALID = "date-invalid"
    DUPLICATE_IN_FILE = "duplicate-in-file"


FIXES: Mapping[str, Fix] = {
    ProblemCode.ID_CHECKSUM: Fix(
        "身份证号有误：请按“文本”格式照身份证逐位核对。",
        "The identity number is wrong: type it as text and compare it with the card digit by digit.",
    ),
    ProblemCode.VILLAGE_UNKNOWN: Fix(
        "本县没有这个村名：请填写现行的村（社区）全名。",
        "The county has no village of this name: write the current full name.",
    ),
    ProblemCode.VILLAGE_AMBIGUOUS: Fix(
        "两个乡镇都有这个村名：请在所属单位中写明乡镇。",
        "Two townships have a village of this name: name the township in the unit.",
    ),
    ProblemCode.KIND_UNKNOWN: Fix(
        "类型不在表内：请填写兵儿子、团儿女、邻里、致富带头人、志愿者、爱心妈妈或包保干部。",
        "The kind is not on the list: write one of 兵儿子, 团儿女, 邻里, 致富带头人, 志愿者, 爱心妈妈, 包保干部.",
    ),
    ProblemCode.CAPACITY_INVALID: Fix(
        "可结对户数须为1以上的整数。", "Write how many households as a whole number, 1 or more."
    ),
    ProblemCode.PHONE_INVALID: Fix(
        "请填写11位手机号；没有手机的请留空。",
        "Write an 11-digit mobile number; leave it empty if there is none.",
    ),
    ProblemCode.NAME_MISSING: Fix("请填写姓名。", "Fill in the name."),
    ProblemCode.NUMBER_MISSING: Fix("请填写编号。", "Fill in the helper's number."),
    ProblemCode.DATE_INVALID: Fix(
        "查询日期须为真实存在的日期，例如 2026-4-5；未查询的请留空。",
        "Write a day that exists, such as 2026-4-5; leave it empty if nothing was asked yet.",
    ),
    ProblemCode.DUPLICATE_IN_FILE: Fix(
        "与前面一行重复：请核对两行，删除重复的一行或更正号码。",
        "It stands in an earlier row too: compare both, delete one or correct the number.",
    ),
}

REFUSED_FIXES: Mapping[str, Fix] = {
    **REMEDIES,
    "header-unknown": Fix(
        "没有找到登记表表头，或表头缺少必填栏目：请使用县里下发的登记表。",
        "The register's header was not found, or a heading is missing: use the form that the county sent out.",
    ),
    "internal": Fix("系统内部出错，请告知运维人员。", "Something went wrong on our side: tell the operator."),
}
"""What to do about a register that was refused as a whole."""
