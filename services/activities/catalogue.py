"""The six carriers of requirement A1, as data. A new carrier is one entry here and one code in contracts."""

from typing import Final

from contracts.activities import Strand
from contracts.codes import Carrier, UnitKind
from services.activities.model import Programme

PROGRAMMES: Final = (
    Programme(
        Carrier.ARMY_CIVILIAN,
        "Army and civilians together",
        "军民共建",
        (
            Strand(name_en="Kin of the household, warmth for lonely hearts", name_zh="结国策亲戚·暖孤独之心"),
            Strand(name_en="Walking hand in hand", name_zh="携手同行"),
            Strand(name_en="Two sides manage, two sides help", name_zh="双管双助"),
        ),
        UnitKind.FAMILY_PLANNING_ASSOCIATION,
        (UnitKind.VILLAGE_ASSOCIATION, UnitKind.COMPREHENSIVE_GOVERNANCE),
    ),
    Programme(
        Carrier.NEIGHBOUR_KINSHIP,
        "Neighbours become kin",
        "结邻里亲",
        (),
        UnitKind.FAMILY_PLANNING_ASSOCIATION,
        (UnitKind.VILLAGE_ASSOCIATION, UnitKind.COMPREHENSIVE_GOVERNANCE),
    ),
    Programme(
        Carrier.CARING_FOR_GIRLS,
        "Caring for girls",
        "关爱女孩",
        (),
        UnitKind.FAMILY_PLANNING_OFFICE,
        (UnitKind.HEALTH_CENTRE, UnitKind.POLICE_STATION),
    ),
    Programme(
        Carrier.HEALTHY_BIRTH,
        "Healthy-birth services",
        "优生优育",
        (),
        UnitKind.FAMILY_PLANNING_OFFICE,
        (UnitKind.VILLAGE_STATION,),
    ),
    Programme(
        Carrier.HAPPY_FAMILY,
        "Happy family",
        "幸福家庭",
        (
            Strand(name_en="Civility", name_zh="文明"),
            Strand(name_en="Health", name_zh="健康"),
            Strand(name_en="Good birth", name_zh="优生"),
            Strand(name_en="Prosperity", name_zh="致富"),
            Strand(name_en="Giving", name_zh="奉献"),
        ),
        UnitKind.FAMILY_PLANNING_OFFICE,
        (UnitKind.RADIO_STATION,),
    ),
    Programme(
        Carrier.LEFT_BEHIND_CARE,
        "Care for those left behind",
        "三留关爱",
        (
            Strand(name_en="Left-behind children", name_zh="留守儿童"),
            Strand(name_en="Left-behind women", name_zh="留守妇女"),
            Strand(name_en="Left-behind elders", name_zh="留守老人"),
        ),
        UnitKind.FAMILY_PLANNING_ASSOCIATION,
        (UnitKind.VILLAGE_ASSOCIATION,),
    ),
)
