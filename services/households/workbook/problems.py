"""What can be wrong in a survey workbook, and what to do about it."""

from collections.abc import Mapping
from enum import StrEnum

from chassis.workbook import Fix


class ProblemCode(StrEnum):
    """The reason codes of the survey form."""

    ID_MISSING = "id-missing"
    ID_AS_NUMBER = "id-as-number"
    ID_CHECKSUM = "id-checksum"
    BIRTH_MISMATCH = "birth-mismatch"
    DATE_INVALID = "date-invalid"
    VILLAGE_UNKNOWN = "village-unknown"
    CATEGORY_UNKNOWN = "category-unknown"
    PHONE_INVALID = "phone-invalid"
    NAME_MISSING = "name-missing"
    DUPLICATE_IN_FILE = "duplicate-in-file"
    RELATION_MISSING_HEAD = "relation-missing-head"
    AGE_CATEGORY_CONFLICT = "age-category-conflict"


WHOLE_FIXES: Mapping[str, Fix] = {
    "header-unknown": Fix(
        "没有找到调查表表头，或表头缺少必填栏目：请使用县里下发的《生育关怀家庭调查表》。",
        "No sheet has the survey's header, or a heading is missing: use the form that the county sent out.",
    ),
    "township-unknown": Fix(
        "标题中的乡镇不属于本县：请按“乡镇名+年份+生育关怀家庭调查表”填写标题。",
        "The title names no township of this county: write “<township><year>年生育关怀家庭调查表”.",
    ),
}
"""What to do about a workbook that is not this county's survey."""

FIXES: Mapping[str, Fix] = {
    ProblemCode.ID_MISSING: Fix(
        "请填写18位身份证号；没有证件的请先到派出所办理。",
        "Fill in the 18-character identity number; without a card, ask the police station for one first.",
    ),
    ProblemCode.ID_AS_NUMBER: Fix(
        "末几位已丢失：请先把该列设为“文本”格式，再照身份证重新输入。",
        "Its last digits are lost: format the column as text, then type the number again from the card.",
    ),
    ProblemCode.ID_CHECKSUM: Fix(
        "号码有误：请对照身份证逐位核对（17位数字加1位校验码）。",
        "The number is wrong: compare it with the card digit by digit (17 digits and a check character).",
    ),
    ProblemCode.BIRTH_MISMATCH: Fix(
        "出生日期与身份证号不一致：请对照身份证更正其中有误的一项。",
        "The birth date differs from the identity number's: correct the one that differs from the card.",
    ),
    ProblemCode.DATE_INVALID: Fix(
        "请写成真实存在的日期，例如 2026-4-5；不清楚的请留空。",
        "Write a day that exists, such as 2026-4-5; leave it empty if it is not known.",
    ),
    ProblemCode.VILLAGE_UNKNOWN: Fix(
        "本乡镇没有这个村名：请填写现行的村（社区）全名。",
        "The township has no village of this name: write the current full name.",
    ),
    ProblemCode.CATEGORY_UNKNOWN: Fix(
        "有类别不在表内：请改用填表说明中的类别名称，没有则留空。",
        "A category is not on the list: use the names of the form, or leave it empty.",
    ),
    ProblemCode.PHONE_INVALID: Fix(
        "请填写11位手机号；没有手机的请留空。",
        "Write an 11-digit mobile number; leave it empty if there is none.",
    ),
    ProblemCode.NAME_MISSING: Fix("请填写姓名。", "Fill in the name."),
    ProblemCode.DUPLICATE_IN_FILE: Fix(
        "同一身份证号在前面已出现：请核对两行，删除重复的一行或更正号码。",
        "The same number stands in an earlier row: compare both, delete one or correct the number.",
    ),
    ProblemCode.RELATION_MISSING_HEAD: Fix(
        "本户没有“户主”：请在与户主关系栏标明一人为户主。",
        "Nobody in the household is its head: mark one member as 户主.",
    ),
    ProblemCode.AGE_CATEGORY_CONFLICT: Fix(
        "所填类别与家庭成员年龄不符：请核对类别或出生日期。",
        "The category does not fit anybody's age: check the category or the birth dates.",
    ),
}
