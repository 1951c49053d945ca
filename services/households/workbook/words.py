"""The words of the survey form: headings, relations, categories, answers."""

from services.households.model import CareCategory, ConsentPurpose, Relation, Sex

HEADINGS = {
    "no": "户编号 户号 家庭编号",
    "headname": "户主 户主姓名",
    "village": "所属村",
    "name": "姓名 家庭成员姓名",
    "relation": "与户主关系",
    "sex": "性别",
    "nation": "民族",
    "id": "身份证号 身份证号码 公民身份号码",
    "birth": "出生日期 出生年月日",
    "hukou": "户籍地 户籍所在地",
    "phone": "联系电话 手机号 电话",
    "category": "家庭类别 关怀类别",
    "health": "健康/残疾 健康（残疾）状况",
    "need": "需求 主要需求",
    "filled": "填表日期 调查日期",
}
GROUPS = {
    "现居住地 现居住地址": {"home": "地址 详细地址", "home_since": "何时起居住 居住起始"},
    "外出务工 外出务工情况": {
        "away": "是否外出 是/否",
        "place": "地点 外出地点",
        "since": "起始 起始时间",
        "back": "预计返乡 返乡时间",
    },
    "同意事项 本人同意事项": {
        "c_pairing": "结对 结对帮扶",
        "c_visits": "上门 上门探访",
        "c_referral": "转介 转介服务",
        "c_messages": "短信 短信通知",
    },
}
FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings.split()} | {
    f"{group}/{sub}": field
    for groups, fields in GROUPS.items()
    for group in groups.split()
    for field, subs in fields.items()
    for sub in subs.split()
}
REQUIRED = frozenset({"no", "name", "relation", "id", "category", "filled"})
TITLE = r"(.+?)[0-9]{4}年生育关怀家庭调查表"
TOTALS = frozenset({"合计", "小计"})
SIGNATURE = "签字"
FILLED_IN_BY = "填报单位"
SAME_AS_ABOVE = "同上"

RELATIONS = {
    word: relation
    for relation, words in {
        Relation.HEAD: "户主",
        Relation.SPOUSE: "妻 妻子 夫 丈夫 配偶",
        Relation.CHILD: "子 儿子 长子 次子 女 女儿 长女 次女",
        Relation.CHILD_IN_LAW: "儿媳 儿媳妇 女婿",
        Relation.PARENT: "父 父亲 母 母亲",
        Relation.GRANDCHILD: "孙 孙子 孙女 外孙 外孙女",
    }.items()
    for word in words.split()
}
CATEGORIES = {
    word: category
    for category, words in {
        CareCategory.FAMILY_PLANNING: "计划生育家庭 计生家庭 计生户 独生子女户",
        CareCategory.GIRL: "女孩户 女孩家庭 双女户 独女户",
        CareCategory.HARDSHIP: "困难户 低保户 困难家庭 计生困难家庭 低保",
        CareCategory.ELDERLY: "老年人 老年家庭 老年户",
        CareCategory.EMPTY_NEST: "空巢老人 空巢 空巢家庭 空巢户",
        CareCategory.TEMPORARILY_EMPTY_NEST: "阶段性空巢 阶段性空巢家庭 临时空巢",
        CareCategory.DISABLED_ONLY_CHILD: "独生子女伤残 伤残独生子女家庭 独生子女伤残家庭",
        CareCategory.LOST_ONLY_CHILD: "失独 失独家庭 独生子女死亡家庭",
        CareCategory.MIGRANT: "流动 流动人口 流动人口家庭",
        CareCategory.LEFT_BEHIND_CHILD: "留守儿童",
        CareCategory.LEFT_BEHIND_WOMAN: "留守妇女",
        CareCategory.LEFT_BEHIND_ELDER: "留守老人",
    }.items()
    for word in words.split()
}
SEXES = {"男": Sex.MALE, "女": Sex.FEMALE}
SAID_AWAY = "是"
NO_RETURN = frozenset({"", "不返"})
YES = frozenset({"是", "√", "同意"})
"""Whatever is not a clear yes is a no (L1)."""

CONSENT_FIELDS = {
    "c_pairing": ConsentPurpose.PAIRING,
    "c_visits": ConsentPurpose.VISITS,
    "c_referral": ConsentPurpose.REFERRAL,
    "c_messages": ConsentPurpose.MESSAGES,
}
NONE = "无"
