"""Makes the two fonts of printed papers: a variable font, cut to what Chinese papers need, one file a weight."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import justmytype_intl_cjk
from django.conf import settings
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from ledgers.fonts import FAMILY, WEIGHTS, font_file

# Latin with accents, punctuation, arrows, circled and squared signs, full-width forms.
RANGES = (
    (0x20, 0x250), (0x2000, 0x2070), (0x20A0, 0x20C0), (0x2100, 0x2200), (0x2460, 0x2500), (0x25A0, 0x2600),
    (0x3000, 0x3030), (0x3300, 0x3400), (0xFF00, 0xFFF0),
)  # fmt: skip
# Of no use in GB 2312, but people, shops, dishes and fish are called so.
NAMES = (
    "䶮镕堃𬬮喆玥翀祎珺昇旸昉旻晞晟暟曈曌朤栢桉梽棽楠榕檑歆汭沄泓浠浔淏湉湜溦滢滟漪澍濛炀炜烜烨焜焱煊煜熠燊犇猷玎"
    "玏玘玙玚玠玢玥玹珂珅珈珉珏珑珝珣珩珮珺琀琇琎琚琛琤琨琬琭琮琰琲瑀瑄瑅瑆瑗瑛瑢瑨瑭瑱璁璆璇璈璐璘璟璠璨璩甯畑皛皞皓盨睿"
    "砜祜祎祺禔禛禤禹稑穸竑竣筠筱箬簃粿糍纮绂绤绮绯缇羕羲翊翙翚翯聿舸芃芮芷苒苳茜茹荃荞莘莯菀菓菘萩葳蓁蓉蔓蕙蕤薇薷蘅"
    "虓蛘蜊蚬蝤蠔袆裎褀訚詠誉诜诩诹谌谞豸贇赟赪趱轩辂逄郗鄢鄩鄯酆醅醪釉釺鈊鉴鋐錡鎏鎔鑫钊钘钭钰铉铖铠锜锳镝镠閎闫阚陞陟雱"
    "霈霏韫韪頔颀颋颢飏餸饹饸馃馓馔骁骅骉骐骢骦骧魃鮟鱇鮰鲃鲅鲌鲏鲖鲢鲬鲮鲯鲳鲷鲹鲻鲾鳀鳂鳌鳐鳕鳙鳚鳡鳢鳤鹀鹮麃麴黟龢龑囍"
    "垚垲埇埕墘墉壵奡妘妧妤姮娓娈婠婳嫄嬿孖孚宓寔尛岍岚峣峤崀崟嵊嵘嶒巟巽帔帨庠廙弢彧忞怿恂惇惢愔慜懋懿戬扆抟拏揆擎"
    "攸敉敔敫斝斓昀昃昕昳晁晗侃俣俶倓倞偲僖僳儁冏冕冼凃勍勖勰厙叒叕吡咁咗咥哒哚哿啱唻喁嗦嘢嘏嚒粘麽乸亓亘亶仉仝仡伋伣"
)  # fmt: skip


def build_fonts() -> bool:
    """Build what is missing or was cut for other characters, about ten seconds; returns whether anything was built.

    Whoever prints meanwhile finds the old fonts or none, never half a file: each is moved into place when it is whole.
    """
    characters = wanted_characters()
    stamp = Path(settings.FONT_ROOT) / "characters.sha256"
    digest = hashlib.sha256("".join(map(chr, sorted(characters))).encode()).hexdigest()
    whole = all(font_file(weight).exists() for weight in WEIGHTS)
    if whole and stamp.exists() and stamp.read_text("ascii") == digest:
        return False
    stamp.parent.mkdir(parents=True, exist_ok=True)
    cut = _cut(characters)
    for weight, thickness in WEIGHTS.items():
        _put(font_file(weight), _instance(cut, weight, thickness))
    _put(stamp, digest.encode("ascii"))
    return True


def wanted_characters() -> set[int]:
    """Code points: GB 2312, the signs of a paper, rare names, and whatever the house's own messages use."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    wanted = {ord(character) for pair in pairs for character in pair.decode("gb2312", "ignore")}
    wanted.update(*(range(*limits) for limits in RANGES), map(ord, NAMES))
    for catalogue in (path for root in settings.LOCALE_PATHS for path in Path(root).rglob("*.po")):
        wanted.update(map(ord, catalogue.read_text("utf-8")))
    return {point for point in wanted if not chr(point).isspace() or point == ord(" ")}


def _cut(characters: set[int]) -> bytes:
    """The variable font with only these characters, without the layout rules that a PDF writer does not read."""
    fonts = Path(justmytype_intl_cjk.__file__).parent
    options = Options(layout_features=[], name_IDs=["*"], notdef_outline=True)
    with TTFont(next(fonts.rglob("NotoSansSC*wght*.ttf"))) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(font)
        return _saved(font)


def _instance(variable: bytes, weight: str, thickness: int) -> bytes:
    """One weight of the font under a name of its own: a PDF embeds only the first of two fonts of one name."""
    with TTFont(io.BytesIO(variable)) as font:
        instantiateVariableFont(font, {"wght": thickness}, inplace=True)
        names = {1: f"{FAMILY} Sans {weight}", 4: f"{FAMILY} Sans {weight}", 6: f"{FAMILY}Sans-{weight}"}
        for record in font["name"].names:
            record.string = names.get(record.nameID, record.string)
        return _saved(font)


def _saved(font: TTFont) -> bytes:
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def _put(path: Path, content: bytes) -> None:
    """Write beside it, then move: two processes that build at once do the work twice and harm nobody."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_bytes(content)
    draft.replace(path)
